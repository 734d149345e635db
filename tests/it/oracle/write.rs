//! Trees as TQL text, written as differently as the language allows: parentheses only where the reading from left to right
//! and the reach of NOT need them, or anywhere; either quotes or none; keywords in any case; any white space.

pub(crate) mod facet;
pub(crate) mod odata;
pub(crate) mod tree;

use tallygrid::Kind;

use super::answer::SortKey;
use super::choices::Choices;
use super::query::{Asks, Filter, Literal, Op, Target, Test, Written};
use super::search::{Item, Joiner, Mark, Search};
use super::world::World;

/// Words that mean something of their own in some position.
const KEYWORDS: [&str; 20] = [
    "and", "or", "not", "in", "is", "empty", "null", "contains", "does", "contain", "order", "by", "asc", "desc",
    "where", "group", "count", "entities", "faceted", "like",
];

/// A filter and an order as one query.
pub(crate) fn query(world: &World, filter: Option<&Filter>, order: &[SortKey], choices: &mut Choices) -> String {
    let mut writer = Writer { world, choices, out: String::new() };
    if let Some(filter) = filter {
        writer.chain(filter, false);
    }
    writer.order(order);
    writer.out
}

/// A filter alone.
pub(crate) fn filter(world: &World, filter: &Filter, choices: &mut Choices) -> String {
    query(world, Some(filter), &[], choices)
}

struct Writer<'a> {
    world: &'a World,
    choices: &'a mut Choices,
    out: String,
}

impl Writer<'_> {
    fn order(&mut self, order: &[SortKey]) {
        for (i, key) in order.iter().enumerate() {
            if i > 0 {
                self.mark(",");
            } else {
                self.blank();
                self.keyword("order by");
                self.blank();
            }
            self.name(&self.world.columns[key.column].name);
            if key.descending || self.choices.once_in(2) {
                self.blank();
                self.keyword(if key.descending { "desc" } else { "asc" });
            }
        }
    }

    /// At the beginning of a filter, where a chain needs no parentheses; `or_follows` it.
    fn chain(&mut self, filter: &Filter, or_follows: bool) {
        if self.choices.once_in(8) {
            return self.parentheses(filter);
        }
        let (parts, joiner) = match filter {
            Filter::And(parts) => (parts, "and"),
            Filter::Or(parts) => (parts, "or"),
            _ => return self.operand(filter, or_follows),
        };
        let (last, joiner_is_or) = (parts.len() - 1, joiner == "or");
        for (i, part) in parts.iter().enumerate() {
            let or_follows = if i == last { or_follows } else { joiner_is_or };
            if i == 0 {
                self.chain(part, or_follows);
            } else {
                self.blank();
                self.keyword(joiner);
                self.blank();
                self.operand(part, or_follows);
            }
        }
    }

    /// At any other place.
    fn operand(&mut self, filter: &Filter, or_follows: bool) {
        match filter {
            Filter::And(_) | Filter::Or(_) => self.parentheses(filter),
            _ if self.choices.once_in(8) => self.parentheses(filter),
            // NOT would reach over the OR behind it.
            Filter::Not(_) if or_follows => self.parentheses(filter),
            Filter::Not(inner) => {
                self.keyword("not");
                self.blank();
                match &**inner {
                    Filter::Or(parts) if self.choices.once_in(2) => {
                        let last = parts.len() - 1;
                        for (i, part) in parts.iter().enumerate() {
                            if i > 0 {
                                self.blank();
                                self.keyword("or");
                                self.blank();
                            }
                            self.operand(part, i < last);
                        }
                    }
                    inner => self.operand(inner, false),
                }
            }
            Filter::Test(test) => self.test(test),
        }
    }

    fn parentheses(&mut self, filter: &Filter) {
        self.out.push('(');
        self.maybe_blank();
        self.chain(filter, false);
        self.maybe_blank();
        self.out.push(')');
    }

    fn test(&mut self, test: &Test) {
        let kind = match test.target {
            Target::Column(at) => {
                self.name(&self.world.columns[at].name);
                self.world.columns[at].kind
            }
            Target::Ancestors(at) => {
                self.name(&format!("All{}s", self.world.columns[at].name));
                Kind::Path
            }
            Target::Text => {
                self.name("Text");
                Kind::Text
            }
        };
        let negated = test.negated;
        match &test.asks {
            Asks::Empty => {
                let word = self.choices.pick(&["empty", "null"]);
                self.blank();
                self.keyword(if negated { "is not " } else { "is " });
                self.keyword(word);
            }
            Asks::OneOf(literals) => match &literals[..] {
                [one] if kind == Kind::Boolean || self.choices.once_in(2) => {
                    self.mark(if negated { "!=" } else { "=" });
                    self.literal(one);
                }
                // IN of one value takes it without brackets too.
                [one] if self.choices.once_in(4) => {
                    self.word_operator(if negated { "not in" } else { "in" });
                    self.blank();
                    self.literal(one);
                }
                many => self.list(many.iter(), negated),
            },
            Asks::Leads(filter) => {
                match (self.choices.once_in(3), negated) {
                    (false, false) => self.word_operator("in"),
                    (false, true) => self.word_operator("not in"),
                    (true, false) => self.mark("="),
                    (true, true) => self.mark("!="),
                }
                self.mark("{");
                let here = self.world;
                self.world = here.there();
                match filter {
                    Some(filter) => self.chain(filter, false),
                    None => self.maybe_blank(),
                }
                self.world = here;
                self.mark("}");
            }
            Asks::Between(low, high) => self.list([low, high].into_iter(), negated),
            Asks::Ordered(op, literal) => {
                self.mark(match op {
                    Op::Less => "<",
                    Op::LessOrEqual => "<=",
                    Op::Greater => ">",
                    Op::GreaterOrEqual => ">=",
                });
                self.literal(literal);
            }
            Asks::Search(search) => {
                match (self.choices.once_in(3), negated) {
                    (false, false) => self.mark("~"),
                    (false, true) => self.mark("!~"),
                    (true, false) => self.word_operator("contains"),
                    (true, true) => self.word_operator("does not contain"),
                }
                let search = self.words_to_find(search);
                self.maybe_blank();
                self.word(&search);
            }
        }
    }

    fn list<'l>(&mut self, literals: impl Iterator<Item = &'l Literal>, negated: bool) {
        self.word_operator(if negated { "not in" } else { "in" });
        self.mark("[");
        for (i, literal) in literals.enumerate() {
            if i > 0 {
                self.mark(",");
            }
            self.literal(literal);
        }
        self.mark("]");
    }

    fn literal(&mut self, literal: &Literal) {
        match &literal.written {
            Written::Word(text) => self.word(text),
            Written::Call(text) => self.out.push_str(text),
        }
    }

    /// The text behind `~`.
    fn words_to_find(&mut self, search: &Search) -> String {
        let mut out = String::new();
        for clause in &search.0 {
            out.push_str(match clause.joiner {
                Joiner::Blank if out.is_empty() => "",
                Joiner::Blank => self.choices.pick(&[" ", "  "]),
                Joiner::And => self.choices.pick(&[" AND ", " && ", "&&"]),
                Joiner::Or => self.choices.pick(&[" OR ", " || ", "||"]),
            });
            out.push_str(match clause.mark {
                Mark::Plain => "",
                Mark::Plus => "+",
                Mark::Minus => self.choices.pick(&["-", "!", "NOT "]),
            });
            match &clause.item {
                Item::Term(term) => out.push_str(term),
                Item::Phrase(phrase) => {
                    let quote = self.choices.pick(&['"', '\'']);
                    out.extend([quote]);
                    out.push_str(phrase);
                    out.extend([quote]);
                }
                Item::Group(inner) => {
                    let inner = self.words_to_find(inner);
                    out.push_str(&format!("({inner})"));
                }
            }
            // A term reaches to the next blank, so that a joiner without blanks would belong to it.
            if matches!(clause.item, Item::Term(_)) {
                out.push(' ');
            }
        }
        out
    }

    fn word_operator(&mut self, operator: &str) {
        self.blank();
        self.keyword(operator);
        self.blank();
    }

    /// An operator or mark, with or without blanks.
    fn mark(&mut self, mark: &str) {
        self.maybe_blank();
        self.out.push_str(mark);
        self.maybe_blank();
    }

    fn name(&mut self, name: &str) {
        let name = match self.choices.below(4) {
            0 => name.to_ascii_uppercase(),
            1 => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        };
        self.word(&name);
    }

    /// Bare if it can be and chance has it, else in quotes.
    fn word(&mut self, text: &str) {
        if may_be_bare(text) && !self.choices.once_in(3) {
            return self.out.push_str(text);
        }
        self.quoted(text);
    }

    fn quoted(&mut self, text: &str) {
        let quote = self.choices.pick(&['\'', '"']);
        self.out.push(quote);
        for c in text.chars() {
            match c {
                '\\' => self.out.push_str("\\\\"),
                c if c == quote => self.out.extend(['\\', c]),
                '\n' if self.choices.once_in(2) => self.out.push_str("\\n"),
                c if c == '\0' || self.choices.once_in(12) => {
                    c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| self.out.push_str(&format!("\\u{unit:04x}")));
                }
                c => self.out.push(c),
            }
        }
        self.out.push(quote);
    }

    fn keyword(&mut self, keyword: &str) {
        let written = match self.choices.below(4) {
            0..=1 => keyword.to_uppercase(),
            2 => keyword.to_owned(),
            _ => {
                keyword.chars().enumerate().map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { c }).collect()
            }
        };
        self.out.push_str(&written);
    }

    fn blank(&mut self) {
        let blank = self.choices.pick(&[" ", " ", " ", "  ", "\n", "\t", "\r\n "]);
        self.out.push_str(blank);
    }

    fn maybe_blank(&mut self) {
        if self.choices.once_in(3) {
            self.blank();
        }
    }
}

/// Whether a word needs no quotes wherever it stands.
fn may_be_bare(text: &str) -> bool {
    let is_bare = |c: char| !c.is_whitespace() && !c.is_control() && !"\"',()[]{}=!<>~".contains(c);
    let is_keyword = KEYWORDS.iter().any(|keyword| text.eq_ignore_ascii_case(keyword));
    !text.is_empty() && text.chars().all(is_bare) && !is_keyword
}
