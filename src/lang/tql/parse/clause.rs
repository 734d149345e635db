//! One clause: a field, an operator and what it is compared with; and the arguments of lists and calls.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::tql::ast::{Argument, Call, Clause, Op, Operand, Word};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;
use crate::lang::tql::print::quoted;

impl Parser<'_> {
    /// A clause, or an error node.
    pub(super) fn clause_operand(&mut self) -> Operand {
        let start = self.span();
        self.node();
        match self.clause() {
            Some(clause) => Operand::Clause(clause),
            None => {
                self.skip_to_end_of_part();
                Operand::Error(start.to(self.last_span().to(start)))
            }
        }
    }

    fn clause(&mut self) -> Option<Clause> {
        if matches!(self.peek(0), Some(TokenKind::Word(word)) if !word.quoted)
            && self.peek(1) == Some(&TokenKind::Mark('('))
        {
            return self.call().map(Clause::Call);
        }
        if self.at_word("AND") || self.at_word("OR") {
            if !self.operator_follows() {
                self.expected("a clause");
                return None;
            }
        } else if self.at_order_by() || !matches!(self.peek(0), Some(TokenKind::Word(_))) {
            self.expected("a clause such as `Status = Passed`");
            return None;
        }
        let mut field = self.take_word()?;
        if !self.at_operator() && !field.quoted {
            field = self.field_of_several_words(field);
        }
        if self.at_word("IS") {
            return self.is_empty(field);
        }
        let Some((op, op_span)) = self.operator() else {
            self.expected(&format!("an operator for `{}`", self.shown(field.span)));
            return None;
        };
        let value = self.operand_of(op, op_span)?;
        Some(Clause::Compare { field, op, op_span, value })
    }

    /// `field IS [NOT] EMPTY|NULL`.
    fn is_empty(&mut self, field: Word) -> Option<Clause> {
        self.at += 1;
        let negated = self.at_word("NOT");
        self.at += usize::from(negated);
        if !self.at_word("EMPTY") && !self.at_word("NULL") {
            self.expected("EMPTY or NULL");
            return None;
        }
        let span = field.span.to(self.span());
        self.at += 1;
        Some(Clause::IsEmpty { field, negated, span })
    }

    /// Whether an operator comes next.
    fn at_operator(&self) -> bool {
        matches!(self.peek(0), Some(TokenKind::Op(_)))
            || ["IS", "IN", "CONTAINS", "LIKE", "EQUALS"].iter().any(|keyword| self.at_word(keyword))
            || (self.at_word("NOT") && self.is_word(1, "IN"))
            || (self.at_word("DOES") && self.is_word(1, "NOT"))
    }

    /// Bare words in front of an operator: one name that lacks its quotes.
    fn field_of_several_words(&mut self, field: Word) -> Word {
        let (start, mut end) = (self.at, field.span);
        while !self.at_operator() {
            match self.peek(0) {
                Some(TokenKind::Word(word)) if !word.quoted && !self.at_word("AND") && !self.at_word("OR") => {
                    end = word.span;
                    self.at += 1;
                }
                _ => break,
            }
        }
        if self.at == start || !self.at_operator() {
            self.at = start;
            return field;
        }
        self.unquoted(field.span.to(end))
    }

    /// Reports bare words that need quotes, and answers them as the one word that was meant.
    fn unquoted(&mut self, span: Span) -> Word {
        let meant = span.of(self.text).to_owned();
        let wrong = Diagnostic::error(Code::UnquotedWords, span, format!("`{}` needs quotes", self.shown(span)));
        self.report(wrong.help("a name or value with blanks stands in quotes").fix("add quotes", span, quoted(&meant)));
        Word { span, text: meant.into(), quoted: false, shifts: Vec::new() }
    }

    fn operator(&mut self) -> Option<(Op, Span)> {
        let span = self.span();
        if let Some(TokenKind::Op(op)) = self.peek(0) {
            let op = *op;
            self.at += 1;
            return Some(self.double_operator(op, span));
        }
        let (op, n_words) = match () {
            () if self.at_word("IN") => (Op::In, 1),
            () if self.at_word("NOT") && self.is_word(1, "IN") => (Op::NotIn, 2),
            () if self.at_word("CONTAINS") => (Op::Contains, 1),
            () if self.at_word("DOES") && self.is_word(1, "NOT") && self.is_word(2, "CONTAIN") => (Op::NotContains, 3),
            () if self.at_word("LIKE") => {
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, "LIKE is no operator");
                self.report(wrong.help("`~` searches words, with `*` and `?`").fix("write `~`", span, "~"));
                (Op::Contains, 1)
            }
            () if self.at_word("EQUALS") => {
                let wrong = Diagnostic::error(Code::UnexpectedToken, span, "EQUALS is no operator");
                self.report(wrong.fix("write `=`", span, "="));
                (Op::Eq, 1)
            }
            () => return None,
        };
        self.at += n_words;
        Some((op, span.to(self.last_span())))
    }

    /// `==` and `<>`, as other languages write them.
    fn double_operator(&mut self, op: Op, span: Span) -> (Op, Span) {
        let next = match self.peek(0) {
            Some(TokenKind::Op(next)) if self.span().start == span.end => *next,
            _ => return (op, span),
        };
        let (meant, written) = match (op, next) {
            (Op::Eq, Op::Eq) => (Op::Eq, "=="),
            (Op::Lt, Op::Gt) => (Op::Ne, "<>"),
            _ => return (op, span),
        };
        let span = span.to(self.span());
        self.at += 1;
        let wrong = Diagnostic::error(Code::UnexpectedToken, span, format!("`{written}` is no operator"));
        self.report(wrong.fix(format!("write `{}`", meant.as_str()), span, meant.as_str()));
        (meant, span)
    }

    /// What stands behind an operator.
    fn operand_of(&mut self, op: Op, op_span: Span) -> Option<Argument> {
        let takes_list = matches!(op, Op::In | Op::NotIn);
        let opening = self.span();
        if takes_list && self.at_mark('(') {
            return Some(self.list_of_some('(', ')'));
        }
        if self.at_mark('[') {
            if !takes_list {
                let list = self.list('[', ']');
                let wrong = format!("`{}` takes one value, not a list", op.as_str());
                let mut wrong = Diagnostic::error(Code::ListNeedsIn, op_span.to(opening), wrong);
                if let Op::Eq | Op::Ne = op {
                    let instead = if op == Op::Eq { " IN " } else { " NOT IN " };
                    wrong = wrong.fix(format!("write{instead}").trim_end(), op_span, instead);
                }
                self.report(wrong);
                return Some(Argument::Error(list.span()));
            }
            return Some(self.list_of_some('[', ']'));
        }
        if self.take_mark('{') {
            self.node();
            let query = self.nested(Self::query);
            if query.is_some() {
                self.close('}', opening);
            }
            let span = opening.to(self.last_span());
            return Some(query.map_or(Argument::Error(span), |query| Argument::Subselect(query.into(), span)));
        }
        let value = self.value("a value")?;
        // Words that follow a bare word belong to it, or a joiner is missing.
        if let Argument::Word(word) = &value
            && !word.quoted
            && self.at_unjoined_word()
        {
            let mut span = word.span;
            while self.at_unjoined_word() {
                span = span.to(self.span());
                self.at += 1;
            }
            return Some(Argument::Word(self.unquoted(span)));
        }
        Some(value)
    }

    /// Whether the next token is a bare word that begins no other part of the query.
    fn at_unjoined_word(&self) -> bool {
        matches!(self.peek(0), Some(TokenKind::Word(word)) if !word.quoted && !matches!(&*word.text, "&&" | "||" | "&" | "|"))
            && !self.at_word("AND")
            && !self.at_word("OR")
            && !self.at_order_by()
            && !self.operator_follows()
            && self.peek(1) != Some(&TokenKind::Mark('('))
    }

    /// `[a, b]`, or `(a, b)` as SQL writes it.
    fn list(&mut self, open: char, close: char) -> Argument {
        let opening = self.span();
        self.at += 1;
        self.node();
        let mut items = Vec::new();
        let read = self.nested(|parser| {
            while !parser.at_mark(close) || !items.is_empty() {
                match parser.list_member() {
                    Some(item) => items.push(item),
                    None => {
                        parser.skip_to_comma();
                        items.push(Argument::Error(parser.last_span()));
                    }
                }
                if items.len() > parser.limits.list_members {
                    let rest = &parser.tokens[parser.at.min(parser.tokens.len())..];
                    let need = items.len() + rest.iter().filter(|t| t.kind == TokenKind::Mark(',')).count();
                    parser.stop("list_members", parser.limits.list_members, need, opening);
                }
                if !parser.take_mark(',') {
                    break;
                }
            }
        });
        if read.is_none() {
            return Argument::Error(opening);
        }
        self.close(close, opening);
        let span = opening.to(self.last_span());
        if open == '(' {
            let text = span.of(self.text);
            let inner = text.strip_prefix('(').unwrap_or(text);
            let inner = inner.strip_suffix(')').unwrap_or(inner);
            let wrong = Diagnostic::error(Code::UnexpectedToken, span, "a list stands in brackets");
            self.report(wrong.fix("write brackets", span, format!("[{inner}]")));
        }
        Argument::List(items, span)
    }

    /// A list where one may stand; an empty one is a mistake.
    fn list_of_some(&mut self, open: char, close: char) -> Argument {
        let list = self.list(open, close);
        if let Argument::List(items, span) = &list
            && items.is_empty()
        {
            let wrong = Diagnostic::error(Code::EmptyList, *span, "a list without members");
            self.report(wrong.help("IS EMPTY tests for rows without a value"));
        }
        list
    }

    fn list_member(&mut self) -> Option<Argument> {
        let value = self.value("a value")?;
        match &value {
            Argument::Word(word)
                if !word.quoted && matches!(self.peek(0), Some(TokenKind::Word(next)) if !next.quoted) =>
            {
                let mut span = word.span;
                while let Some(TokenKind::Word(next)) = self.peek(0) {
                    span = span.to(next.span);
                    self.at += 1;
                }
                Some(Argument::Word(self.unquoted(span)))
            }
            _ => Some(value),
        }
    }

    /// A word, a string or a call.
    pub(super) fn value(&mut self, what: &str) -> Option<Argument> {
        if self.stopped {
            return None;
        }
        if matches!(self.peek(0), Some(TokenKind::Word(word)) if !word.quoted)
            && self.peek(1) == Some(&TokenKind::Mark('('))
        {
            return self.call().map(Argument::Call);
        }
        if (self.at_word("AND") || self.at_word("OR")) && !matches!(self.peek(1), None | Some(TokenKind::Mark(_))) {
            self.expected(what);
            return None;
        }
        let Some(word) = self.take_word() else {
            self.expected(what);
            return None;
        };
        self.node();
        Some(Argument::Word(word))
    }

    /// `name(argument, …)`.
    pub(super) fn call(&mut self) -> Option<Call> {
        let name = self.take_word()?;
        let opening = self.span();
        self.at += 1;
        self.node();
        let arguments = self.nested(|parser| {
            let mut arguments = Vec::new();
            while !parser.at_mark(')') || !arguments.is_empty() {
                match parser.argument() {
                    Some(argument) => arguments.push(argument),
                    None => {
                        parser.skip_to_comma();
                        arguments.push(Argument::Error(parser.last_span()));
                    }
                }
                if !parser.take_mark(',') {
                    break;
                }
            }
            arguments
        })?;
        self.close(')', opening);
        let span = name.span.to(self.last_span());
        Some(Call { name, arguments, span })
    }

    fn argument(&mut self) -> Option<Argument> {
        if self.at_mark('[') { Some(self.list_of_some('[', ']')) } else { self.list_member() }
    }

    /// Leaves out tokens to the next comma or closing bracket of this level.
    fn skip_to_comma(&mut self) {
        let mut open = 0usize;
        while let Some(kind) = self.peek(0) {
            match kind {
                TokenKind::Mark('(' | '[' | '{') => open += 1,
                TokenKind::Mark(')' | ']' | '}' | ',') if open == 0 => return,
                TokenKind::Mark(')' | ']' | '}') => open -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }
}
