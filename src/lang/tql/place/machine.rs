//! The machine that reads tokens up to a place. It follows the grammar without building a tree, so that it has an answer
//! behind any row of tokens.

use crate::lang::tql::ast::{BARE_MEASURES, CALLED_MEASURES, Op, Word};
use crate::lang::tql::lex::{Token, TokenKind};
use crate::lang::tql::place::{Expect, Given, OpenCall, Part, Place};

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
    /// `[`, or `(` behind IN as SQL writes it, with what each member is.
    List(State),
    /// `name(`.
    Call {
        name: usize,
        part: Part,
    },
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
    /// An argument of a call must come.
    Argument,
    /// A list stands where none may, or a call whose arguments only the host knows.
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
    /// GROUP BY was read.
    Selector,
    /// A selector was read, and its block must come.
    Selected {
        named: bool,
    },
    /// FACETED was read, or a comma behind a facet.
    Facet,
    /// A facet was read: another may come, and then the block.
    Faceted {
        named: bool,
    },
    /// An aggregate is complete.
    Aggregated {
        named: bool,
    },
    /// AS was read behind that.
    Alias(Named),
}

/// What AS names.
#[derive(Clone, Copy, Debug)]
enum Named {
    Selector,
    Facet,
    Aggregate,
}

/// An argument by its tokens.
#[derive(Clone, Copy, Debug)]
enum Argument {
    Word(usize),
    Call { name: usize, first: Option<usize> },
    List,
}

#[derive(Debug)]
struct Frame {
    opened: Opened,
    /// Of a frame that has others in it: the state when they are closed.
    state: State,
    /// Of a call: its arguments as far as they have begun.
    arguments: Vec<Argument>,
}

#[derive(Debug)]
pub(super) struct Machine<'a> {
    tokens: &'a [Token],
    /// The token being read.
    at: usize,
    /// Never empty: the first is the text itself.
    frames: Vec<Frame>,
    n_braces: usize,
}

impl<'a> Machine<'a> {
    /// Reads all tokens. Linear.
    pub(super) fn read(tokens: &'a [Token]) -> Self {
        let text = Frame { opened: Opened::Text, state: State::Start, arguments: Vec::new() };
        let mut machine = Self { tokens, at: 0, frames: vec![text], n_braces: 0 };
        while let Some(token) = tokens.get(machine.at) {
            machine.step(token);
            machine.at += 1;
        }
        machine
    }

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
        self.frames.push(Frame { opened, state: inside, arguments: Vec::new() });
    }

    /// Notes what an argument of the innermost call begins with.
    fn give(&mut self, argument: Argument) {
        if let Some(Frame { opened: Opened::Call { .. }, state: State::Argument, arguments }) = self.frames.last_mut() {
            arguments.push(argument);
        }
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
            (Opened::Call { part, .. }, _) => self.set(argument_of(part)),
            (_, State::Direction | State::Ordered) => self.set(State::OrderField),
            (_, State::Faceted { .. }) => self.set(State::Facet),
            (_, State::Aggregated { .. }) => self.set(State::Aggregate),
            _ => {}
        }
    }

    fn opening(&mut self, mark: char) {
        let done = State::Done(None);
        match (mark, self.state()) {
            ('[', member @ State::Value(..)) | ('(', member @ State::Value(_, Op::In | Op::NotIn)) => {
                self.open(Opened::List(member), member, done);
            }
            ('[', State::Argument) => {
                self.give(Argument::List);
                self.open(Opened::List(State::Argument), State::Argument, done);
            }
            ('[', _) => self.open(Opened::List(State::Free), State::Free, done),
            ('{', State::Value(field, _)) => self.open(Opened::Subselect(field), State::Start, done),
            ('{', State::Selected { named }) => {
                self.open(Opened::Block, State::Aggregate, State::Aggregated { named });
            }
            ('{', _) => self.open(Opened::Block, State::Aggregate, State::Aggregated { named: false }),
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
                Opened::Group | Opened::List(_) | Opened::Call { .. } => false,
            };
            let closed = self.frames.pop();
            if let Some(Frame { opened: Opened::Call { .. }, arguments, .. }) = closed
                && let Some(Argument::Word(word)) = arguments.first()
                && let Some(Argument::Call { first, .. }) = self.frames.last_mut().and_then(|f| f.arguments.last_mut())
            {
                *first = Some(*word);
            }
            self.n_braces -= usize::from(closes_brace);
            if closes_brace == is_brace {
                return;
            }
        }
    }

    fn next_is(&self, test: impl Fn(&TokenKind) -> bool) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| test(&token.kind))
    }

    /// `name(`.
    fn call(&mut self, word: &Word) {
        let name = self.at;
        self.at += 1;
        let done = State::Done(None);
        let (part, behind) = match (self.state(), self.opened()) {
            (State::Aggregate, _) => (Part::Measure, State::Aggregated { named: false }),
            (State::Start, _) if is_one_of(word, &CALLED_MEASURES) => {
                (Part::Measure, State::Aggregated { named: false })
            }
            (State::Selector, _) => (Part::Selector, State::Selected { named: false }),
            (State::Facet, _) => (Part::Facet, State::Faceted { named: false }),
            (State::Argument, Opened::Call { part, .. }) => (part, done),
            (State::Value(..) | State::Free | State::Argument, _) => (Part::Value, done),
            _ => (Part::Clause, done),
        };
        self.give(Argument::Call { name, first: None });
        self.open(Opened::Call { name, part }, argument_of(part), behind);
    }

    fn word(&mut self, word: &Word) {
        let state = self.state();
        if !word.quoted && self.next_is(|kind| *kind == TokenKind::Mark('(')) && begins_call(word, state) {
            return self.call(word);
        }
        self.give(Argument::Word(self.at));
        let name = self.name();
        let operator_follows = self.next_is(|kind| matches!(kind, TokenKind::Op(_)));
        self.set(match state {
            State::Start | State::Operand | State::Aggregated { .. } if operator_follows => State::Operator(name),
            State::Start | State::Aggregated { .. } if is(word, "WHERE") => State::Operand,
            State::Start => aggregate(word).unwrap_or_else(|| operand(word, name)),
            State::Operand => operand(word, name),
            State::Order(_) if is(word, "BY") => State::OrderField,
            State::Operator(field) | State::Order(field) => operator(field, word, name),
            State::OperatorWords(field, op, [next]) if is(word, next) => State::Value(field, op),
            State::OperatorWords(field, op, [next, rest @ ..]) if is(word, next) => {
                State::OperatorWords(field, op, rest)
            }
            State::Is { negated: false } if is(word, "NOT") => State::Is { negated: true },
            State::Alias(Named::Selector) => State::Selected { named: true },
            State::Alias(Named::Facet) => State::Faceted { named: true },
            State::Alias(Named::Aggregate) => State::Aggregated { named: true },
            _ if is_one_of(word, &JOINERS) && !matches!(state, State::Argument | State::Free) => State::Operand,
            State::OperatorWords(..) | State::Is { .. } | State::Value(..) | State::Argument | State::Free => {
                State::Done(None)
            }
            State::Done(_) if is(word, "ORDER") => State::Order(name),
            State::Done(_) => State::Done(Some(name)),
            State::OrderField => State::Direction,
            State::Direction if is_one_of(word, &["ASC", "DESC"]) => State::Ordered,
            State::Aggregate => aggregate(word).unwrap_or(State::Aggregate),
            State::Group if is(word, "BY") => State::Selector,
            State::Selector => State::Selected { named: false },
            State::Selected { .. } if is(word, "AS") => State::Alias(Named::Selector),
            State::Faceted { .. } if is(word, "AS") => State::Alias(Named::Facet),
            State::Aggregated { .. } if is(word, "AS") => State::Alias(Named::Aggregate),
            State::Aggregated { .. } => operand(word, name),
            state => state,
        });
    }

    /// What may come behind all that was read.
    pub(super) fn place(&self) -> Place {
        let expect = match (self.state(), self.opened()) {
            (State::Start, Opened::Text) => Expect::Start,
            (State::Start | State::Operand, _) => Expect::Operand,
            (State::Order(_) | State::Group, _) => Expect::Words(&["BY"]),
            (State::Operator(field), _) => Expect::Operator { field: self.text(field) },
            (State::OperatorWords(_, Op::NotIn, _), _) => Expect::Words(&["IN"]),
            (State::OperatorWords(_, _, [_]), _) => Expect::Words(&["CONTAIN"]),
            (State::OperatorWords(..), _) => Expect::Words(&["NOT CONTAIN"]),
            (State::Is { negated: false }, _) => Expect::Words(&["EMPTY", "NOT EMPTY"]),
            (State::Is { negated: true }, _) => Expect::Words(&["EMPTY"]),
            (State::Value(field, op), opened) => {
                Expect::Value { field: self.text(field), op, listed: matches!(opened, Opened::List(_)) }
            }
            (State::Argument, _) => self.argument(),
            (State::Selector, _) => Expect::Argument { part: Part::Selector, calls: Vec::new() },
            (State::Facet, _) => Expect::Argument { part: Part::Facet, calls: Vec::new() },
            (State::Done(_), Opened::Text) => Expect::Words(&["AND", "OR", "ORDER BY"]),
            (State::Done(_), Opened::Group) => Expect::Words(&["AND", "OR", ")"]),
            (State::Done(_), Opened::Subselect(_)) => Expect::Words(&["AND", "OR", "}"]),
            (State::OrderField, _) => Expect::OrderField,
            (State::Direction, _) => Expect::Words(&["ASC", "DESC", ","]),
            (State::Ordered, _) => Expect::Words(&[","]),
            (State::Aggregate, _) => Expect::Aggregate,
            (State::Selected { named: false }, _) => Expect::Words(&["{", "AS"]),
            (State::Selected { named: true }, _) => Expect::Words(&["{"]),
            (State::Faceted { named: false }, _) => Expect::Words(&["{", ",", "AS"]),
            (State::Faceted { named: true }, _) => Expect::Words(&["{", ","]),
            (State::Aggregated { named }, Opened::Text) => Expect::Filter { named },
            (State::Aggregated { named: false }, Opened::Block) => Expect::Words(&[",", "}", "AS"]),
            (State::Aggregated { named: true }, Opened::Block) => Expect::Words(&[",", "}"]),
            (State::Free | State::Alias(_) | State::Done(_) | State::Aggregated { .. }, _) => Expect::Nothing,
        };
        let relation = |frame: &Frame| match frame.opened {
            Opened::Subselect(field) => Some(self.text(field)),
            _ => None,
        };
        Place { expect, relations: self.frames.iter().filter_map(relation).collect() }
    }

    /// The calls that are open in one another, lists among their arguments left out.
    fn argument(&self) -> Expect {
        let is_open = |frame: &&Frame| matches!(frame.opened, Opened::Call { .. } | Opened::List(State::Argument));
        let (mut calls, mut within) = (Vec::new(), Part::Value);
        for (nth, frame) in self.frames.iter().rev().take_while(is_open).enumerate() {
            let Opened::Call { name, part } = frame.opened else { continue };
            within = part;
            // The last argument of a call around another is that other, and around a list it is the list.
            let n_complete = frame.arguments.len() - usize::from(nth > 0 && !frame.arguments.is_empty());
            let arguments = frame.arguments.iter().take(n_complete).filter_map(|argument| self.given(*argument));
            calls.push(OpenCall {
                function: self.text(Name { first: name, last: name }),
                arguments: arguments.collect(),
            });
        }
        calls.reverse();
        Expect::Argument { part: within, calls }
    }

    fn given(&self, argument: Argument) -> Option<Given> {
        Some(match argument {
            Argument::Word(at) => Given::Word(self.word_at(at)?.clone()),
            Argument::Call { name, first } => Given::Call {
                function: self.word_at(name)?.text.to_string(),
                first: first.and_then(|at| self.word_at(at)).cloned(),
            },
            Argument::List => Given::List,
        })
    }

    fn word_at(&self, at: usize) -> Option<&Word> {
        match self.tokens.get(at).map(|token| &token.kind) {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn text(&self, name: Name) -> String {
        let words = (name.first..=name.last).filter_map(|at| self.word_at(at));
        words.map(|word| &*word.text).collect::<Vec<_>>().join(" ")
    }
}

const JOINERS: [&str; 2] = ["AND", "OR"];

fn is(word: &Word, keyword: &str) -> bool {
    !word.quoted && word.text.eq_ignore_ascii_case(keyword)
}

fn is_one_of(word: &Word, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| is(word, keyword))
}

/// What a call's parentheses begin with.
fn argument_of(part: Part) -> State {
    if part == Part::Value { State::Free } else { State::Argument }
}

/// Whether a word in front of `(` is a function's name.
fn begins_call(word: &Word, state: State) -> bool {
    match state {
        State::Start | State::Operand | State::Aggregated { .. } => {
            !is_one_of(word, &["NOT", "AND", "OR", "WHERE", "AS"])
        }
        State::Value(..) => !is_one_of(word, &JOINERS),
        State::Argument | State::Free | State::Aggregate | State::Selector | State::Facet => true,
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
        () if is_one_of(word, &BARE_MEASURES) => Some(State::Aggregated { named: false }),
        () if is(word, "GROUP") => Some(State::Group),
        () if is(word, "FACETED") => Some(State::Facet),
        () => None,
    }
}
