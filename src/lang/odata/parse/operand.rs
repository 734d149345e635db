//! What stands between operators: literals, groups, arrays, calls and paths.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::{Binary, Expr};
use crate::lang::odata::lex::Kind;
use crate::lang::odata::parse::Parser;

impl Parser<'_> {
    /// An operand, or an error node.
    pub(super) fn operand(&mut self) -> Expr {
        if self.stopped {
            return Expr::Error(self.span());
        }
        let kind = self.token.kind;
        match kind {
            Kind::Literal(shape) => self.literal(shape),
            Kind::Mark('(') => self.group(),
            Kind::Mark('[') => self.array(),
            Kind::Mark('{') => self.object(),
            Kind::Name if self.is_stray_operator() => self.no_operand(),
            Kind::Name => match self.literal_word() {
                Some(literal) => literal,
                None => self.call_or_path(),
            },
            Kind::Dollar | Kind::At => self.path_expr(),
            _ => self.no_operand(),
        }
    }

    /// Tells that an operand is missing.
    fn no_operand(&mut self) -> Expr {
        let span = self.span();
        self.expected("a value such as `Name` or `'text'`");
        self.recover();
        Expr::Error(span)
    }

    /// An operator in the place of an operand. A property may be named like one; then another operator follows, or it is a
    /// part of a path.
    fn is_stray_operator(&mut self) -> bool {
        if Binary::named(self.word()).is_none() {
            return false;
        }
        let second = self.second();
        match second.kind {
            Kind::Name => Binary::named(self.slice(second.start, second.end)).is_none(),
            Kind::Mark(mark) => !matches!(mark, '/' | ',' | ')'),
            Kind::End => false,
            _ => true,
        }
    }

    /// `( e )`.
    fn group(&mut self) -> Expr {
        // Beyond the limit nothing is read, so nothing is missing.
        let Some(opened) = self.open(')') else { return Expr::Error(self.span()) };
        if self.at_mark(')') {
            let span = self.shut(opened);
            self.report(Diagnostic::error(Code::UnexpectedToken, span, "parentheses without a value in them"));
            return Expr::Error(span);
        }
        let inside = self.expr();
        self.may_blank();
        self.after_group(&inside);
        Expr::Group(Box::new(inside), self.shut(opened))
    }

    /// A comma in parentheses, which make no list except behind `in`.
    fn after_group(&mut self, inside: &Expr) {
        if self.at_mark(',') && !matches!(inside, Expr::Error(_)) {
            let span: Span = self.span();
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, "parentheses hold one value");
            self.report(wrong.help("lists stand behind `in`; elsewhere they are arrays, such as `[1,2]`"));
            self.recover_past_commas();
        }
    }

    /// Leaves out what is left within a pair of brackets.
    pub(super) fn recover_past_commas(&mut self) {
        self.recover();
        while self.at_mark(',') || self.at_word("and") || self.at_word("or") {
            self.last = self.token.end;
            self.lex(self.token.end);
            self.recover();
        }
    }
}
