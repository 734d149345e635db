//! One clause: a field, an operator and what it is compared with.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::tql::ast::{Argument, Clause, Op, Operand, Word, is_bare_measure, is_called_measure};
use crate::lang::tql::lex::TokenKind;
use crate::lang::tql::parse::Parser;
use crate::lang::tql::print::quoted;

const BEFORE_FILTER: &str = "aggregates stand in front of the filter";

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
            return self.test();
        }
        if self.at_order_by() || !matches!(self.peek(0), Some(TokenKind::Word(_))) {
            self.expected("a clause such as `Status = Passed`");
            return None;
        }
        let field = self.field()?;
        if self.at_word("IS") {
            return self.is_empty(field);
        }
        let Some((op, op_span)) = self.operator() else {
            self.expected_operator(field.span);
            return None;
        };
        let value = self.operand_of(op, op_span)?;
        if let Some(TokenKind::Op(next)) = self.peek(0) {
            self.second_operator(*next);
            return None;
        }
        Some(Clause::Compare { field, op, op_span, value })
    }

    /// A function that is true or false of a row.
    fn test(&mut self) -> Option<Clause> {
        let call = self.call()?;
        let Some(TokenKind::Op(op)) = self.peek(0) else { return Some(Clause::Call(call)) };
        if is_called_measure(&call.name.text) {
            self.report(aggregate_in_filter(&call.name.text, call.name.span));
        } else {
            self.second_operator(*op);
        }
        None
    }

    /// The field of a clause, which goes on behind it.
    fn field(&mut self) -> Option<Word> {
        let field = self.take_word()?;
        if self.between() {
            return None;
        }
        Some(if self.at_operator() || field.quoted { field } else { self.field_of_several_words(field) })
    }

    fn expected_operator(&mut self, field: Span) {
        let name = self.shown(field);
        let wrong = self.unexpected(&format!("an operator for `{name}`"));
        let is_measure = is_bare_measure(&name);
        self.expected_here(if is_measure { wrong.help(BEFORE_FILTER) } else { wrong });
    }

    /// `a < b < c`.
    fn second_operator(&mut self, op: Op) {
        let wrong = format!("`{}` stands behind a clause that is complete", op.as_str());
        let wrong = Diagnostic::error(Code::UnexpectedToken, self.span(), wrong);
        self.report(wrong.help("a clause compares one field with one value; clauses are joined by AND or OR"));
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
    pub(super) fn unquoted(&mut self, span: Span) -> Word {
        let meant = span.of(self.text).to_owned();
        let wrong = Diagnostic::error(Code::UnquotedWords, span, format!("`{}` needs quotes", self.shown(span)));
        self.report(wrong.help("a name or value with blanks stands in quotes").fix("add quotes", span, quoted(&meant)));
        Word { span, text: meant.into(), quoted: false, shifts: Vec::new() }
    }

    /// What stands behind an operator.
    fn operand_of(&mut self, op: Op, op_span: Span) -> Option<Argument> {
        let takes_list = matches!(op, Op::In | Op::NotIn);
        let is_query = self.aggregate_at(1) && (self.peek(2) == Some(&TokenKind::Mark('}')) || self.aggregate_at(3));
        let is_list = matches!(self.peek(1), Some(TokenKind::Word(_)))
            && matches!(self.peek(2), Some(TokenKind::Mark(',' | '}')))
            && !is_query;
        match self.peek(0) {
            Some(TokenKind::Mark('[')) if takes_list => Some(self.list_of_some('[', ']')),
            Some(TokenKind::Mark('(')) if takes_list => Some(self.list_of_some('(', ')')),
            Some(TokenKind::Mark('{')) if takes_list && is_list => Some(self.list_of_some('{', '}')),
            Some(TokenKind::Mark('[')) => Some(self.list_for_one(op, op_span)),
            Some(TokenKind::Mark('{')) if !is_list => Some(self.subselect()),
            _ => self.one_value(op, op_span),
        }
    }

    /// `{ query }`.
    fn subselect(&mut self) -> Argument {
        let opening = self.span();
        self.at += 1;
        self.node();
        if !self.enter(Some('}')) {
            return Argument::Error(opening);
        }
        let query = Box::new(self.query());
        self.leave(Some('}'));
        self.close('}', opening);
        Argument::Subselect(query, opening.to(self.last_span()))
    }

    /// A value behind an operator, and what may belong to it.
    fn one_value(&mut self, op: Op, op_span: Span) -> Option<Argument> {
        let value = self.value("a value")?;
        if let Some(list) = self.list_without_brackets(op, op_span, value.span()) {
            return Some(Argument::Error(list));
        }
        // `Now)` may be half of a call rather than a value.
        if self.at_mark(')') && value.span().end == self.span().start {
            let n_errors = self.n_errors;
            self.unopened_brackets();
            if self.n_errors > n_errors {
                return Some(Argument::Error(value.span()));
            }
        }
        let n_errors = self.n_errors;
        self.slip_behind_value();
        if self.n_errors > n_errors {
            return Some(value);
        }
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
        matches!(self.peek(0), Some(TokenKind::Word(word)) if !word.quoted)
            && self.slip_of_joiner().is_none()
            && !self.at_word("AND")
            && !self.at_word("OR")
            && !self.at_order_by()
            && !self.clause_at(0)
            && !self.plain_aggregate_at(0)
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
        let is_joiner =
            (self.at_word("AND") || self.at_word("OR")) && !matches!(self.peek(1), None | Some(TokenKind::Mark(_)));
        if is_joiner || (self.at_order_by() && matches!(self.peek(2), Some(TokenKind::Word(_)))) {
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
}

/// That an aggregate is asked for where rows are chosen.
pub(crate) fn aggregate_in_filter(name: &str, span: Span) -> Diagnostic {
    let wrong = format!("the aggregate `{name}` has no place in a filter");
    Diagnostic::error(Code::MisplacedAggregate, span, wrong).help(BEFORE_FILTER)
}
