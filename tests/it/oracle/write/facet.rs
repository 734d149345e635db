//! Tests as functions, in pieces: with random blanks between them they are a text, without they are the name of a facet.

use tallygrid::Kind;

use super::{Writer, may_be_bare};
use crate::oracle::choices::Choices;
use crate::oracle::facet::{By, Check, Order, Shift, Side};
use crate::oracle::query::{Asks, Literal, Op, Target, Test, Written};
use crate::oracle::world::World;

/// A piece of a test.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Mark(char),
    Word {
        text: String,
        is_quoted: bool,
    },
    /// A function of values, which stands as it is.
    Call(String),
}

/// Several ways to write a test.
pub(crate) fn tokens(world: &World, check: &Check, choices: &mut Choices) -> Vec<Token> {
    let mut pieces = Pieces { world, choices, out: Vec::new() };
    pieces.check(check);
    pieces.out
}

/// The test of no other facet.
pub(crate) fn unmatched(choices: &mut Choices) -> Vec<Token> {
    let text = choices.pick(&["Unmatched", "unmatched", "UNMATCHED"]).to_owned();
    vec![Token::Word { text, is_quoted: false }, Token::Mark('('), Token::Mark(')')]
}

/// The name of a facet without an alias; none where calls stand in it, which are not taken apart here.
pub(crate) fn name(tokens: &[Token]) -> Option<String> {
    let mut out = String::new();
    for token in tokens {
        match token {
            Token::Mark(',') => out.push_str(", "),
            Token::Mark(mark) => out.push(*mark),
            Token::Word { text, is_quoted: false } => out.push_str(text),
            Token::Word { text, is_quoted: true } => {
                let escaped = |c: char| match c {
                    '"' | '\\' => format!("\\{c}"),
                    '\n' => "\\n".to_owned(),
                    '\t' => "\\t".to_owned(),
                    c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
                    c => c.to_string(),
                };
                out.push_str(&format!("\"{}\"", text.chars().map(escaped).collect::<String>()));
            }
            Token::Call(_) => return None,
        }
    }
    Some(out)
}

impl Writer<'_> {
    pub(super) fn tokens(&mut self, tokens: &[Token]) {
        for token in tokens {
            match token {
                Token::Mark('(' | '[') => self.out.extend(token.mark()),
                Token::Mark(_) => {
                    self.maybe_blank();
                    self.out.extend(token.mark());
                    self.maybe_blank();
                }
                Token::Word { text, is_quoted: true } => self.quoted(text),
                Token::Word { text, .. } | Token::Call(text) => self.out.push_str(text),
            }
        }
    }
}

impl Token {
    fn mark(&self) -> Option<char> {
        if let Self::Mark(mark) = self { Some(*mark) } else { None }
    }
}

struct Pieces<'a> {
    world: &'a World,
    choices: &'a mut Choices,
    out: Vec<Token>,
}

impl Pieces<'_> {
    fn check(&mut self, check: &Check) {
        match check {
            Check::Test(test) => self.test(test),
            Check::Not(inner) => self.function("Not", &[&|pieces| pieces.check(inner)]),
            Check::All(parts) => self.joined("AndArgs", parts),
            Check::Any(parts) => self.joined("OrArgs", parts),
            Check::Compare(left, order, right) => {
                self.function(named(*order), &[&|pieces| pieces.side(left), &|pieces| pieces.side(right)]);
            }
        }
    }

    fn joined(&mut self, function: &str, parts: &[Check]) {
        self.begin(function);
        for (i, part) in parts.iter().enumerate() {
            self.out.extend((i > 0).then_some(Token::Mark(',')));
            self.check(part);
        }
        self.out.push(Token::Mark(')'));
    }

    fn function(&mut self, name: &str, arguments: &[&dyn Fn(&mut Self)]) {
        self.begin(name);
        for (i, argument) in arguments.iter().enumerate() {
            self.out.extend((i > 0).then_some(Token::Mark(',')));
            argument(self);
        }
        self.out.push(Token::Mark(')'));
    }

    fn begin(&mut self, function: &str) {
        let text = match self.choices.below(4) {
            0 => function.to_uppercase(),
            1 => function.to_lowercase(),
            _ => function.to_owned(),
        };
        self.out.extend([Token::Word { text, is_quoted: false }, Token::Mark('(')]);
    }

    fn test(&mut self, test: &Test) {
        let field: &dyn Fn(&mut Self) = &|pieces| pieces.field(test.target);
        if let (Asks::OneOf(literals), true) = (&test.asks, test.negated)
            && let [one] = &literals[..]
            && self.choices.once_in(2)
        {
            return self.comparison(["NotEqual", "NotEqual"], test.target, one);
        }
        if test.negated {
            self.begin("Not");
        }
        match &test.asks {
            Asks::Empty => self.function("IsEmpty", &[field]),
            Asks::OneOf(literals) => match &literals[..] {
                [one] if is_boolean(self.world, test.target) || self.choices.once_in(2) => {
                    self.comparison(["Equal", "Equal"], test.target, one);
                }
                many => self.list(test.target, &many.iter().collect::<Vec<_>>()),
            },
            Asks::Between(low, high) => self.list(test.target, &[low, high]),
            Asks::Ordered(op, literal) => {
                let functions = match op {
                    Op::Less => ["LessThan", "GreaterThan"],
                    Op::LessOrEqual => ["LessThanOrEqual", "GreaterThanOrEqual"],
                    Op::Greater => ["GreaterThan", "LessThan"],
                    Op::GreaterOrEqual => ["GreaterThanOrEqual", "LessThanOrEqual"],
                };
                self.comparison(functions, test.target, literal);
            }
            Asks::Search(search) => {
                let mut writer = Writer { world: self.world, choices: self.choices, out: String::new() };
                let words = writer.words_to_find(search);
                self.function("Contains", &[field, &|pieces| pieces.word(&words)]);
            }
            Asks::Leads(_) => panic!("no function has braces"),
        }
        if test.negated {
            self.out.push(Token::Mark(')'));
        }
    }

    /// By the first function, or by the second one with the value in front.
    fn comparison(&mut self, functions: [&str; 2], target: Target, literal: &Literal) {
        let field: &dyn Fn(&mut Self) = &|pieces| pieces.field(target);
        let value: &dyn Fn(&mut Self) = &|pieces| pieces.literal(literal);
        if self.choices.once_in(3) {
            self.function(functions[1], &[value, field]);
        } else {
            self.function(functions[0], &[field, value]);
        }
    }

    fn list(&mut self, target: Target, literals: &[&Literal]) {
        self.begin("In");
        self.field(target);
        self.out.push(Token::Mark(','));
        let in_brackets = self.choices.once_in(2);
        self.out.extend(in_brackets.then_some(Token::Mark('[')));
        for (i, literal) in literals.iter().enumerate() {
            self.out.extend((i > 0).then_some(Token::Mark(',')));
            self.literal(literal);
        }
        self.out.extend(in_brackets.then_some(Token::Mark(']')));
        self.out.push(Token::Mark(')'));
    }

    fn side(&mut self, side: &Side) {
        let field: &dyn Fn(&mut Self) = &|pieces| pieces.field(Target::Column(side.column));
        let Some(Shift { is_back, by }) = &side.shift else { return field(self) };
        let by: &dyn Fn(&mut Self) = &|pieces| match by {
            By::Column(column) => pieces.name(&pieces.world.columns[*column].name),
            By::Span(_, written) => pieces.word(written),
        };
        self.function(if *is_back { "DateSubtract" } else { "DateAdd" }, &[field, by]);
    }

    fn field(&mut self, target: Target) {
        match target {
            Target::Column(at) => self.name(&self.world.columns[at].name),
            Target::Ancestors(at) => self.name(&format!("All{}s", self.world.columns[at].name)),
            Target::Text => self.name("Text"),
        }
    }

    /// A name in quotes would be a value, unless it needs them.
    fn name(&mut self, name: &str) {
        let text = if self.choices.once_in(4) { name.to_ascii_uppercase() } else { name.to_owned() };
        let is_quoted = !may_be_bare(&text);
        self.out.push(Token::Word { text, is_quoted });
    }

    fn literal(&mut self, literal: &Literal) {
        match &literal.written {
            Written::Word(text) => self.word(text),
            Written::Call(text) => self.out.push(Token::Call(text.clone())),
        }
    }

    fn word(&mut self, text: &str) {
        let is_quoted = !may_be_bare(text) || self.choices.once_in(3);
        self.out.push(Token::Word { text: text.to_owned(), is_quoted });
    }
}

fn is_boolean(world: &World, target: Target) -> bool {
    matches!(target, Target::Column(at) if world.columns[at].kind == Kind::Boolean)
}

fn named(order: Order) -> &'static str {
    match order {
        Order::Equal => "Equal",
        Order::NotEqual => "NotEqual",
        Order::Less => "LessThan",
        Order::LessOrEqual => "LessThanOrEqual",
        Order::Greater => "GreaterThan",
        Order::GreaterOrEqual => "GreaterThanOrEqual",
    }
}
