//! Paths: names, variables, aliases and annotations with `/` between, keys, `$count`, `$filter`, `any` and `all`.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::lang::odata::ast::{Expr, Lambda, LambdaKind, Name, Path, Step, Variable};
use crate::lang::odata::lex::{Kind, qualifier};
use crate::lang::odata::mode::Habit;
use crate::lang::odata::parse::Parser;

impl Parser<'_> {
    /// A path as an operand.
    pub(super) fn path_expr(&mut self) -> Expr {
        let start = self.token.start;
        match self.first_step() {
            Some(step) => Expr::Path(self.path_from(step, start)),
            None => {
                self.recover();
                Expr::Error(self.span_from(start))
            }
        }
    }

    /// The rest of a path whose first step is read.
    pub(super) fn path_from(&mut self, first: Step, start: usize) -> Path {
        let mut steps = vec![first];
        self.node();
        while self.at_mark('/') && !self.stopped {
            if matches!(steps.last(), Some(Step::Count(..) | Step::Lambda(_) | Step::Aggregate(..))) {
                self.expected("an operator");
                self.recover();
                break;
            }
            self.bump();
            match self.next_step() {
                Some(step) => steps.push(step),
                None => {
                    steps.push(Step::Error(self.span()));
                    self.recover();
                    break;
                }
            }
            self.node();
            self.member(steps.len());
        }
        if matches!(steps.first(), Some(Step::Variable(Variable::Root, _))) {
            self.unsupported(self.span_from(start), "`$root`");
        }
        Path { steps, span: self.span_from(start) }
    }

    /// A variable, an alias, an annotation, a name or a call.
    fn first_step(&mut self) -> Option<Step> {
        match self.token.kind {
            Kind::Dollar => {
                let variable = match self.word() {
                    "$it" => Variable::It,
                    "$this" => Variable::This,
                    "$these" => Variable::These,
                    "$root" if self.is_behind('/') => Variable::Root,
                    "$count" => {
                        let step = self.count();
                        if let Step::Count(_, span) = &step {
                            self.habit(Habit::BareCount, *span, None);
                        }
                        return Some(step);
                    }
                    _ => {
                        self.unknown_variable();
                        return None;
                    }
                };
                let token = self.bump();
                Some(Step::Variable(variable, self.span_of(token)))
            }
            Kind::At => Some(self.at_step(true)),
            _ => self.next_step(),
        }
    }

    fn unknown_variable(&mut self) {
        let (span, word) = (self.span(), self.shown(self.token.start, self.token.end));
        let wrong = Diagnostic::error(Code::UnexpectedToken, span, format!("`{word}` is no value"));
        self.report(wrong.help("values that begin with `$` are `$it`, `$this`, `$these` and `$root/…`"));
    }

    /// `@p` or `@Ns.Term#Qualifier`.
    pub(super) fn at_step(&mut self, is_first: bool) -> Step {
        let token = self.bump();
        let end = match qualifier(self.text(), token.end) {
            Some(end) => {
                self.last = end;
                self.lex(end);
                end
            }
            None => token.end,
        };
        let text = self.slice(token.start + 1, end);
        let name = Name { text: text.into(), span: self.source.span(token.start, end) };
        if is_first && !text.contains(['.', '#']) {
            return Step::Alias(name);
        }
        self.unsupported(name.span, "annotations");
        Step::Annotation(name)
    }

    /// What may stand behind `/`.
    fn next_step(&mut self) -> Option<Step> {
        let kind = self.token.kind;
        match kind {
            Kind::Name if self.at_call() => {
                let word = self.word();
                if word.eq_ignore_ascii_case("any") || word.eq_ignore_ascii_case("all") {
                    return Some(self.lambda());
                }
                if word == "aggregate" {
                    return Some(self.aggregate_step());
                }
                Some(self.invoke())
            }
            Kind::Name => {
                let token = self.bump();
                Some(Step::Name(self.checked_name(token)))
            }
            Kind::At => Some(self.at_step(false)),
            Kind::Dollar => match self.word() {
                "$count" => Some(self.count()),
                "$filter" => Some(self.filter_step()),
                _ => {
                    self.expected("a name, `$count` or `$filter`");
                    None
                }
            },
            _ => {
                self.expected("a name");
                None
            }
        }
    }

    /// Whether the next name has arguments. Analytics queries put blanks before them.
    pub(super) fn at_call(&mut self) -> bool {
        self.is_behind('(') || self.second().kind == Kind::Mark('(')
    }

    /// `$count`, perhaps with options.
    pub(super) fn count(&mut self) -> Step {
        let token = self.bump();
        let options = if self.at_mark('(') { self.count_options() } else { Vec::new() };
        Step::Count(options, self.span_from(token.start))
    }

    /// `$filter(…)`.
    pub(super) fn filter_step(&mut self) -> Step {
        let token = self.bump();
        if !self.at_mark('(') {
            self.expected("`(`");
            return Step::Filter(Box::new(Expr::Error(self.span())), self.span_from(token.start));
        }
        let Some(opened) = self.open(')') else {
            return Step::Filter(Box::new(Expr::Error(self.span())), self.span_from(token.start));
        };
        let filter = self.item();
        self.shut(opened);
        Step::Filter(Box::new(filter), self.span_from(token.start))
    }

    /// `any(x:predicate)`, `all(x:predicate)`.
    pub(super) fn lambda(&mut self) -> Step {
        let kind = if self.at_word("any") { LambdaKind::Any } else { LambdaKind::All };
        let token = self.bump();
        let none = |parser: &Self| Lambda { kind, predicate: None, span: parser.span_from(token.start) };
        if self.lambda_depth >= self.limits.lambda_depth && !self.stopped {
            let span = self.span_of(token);
            self.stop("lambda_depth", self.limits.lambda_depth, self.lambda_depth + 1, span);
        }
        let Some(opened) = self.open(')') else { return Step::Lambda(Box::new(none(self))) };
        self.lambda_depth += 1;
        let predicate = match self.at_mark(')') && kind == LambdaKind::Any {
            true => None,
            false => self.predicate(),
        };
        self.lambda_depth -= 1;
        self.shut(opened);
        Step::Lambda(Box::new(Lambda { predicate, ..none(self) }))
    }

    /// `x:predicate`.
    fn predicate(&mut self) -> Option<(Name, Expr)> {
        let Some(variable) = self.simple_name("a range variable such as `x:`") else {
            self.recover_past_commas();
            return None;
        };
        self.may_blank();
        if !self.at_mark(':') {
            self.expected("`:` behind the range variable");
            self.recover();
            self.recover_past_commas();
            return None;
        }
        self.bump();
        self.may_blank();
        Some((variable, self.item()))
    }
}
