//! What may stand behind a row of tokens: a small machine that follows the grammar without building a tree, so that it has
//! an answer behind any text, unfinished or wrong. Names mean nothing to it; that is `query`.

use crate::lang::tql::ast::{Op, Word};
use crate::lang::tql::lex::{Token, TokenKind};

/// What may come next.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expect {
    /// A clause, or NOT; where the whole text begins, ORDER BY too.
    Operand { starts_text: bool },
    /// An operator for the field of that name.
    Operator { field: String },
    /// A value to compare the field with; behind IN and NOT IN perhaps one of a list.
    Value { field: String, op: Op },
    /// A field that rows are ordered by.
    OrderField,
    /// A field, as an argument or to group by.
    Field,
    /// One of these.
    Keywords(&'static [&'static str]),
    /// Nothing that has a name: a bracket, a comma, a free text.
    Nothing,
}

/// What may come next, and in which sub-select.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) expect: Expect,
    /// The fields whose braces are open, outermost first.
    pub(crate) relations: Vec<String>,
}

/// What may come behind the tokens. Linear.
pub(crate) fn place_behind(tokens: &[Token]) -> Place {
    let text = Frame { opened: Opened::Text, state: State::Start };
    let mut machine = Machine { tokens, at: 0, frames: vec![text], n_braces: 0 };
    while let Some(token) = tokens.get(machine.at) {
        machine.step(token);
        machine.at += 1;
    }
    machine.place()
}

/// A name by its first and last token; several bare words are one that lacks its quotes.
#[derive(Clone, Copy, Debug)]
struct Name {
    first: usize,
    last: usize,
}

/// What was opened and is not closed.
#[derive(Clone, Copy, Debug)]
enum Opened {
    Text,
    /// `(` around a filter.
    Group,
    /// `{` behind a field's operator.
    Subselect(Name),
    /// `{` around the aggregates of groups.
    Block,
    /// `[`, `name(`, or `(` behind IN as SQL writes it, with what each member is.
    List(State),
}

/// How far the innermost open part was read. Small and free of text, since a text may open a part with every character.
#[derive(Clone, Copy, Debug)]
enum State {
    Start,
    Operand,
    /// ORDER was read: the keyword, or a field's name.
    Order(Name),
    Operator(Name),
    /// Of an operator's words these are missing.
    OperatorWords(Name, Op, &'static [&'static str]),
    Is {
        negated: bool,
    },
    Value(Name, Op),
    /// A field as an argument.
    Field,
    /// A free text as an argument.
    Free,
    /// A clause, member or argument is complete; the word that it ended with.
    Done(Option<Name>),
    OrderField,
    Direction,
    Ordered,
    /// An aggregate must come.
    Aggregate,
    /// GROUP was read.
    Group,
    /// GROUP BY or FACETED was read.
    Selector,
    /// A selector was read, and its block must come.
    Selected,
    Aggregated,
    /// AS was read, behind a selector or behind an aggregate.
    Alias {
        of_selector: bool,
    },
}

#[derive(Debug)]
struct Frame {
    opened: Opened,
    /// Of a frame that has others in it: the state when they are closed.
    state: State,
}

struct Machine<'a> {
    tokens: &'a [Token],
    /// The token being read.
    at: usize,
    /// Never empty: the first is the text itself.
    frames: Vec<Frame>,
    n_braces: usize,
}

impl Machine<'_> {
    fn state(&self) -> State {
        self.frames.last().map_or(State::Start, |frame| frame.state)
    }

    fn opened(&self) -> Opened {
        self.frames.last().map_or(Opened::Text, |frame| frame.opened)
    }

    fn set(&mut self, state: State) {
        if let Some(frame) = self.frames.last_mut() {
            frame.state = state;
        }
    }

    fn open(&mut self, opened: Opened, inside: State, behind: State) {
        self.set(behind);
        self.n_braces += usize::from(matches!(opened, Opened::Subselect(_) | Opened::Block));
        self.frames.push(Frame { opened, state: inside });
    }

    /// The name that the token being read is.
    fn name(&self) -> Name {
        Name { first: self.at, last: self.at }
    }

    fn step(&mut self, token: &Token) {
        match &token.kind {
            TokenKind::Word(word) => self.word(word),
            TokenKind::Op(op) => {
                // Behind a complete clause a joiner is missing, and its last word was the next clause's field.
                if let State::Operator(field) | State::Order(field) | State::Done(Some(field)) = self.state() {
                    self.set(State::Value(field, *op));
                }
            }
            TokenKind::Mark(',') => self.comma(),
            TokenKind::Mark(mark @ ('(' | '[' | '{')) => self.opening(*mark),
            TokenKind::Mark(mark) => self.closing(*mark),
        }
    }

    fn comma(&mut self) {
        match (self.opened(), self.state()) {
            (Opened::List(member), _) => self.set(member),
            (_, State::Direction | State::Ordered) => self.set(State::OrderField),
            (_, State::Selected) => self.set(State::Selector),
            (_, State::Aggregated) => self.set(State::Aggregate),
            _ => {}
        }
    }

    fn opening(&mut self, mark: char) {
        let done = State::Done(None);
        match (mark, self.state()) {
            ('[', member @ State::Value(..)) | ('(', member @ State::Value(_, Op::In | Op::NotIn)) => {
                self.open(Opened::List(member), member, done);
            }
            ('[', _) => self.open(Opened::List(State::Free), State::Free, done),
            ('{', State::Value(field, _)) => self.open(Opened::Subselect(field), State::Start, done),
            ('{', _) => self.open(Opened::Block, State::Aggregate, State::Aggregated),
            _ => self.open(Opened::Group, State::Operand, done),
        }
    }

    /// Closes the innermost part, and if the mark is a brace all up to the innermost one that a brace opened.
    fn closing(&mut self, mark: char) {
        let is_brace = mark == '}';
        if is_brace && self.n_braces == 0 {
            return;
        }
        loop {
            let closes_brace = match self.opened() {
                Opened::Text => return,
                Opened::Subselect(_) | Opened::Block if !is_brace => return,
                Opened::Subselect(_) | Opened::Block => true,
                Opened::Group | Opened::List(_) => false,
            };
            self.frames.pop();
            self.n_braces -= usize::from(closes_brace);
            if closes_brace == is_brace {
                return;
            }
        }
    }

    fn next_is(&self, test: impl Fn(&TokenKind) -> bool) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| test(&token.kind))
    }

    fn word(&mut self, word: &Word) {
        let state = self.state();
        if !word.quoted && self.next_is(|kind| *kind == TokenKind::Mark('(')) && begins_call(word, state) {
            self.at += 1;
            let argument = if matches!(state, State::Value(..) | State::Free) { State::Free } else { State::Field };
            let behind = match state {
                State::Selector => State::Selected,
                State::Aggregate => State::Aggregated,
                State::Start if is_one_of(word, &MEASURES) => State::Aggregated,
                _ => State::Done(None),
            };
            return self.open(Opened::List(argument), argument, behind);
        }
        let name = self.name();
        let operator_follows = self.next_is(|kind| matches!(kind, TokenKind::Op(_)));
        self.set(match state {
            State::Start if is(word, "WHERE") && !operator_follows => State::Operand,
            State::Start if !operator_follows => aggregate(word).unwrap_or_else(|| operand(word, name)),
            State::Start | State::Operand if operator_follows => State::Operator(name),
            State::Operand => operand(word, name),
            State::Order(_) if is(word, "BY") => State::OrderField,
            State::Operator(field) | State::Order(field) => operator(field, word, name),
            State::OperatorWords(field, op, [next]) if is(word, next) => State::Value(field, op),
            State::OperatorWords(field, op, [next, rest @ ..]) if is(word, next) => {
                State::OperatorWords(field, op, rest)
            }
            State::Is { negated: false } if is(word, "NOT") => State::Is { negated: true },
            _ if is_one_of(word, &JOINERS) && !matches!(state, State::Field | State::Free) => State::Operand,
            State::OperatorWords(..) | State::Is { .. } | State::Value(..) | State::Field | State::Free => {
                State::Done(None)
            }
            State::Done(_) if is(word, "ORDER") => State::Order(name),
            State::Done(_) => State::Done(Some(name)),
            State::OrderField => State::Direction,
            State::Direction if is_one_of(word, &["ASC", "DESC"]) => State::Ordered,
            State::Aggregate => aggregate(word).unwrap_or(State::Aggregate),
            State::Group if is(word, "BY") => State::Selector,
            State::Selector => State::Selected,
            State::Selected if is(word, "AS") => State::Alias { of_selector: true },
            State::Aggregated if is(word, "AS") => State::Alias { of_selector: false },
            State::Aggregated if is(word, "WHERE") => State::Operand,
            State::Aggregated => operand(word, name),
            State::Alias { of_selector } => {
                if of_selector {
                    State::Selected
                } else {
                    State::Aggregated
                }
            }
            state => state,
        });
    }

    fn place(&self) -> Place {
        let is_text = matches!(self.opened(), Opened::Text);
        let expect = match self.state() {
            State::Start => Expect::Operand { starts_text: is_text },
            State::Operand => Expect::Operand { starts_text: false },
            State::Order(_) | State::Group => Expect::Keywords(&["BY"]),
            State::Operator(field) => Expect::Operator { field: self.text(field) },
            State::OperatorWords(_, Op::NotIn, _) => Expect::Keywords(&["IN"]),
            State::OperatorWords(_, _, [_]) => Expect::Keywords(&["CONTAIN"]),
            State::OperatorWords(..) => Expect::Keywords(&["NOT CONTAIN"]),
            State::Is { negated: false } => Expect::Keywords(&["EMPTY", "NOT EMPTY"]),
            State::Is { negated: true } => Expect::Keywords(&["EMPTY"]),
            State::Value(field, op) => Expect::Value { field: self.text(field), op },
            State::Field | State::Selector => Expect::Field,
            State::Done(_) => match self.opened() {
                Opened::Text => Expect::Keywords(&["AND", "OR", "ORDER BY"]),
                Opened::Group | Opened::Subselect(_) => Expect::Keywords(&JOINERS),
                Opened::Block | Opened::List(_) => Expect::Nothing,
            },
            State::OrderField => Expect::OrderField,
            State::Direction => Expect::Keywords(&["ASC", "DESC"]),
            State::Aggregated if is_text => Expect::Keywords(&["WHERE", "ORDER BY", "AS"]),
            State::Selected | State::Aggregated => Expect::Keywords(&["AS"]),
            State::Free | State::Ordered | State::Aggregate | State::Alias { .. } => Expect::Nothing,
        };
        let relation = |frame: &Frame| match frame.opened {
            Opened::Subselect(field) => Some(self.text(field)),
            _ => None,
        };
        Place { expect, relations: self.frames.iter().filter_map(relation).collect() }
    }

    fn text(&self, name: Name) -> String {
        let words =
            self.tokens.get(name.first..=name.last).unwrap_or(&[]).iter().filter_map(|token| match &token.kind {
                TokenKind::Word(word) => Some(&*word.text),
                _ => None,
            });
        words.collect::<Vec<_>>().join(" ")
    }
}

const JOINERS: [&str; 2] = ["AND", "OR"];
/// Measures with arguments.
const MEASURES: [&str; 7] = ["MIN", "MAX", "SUM", "AVG", "COUNTDISTINCT", "MEDIAN", "PERCENTILE"];

fn is(word: &Word, keyword: &str) -> bool {
    !word.quoted && word.text.eq_ignore_ascii_case(keyword)
}

fn is_one_of(word: &Word, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| is(word, keyword))
}

/// Whether a word in front of `(` is a function's name.
fn begins_call(word: &Word, state: State) -> bool {
    match state {
        State::Start | State::Operand => !is_one_of(word, &["NOT", "AND", "OR", "WHERE"]),
        State::Value(..) => !is_one_of(word, &JOINERS),
        State::Field | State::Free | State::Aggregate | State::Selector => true,
        _ => false,
    }
}

fn operand(word: &Word, name: Name) -> State {
    match () {
        () if is_one_of(word, &["NOT", "AND", "OR"]) => State::Operand,
        () if is(word, "ORDER") => State::Order(name),
        () => State::Operator(name),
    }
}

fn operator(field: Name, word: &Word, name: Name) -> State {
    match () {
        () if is(word, "IS") => State::Is { negated: false },
        () if is(word, "IN") => State::Value(field, Op::In),
        () if is(word, "NOT") => State::OperatorWords(field, Op::NotIn, &["IN"]),
        () if is(word, "CONTAINS") => State::Value(field, Op::Contains),
        () if is(word, "DOES") => State::OperatorWords(field, Op::NotContains, &["NOT", "CONTAIN"]),
        () if is_one_of(word, &JOINERS) => State::Operand,
        () => State::Operator(Name { first: field.first, ..name }),
    }
}

/// What an aggregate begins with.
fn aggregate(word: &Word) -> Option<State> {
    match () {
        () if is_one_of(word, &["COUNT", "ENTITIES"]) => Some(State::Aggregated),
        () if is(word, "GROUP") => Some(State::Group),
        () if is(word, "FACETED") => Some(State::Selector),
        () => None,
    }
}
