//! Expressions: operands with the operators between them, by precedence.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::{Binary, Chain, Expr, Level, LiteralKind, Op, Prefix};
use crate::lang::odata::lex::Kind;
use crate::lang::odata::mode::Habit;
use crate::lang::odata::parse::Parser;

/// What waits for the operand that is read.
enum Waiting {
    /// A chain of one level, up to its last operator.
    Chain { level: Level, chain: Chain, op: Op },
    /// `not` or `-`.
    Prefix { is_not: bool, span: Span },
}

impl Waiting {
    fn level(&self) -> Level {
        match self {
            Self::Chain { level, .. } => *level,
            Self::Prefix { .. } => Level::Prefix,
        }
    }

    /// With its operand.
    fn with(self, operand: Expr) -> Expr {
        match self {
            Self::Chain { mut chain, op, .. } => {
                chain.rest.push((op, operand));
                Expr::Chain(Box::new(chain))
            }
            Self::Prefix { is_not: true, span } => Expr::Not(Box::new(Prefix { span, operand })),
            Self::Prefix { is_not: false, span } => Expr::Negate(Box::new(Prefix { span, operand })),
        }
    }
}

impl Parser<'_> {
    /// An expression. Operators are folded in a loop, so that only brackets recurse; prefixes nest in the tree and count as
    /// depth.
    pub(super) fn expr(&mut self) -> Expr {
        let mut waiting: Vec<Waiting> = Vec::new();
        let outer = self.depth;
        loop {
            while let Some(prefix) = self.prefix() {
                self.depth += 1;
                if self.depth > self.limits.nesting {
                    self.too_deep(self.depth);
                }
                waiting.push(prefix);
            }
            let mut operand = match waiting.last() {
                Some(Waiting::Chain { op: Op { kind: Binary::In, .. }, .. }) => self.in_operand(),
                Some(Waiting::Chain { op: Op { kind: Binary::Has, .. }, .. }) => self.flag(),
                _ => self.operand(),
            };
            let Some(op) = self.operator() else {
                self.depth = outer;
                return waiting.into_iter().rev().fold(operand, |operand, waits| waits.with(operand));
            };
            let level = op.kind.level();
            while let Some(tighter) = waiting.pop_if(|waits| waits.level() > level) {
                self.depth -= usize::from(matches!(tighter, Waiting::Prefix { .. }));
                operand = tighter.with(operand);
            }
            match waiting.last_mut() {
                Some(Waiting::Chain { level: same, chain, op: before }) if *same == level => {
                    chain.rest.push((std::mem::replace(before, op), operand));
                }
                _ => waiting.push(Waiting::Chain { level, chain: Chain { first: operand, rest: Vec::new() }, op }),
            }
        }
    }

    /// `not` or `-`.
    fn prefix(&mut self) -> Option<Waiting> {
        if self.stopped {
            return None;
        }
        let is_not = self.at_word("not") && self.is_not_operator();
        if !is_not && !self.at_mark('-') {
            return None;
        }
        let token = self.bump();
        self.node();
        if is_not {
            self.must_blank();
        } else {
            self.may_blank();
        }
        Some(Waiting::Prefix { is_not, span: self.span_of(token) })
    }

    /// Whether `not` here is the operator rather than a property of that name.
    fn is_not_operator(&mut self) -> bool {
        let second = self.second();
        match second.kind {
            Kind::Name if Binary::named(self.slice(second.start, second.end)).is_some() => {
                self.is_operand_up_to(second.end)
            }
            Kind::Mark(mark) => mark != '/',
            _ => true,
        }
    }

    /// Whether what ends here and is called like an operator is a property: it goes on as a path, another operator follows, or
    /// nothing that could be an operand.
    fn is_operand_up_to(&self, end: usize) -> bool {
        let rest = self.text().get(end..).unwrap_or("");
        let behind = rest.trim_start();
        let word = behind.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        rest.starts_with('/') || behind.is_empty() || behind.starts_with([')', ',']) || Binary::named(word).is_some()
    }

    /// An operator between operands. Other languages' spellings are mistakes, but clear ones.
    fn operator(&mut self) -> Option<Op> {
        let kind = match self.token.kind {
            Kind::Name => Binary::named(self.word())?,
            Kind::Mark('=' | '!' | '<' | '>' | '&' | '|') if !self.stopped => return self.foreign_operator(),
            _ => return None,
        };
        self.must_blank();
        let token = self.bump();
        self.must_blank();
        self.node();
        Some(Op { kind, span: self.span_of(token) })
    }

    /// `=`, `!=`, `&&` and the like.
    fn foreign_operator(&mut self) -> Option<Op> {
        const SPELLINGS: [(&str, Binary); 10] = [
            ("==", Binary::Eq),
            ("!=", Binary::Ne),
            ("<>", Binary::Ne),
            ("<=", Binary::Le),
            (">=", Binary::Ge),
            ("&&", Binary::And),
            ("||", Binary::Or),
            ("=", Binary::Eq),
            ("<", Binary::Lt),
            (">", Binary::Gt),
        ];
        let rest = self.text().get(self.token.start..).unwrap_or("");
        let (spelling, kind) = SPELLINGS.into_iter().find(|(spelling, _)| rest.starts_with(spelling))?;
        let (start, end) = (self.token.start, self.token.start + spelling.len());
        let span = self.source.span(start, end);
        let wrong = Diagnostic::error(Code::UnexpectedToken, span, format!("`{spelling}` is no operator"));
        let right = kind.as_str();
        let blank = |is_there: bool| if is_there { "" } else { " " };
        let before = blank(self.token.blanks < start);
        let after = blank(rest.get(spelling.len()..).is_some_and(|rest| rest.starts_with(char::is_whitespace)));
        self.report(wrong.fix(format!("write `{right}`"), span, format!("{before}{right}{after}")));
        self.last = end;
        self.lex(end);
        self.may_blank();
        Some(Op { kind, span })
    }

    /// What `in` looks into: a list, or anything else that is a collection.
    fn in_operand(&mut self) -> Expr {
        if !self.at_mark('(') {
            return self.operand();
        }
        let Some(opened) = self.open(')') else { return Expr::Error(self.span()) };
        let mut members = Vec::new();
        while !self.at_mark(')') && !self.stopped {
            let member = self.item();
            let is_literal = matches!(member, Expr::Literal(_) | Expr::Error(_));
            // A literal in a list counts for `list_members` alone.
            self.n_nodes -= usize::from(matches!(member, Expr::Literal(_)));
            let is_group = members.is_empty() && self.at_mark(')');
            if !is_literal && !is_group {
                self.habit(Habit::ListMember, member.span(), None);
            }
            members.push(member);
            self.member(members.len());
            let comma = self.span();
            if !self.comma() {
                break;
            }
            if self.at_mark(')') {
                self.habit(Habit::LastComma, comma, None);
            }
        }
        let span = self.shut(opened);
        match <[Expr; 1]>::try_from(members) {
            // `(Path)` is in parentheses, as anywhere else.
            Ok([only]) if !matches!(only, Expr::Literal(_)) => Expr::Group(Box::new(only), span),
            Ok([only]) => Expr::List(vec![only], span),
            Err(members) => Expr::List(members, span),
        }
    }

    /// What `has` asks for.
    fn flag(&mut self) -> Expr {
        let flag = self.operand();
        let is_flag = match &flag {
            Expr::Literal(literal) => matches!(literal.kind, LiteralKind::Enum(_) | LiteralKind::String),
            Expr::Error(_) => true,
            _ => false,
        };
        if !is_flag {
            self.habit(Habit::Flag, flag.span(), None);
        }
        flag
    }

    /// An expression between commas; text behind it that belongs to nothing is told once.
    pub(super) fn item(&mut self) -> Expr {
        let expr = self.expr();
        let is_end = matches!(self.token.kind, Kind::End | Kind::Mark(',' | ')' | ']' | '}'));
        if !is_end && !matches!(expr, Expr::Error(_)) {
            self.expected("an operator, `,` or a closing bracket");
            self.recover_to_comma();
        }
        expr
    }

    /// Leaves out what is left of a member of a list.
    pub(super) fn recover_to_comma(&mut self) {
        self.recover();
        while self.at_word("and") || self.at_word("or") {
            self.last = self.token.end;
            self.lex(self.token.end);
            self.recover();
        }
    }

    /// A comma with what blanks may stand around it.
    pub(super) fn comma(&mut self) -> bool {
        if !self.at_mark(',') {
            return false;
        }
        self.may_blank();
        self.bump();
        self.may_blank();
        true
    }
}
