//! The values of options, and the items of `$orderby` and `$compute`.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::lang::odata::ast::apply::{Computed, Count};
use crate::lang::odata::ast::option::OptionValue;
use crate::lang::odata::ast::{Name, OrderItem};
use crate::lang::odata::lex::{Kind, Shape};
use crate::lang::odata::literal::{integer, is};
use crate::lang::odata::parse::Parser;
use crate::lang::odata::system::SystemOption;

impl Parser<'_> {
    /// The value of an option of the language.
    pub(super) fn value(&mut self, option: SystemOption) -> OptionValue {
        match option {
            SystemOption::Filter => OptionValue::Filter(self.expr()),
            SystemOption::OrderBy => OptionValue::OrderBy(self.order_items()),
            SystemOption::Top | SystemOption::Take => self.digits().map_or(OptionValue::Error, OptionValue::Top),
            SystemOption::Skip => self.digits().map_or(OptionValue::Error, OptionValue::Skip),
            SystemOption::Count => self.words("true", "false"),
            SystemOption::InlineCount => self.words("allpages", "none"),
            SystemOption::Select => OptionValue::Select(self.select_items()),
            SystemOption::Expand => OptionValue::Expand(self.expand_items()),
            SystemOption::Compute => OptionValue::Compute(self.computes()),
            SystemOption::Search => {
                self.may_blank();
                OptionValue::Search(self.search())
            }
            SystemOption::Apply => OptionValue::Apply(self.sequence()),
            SystemOption::Levels => self.levels(),
            SystemOption::SkipToken
            | SystemOption::DeltaToken
            | SystemOption::Format
            | SystemOption::SchemaVersion
            | SystemOption::Index
            | SystemOption::Id => self.raw_value(option),
        }
    }

    /// One of two words, in any case.
    fn words(&mut self, yes: &str, no: &str) -> OptionValue {
        let found = self.at_word(yes);
        if !found && !self.at_word(no) {
            self.expected(&format!("`{yes}` or `{no}`"));
            self.recover_option();
            return OptionValue::Error;
        }
        self.bump();
        OptionValue::Count(found)
    }

    /// A non-negative whole number.
    pub(super) fn digits(&mut self) -> Option<Count> {
        let is_number = self.token.kind == Kind::Literal(Shape::Integer) && !self.word().starts_with(['+', '-']);
        if !is_number {
            self.expected("a whole number that is not negative");
            self.recover_option();
            return None;
        }
        let token = self.bump();
        self.node();
        Some(Count { digits: self.slice(token.start, token.end).into(), span: self.span_of(token) })
    }

    /// A positive whole number or `max`.
    fn levels(&mut self) -> OptionValue {
        if self.at_word("max") {
            self.bump();
            return OptionValue::Levels(None);
        }
        if self.word().starts_with('0') {
            self.expected("a positive whole number or `max`");
            self.recover_option();
            return OptionValue::Error;
        }
        self.digits().map_or(OptionValue::Error, |n| OptionValue::Levels(Some(n)))
    }

    /// A value without a structure: all that is left of the text.
    fn raw_value(&mut self, option: SystemOption) -> OptionValue {
        let start = self.token.blanks;
        let text = self.slice(start, self.text().len());
        let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let is_media = |text: &str| {
            let (kind, sub) = text.split_once('/').unwrap_or_default();
            ["atom", "json", "xml"].iter().any(|word| word.eq_ignore_ascii_case(text))
                || (!kind.is_empty() && !sub.is_empty() && !text.contains(char::is_whitespace))
        };
        let (fits, what) = match option {
            SystemOption::Format => (is_media(text), "`json`, `xml`, `atom` or a media type"),
            SystemOption::SchemaVersion => {
                (text == "*" || (!text.is_empty() && text.chars().all(is_unreserved)), "`*` or a version")
            }
            SystemOption::Index => (is(text, integer(usize::MAX)) && !text.starts_with('+'), "a whole number"),
            _ => (!text.is_empty(), "a value"),
        };
        if !fits {
            let span = self.source.span(start, self.text().len());
            let shown = self.shown(start, self.text().len());
            self.report(match shown.is_empty() {
                true => {
                    let wrong = format!("the text ends where {what} was expected");
                    Diagnostic::error(Code::UnexpectedEnd, span, wrong)
                }
                false => {
                    let wrong = format!("`{shown}` stands where {what} was expected");
                    Diagnostic::error(Code::UnexpectedToken, span, wrong)
                }
            });
        }
        self.last = self.text().len();
        self.lex(self.last);
        OptionValue::Text(Some(text.into()))
    }

    /// Leaves out what is left of an option.
    pub(super) fn recover_option(&mut self) {
        loop {
            self.recover();
            if !(self.at_mark(',') || self.at_word("and") || self.at_word("or")) {
                return;
            }
            self.last = self.token.end;
            self.lex(self.token.end);
        }
    }

    /// `e [asc|desc],…`.
    pub(super) fn order_items(&mut self) -> Vec<OrderItem> {
        let mut items: Vec<OrderItem> = Vec::new();
        loop {
            items.push(self.order_item());
            if items.len() > self.limits.order_items {
                self.stop("order_items", self.limits.order_items, items.len(), self.span_from(self.last));
            }
            if !self.comma() || self.stopped {
                return items;
            }
        }
    }

    fn order_item(&mut self) -> OrderItem {
        let start = self.token.start;
        let n_errors = self.n_errors;
        let value = self.expr();
        let descending = self.at_word("desc");
        if descending || self.at_word("asc") {
            self.must_blank();
            self.bump();
        }
        let is_end = matches!(self.token.kind, Kind::End | Kind::Mark(',' | ')' | ';'));
        if !is_end && self.n_errors == n_errors {
            self.expected("`asc`, `desc` or `,`");
        }
        if !is_end {
            self.recover_to_comma();
        }
        OrderItem { value, descending, span: self.span_from(start) }
    }

    /// `e as Name,…`.
    pub(super) fn computes(&mut self) -> Vec<Computed> {
        let mut items = Vec::new();
        loop {
            let start = self.token.start;
            let n_errors = self.n_errors;
            let value = self.expr();
            match self.alias(self.n_errors == n_errors) {
                Some(alias) => items.push(Computed { value, alias, span: self.span_from(start) }),
                None => self.recover_to_comma(),
            }
            self.member(items.len());
            if !self.comma() || self.stopped {
                return items;
            }
        }
    }

    /// `as Name`; that it is missing is told where nothing else is wrong.
    pub(super) fn alias(&mut self, tells: bool) -> Option<Name> {
        if !self.at_exact("as") {
            if tells {
                self.expected("`as` and a name");
            }
            return None;
        }
        self.must_blank();
        self.bump();
        self.must_blank();
        self.simple_name("a name")
    }

    /// Tells of an option that the language does not have.
    pub(super) fn unknown_option(&mut self, name: &str, span: Span) {
        let wrong = Diagnostic::error(Code::UnknownOption, span, format!("there is no option `{name}`"));
        self.report(match SystemOption::near(name) {
            Some(near) => wrong.fix(format!("write `{near}`"), span, near),
            None => wrong.help("options of a service's own begin without `$`"),
        });
    }
}
