//! What may come behind the beginning of an expression: operands, operators, what joins comparisons.

use std::sync::Arc;

use crate::lang::odata::cursor::{Expect, Place, Tokens};
use crate::lang::odata::function::Function;

/// Where the expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// As a test.
    Filter,
    /// As an item of an order; commas part items.
    Order,
    /// With a name behind it; commas part them too.
    Compute,
}

/// A parenthesis that is open.
enum Open {
    Group,
    /// A list behind `in`.
    List(Option<Place>),
    Call(String),
    /// `any(` or `all(`, whose variable stands for values found along a path.
    Lambda,
}

/// What has been read last.
enum State {
    /// An operand is to come, compared with something or behind `/`.
    Operand { place: Place, against: Option<Place> },
    /// An operand: a path, or anything else; whether it is a test already.
    Behind { of: Option<Place>, is_test: bool },
    /// A name is to come, behind `as`.
    Naming,
    /// Behind a name, or the direction of an order.
    Ended,
    /// Nothing can be said.
    Lost,
}

/// What reads an expression, token by token.
struct Reader<'a> {
    from: &'a [Arc<str>],
    used: Use,
    open: Vec<Open>,
    /// Variables, each with the way to what it stands for.
    variables: Vec<(Arc<str>, Vec<Arc<str>>)>,
    state: State,
}

/// What may come behind the tokens, in rows that are found along `from`. Linear.
pub(super) fn place(before: Tokens<'_>, from: &[Arc<str>], used: Use) -> Expect {
    let state = State::Lost;
    let mut reader = Reader { from, used, open: Vec::new(), variables: Vec::new(), state };
    reader.state = reader.operand(None);
    let mut at = 0;
    while at < before.len() {
        at += reader.read(before, at);
    }
    reader.expect()
}

impl Reader<'_> {
    /// The beginning of an operand.
    fn operand(&self, against: Option<Place>) -> State {
        State::Operand { place: self.start(), against }
    }

    fn start(&self) -> Place {
        let variables = self.variables.iter().map(|(name, _)| name.clone()).collect();
        Place { from: self.from.to_vec(), variables, ..Place::default() }
    }

    /// Reads one token or a few that belong together; answers how many.
    fn read(&mut self, before: Tokens<'_>, at: usize) -> usize {
        let behind = before.mark(at + 1);
        let state = std::mem::replace(&mut self.state, State::Lost);
        let (next, n) = match (state, before.word(at), before.mark(at)) {
            (State::Operand { place, against }, Some(word), _) => self.word(word, behind, place, against, (before, at)),
            (State::Operand { against, .. }, None, Some('(')) => {
                let list = before.is_word(at.wrapping_sub(1), "in");
                self.open.push(if list { Open::List(against.clone()) } else { Open::Group });
                (self.operand(against.filter(|_| list)), 1)
            }
            // A string.
            (State::Operand { against, .. }, None, None) => (State::Behind { of: None, is_test: against.is_some() }, 1),
            (State::Operand { .. }, None, Some(')')) => self.close(false),
            (State::Behind { of, .. }, Some(word), _) => (self.behind(word, of), 1),
            (State::Behind { is_test, .. }, None, Some(')')) => self.close(is_test),
            (State::Behind { of, .. }, None, Some(',')) => (self.comma(of), 1),
            (State::Naming, Some(_), _) => (State::Ended, 1),
            (State::Ended, None, Some(',')) => (self.operand(None), 1),
            _ => (State::Lost, 1),
        };
        self.state = next;
        n
    }

    /// A word where an operand is to come.
    fn word(
        &mut self,
        word: &str,
        behind: Option<char>,
        mut place: Place,
        against: Option<Place>,
        (before, at): (Tokens<'_>, usize),
    ) -> (State, usize) {
        let is_first = !place.is_behind;
        if is_first && (word.eq_ignore_ascii_case("not") || word == "-") {
            return (State::Operand { place, against }, 1);
        }
        if behind == Some('(') {
            let is_lambda = !is_first && (word.eq_ignore_ascii_case("any") || word.eq_ignore_ascii_case("all"));
            if !is_lambda {
                self.open.push(Open::Call(word.to_owned()));
                return (self.operand(None), 2);
            }
            let (Some(variable), Some(':')) = (before.word(at + 2), before.mark(at + 3)) else {
                // `any()` asks whether there is one; else a variable is to come, which has a name of its own.
                let is_empty = before.mark(at + 2) == Some(')');
                let next = if is_empty { State::Behind { of: None, is_test: true } } else { State::Lost };
                return (next, if is_empty { 3 } else { before.len() });
            };
            let way = place.from.iter().chain(&place.path).cloned().collect();
            self.variables.push((variable.into(), way));
            self.open.push(Open::Lambda);
            return (self.operand(None), 4);
        }
        match self.variables.iter().rev().find(|(name, _)| is_first && **name == *word) {
            Some((_, way)) => (place.from, place.path) = (way.clone(), Vec::new()),
            None if is_first && word == "$it" => place.from = Vec::new(),
            None => place.path.push(word.into()),
        }
        match behind {
            Some('/') => {
                let place = Place { variables: Vec::new(), is_behind: true, ..place };
                (State::Operand { place, against }, 2)
            }
            _ => (State::Behind { of: Some(place), is_test: against.is_some() }, 1),
        }
    }

    /// A word behind an operand.
    fn behind(&self, word: &str, of: Option<Place>) -> State {
        match &*word.to_ascii_lowercase() {
            "eq" | "ne" | "gt" | "ge" | "lt" | "le" | "in" | "has" => self.operand(of),
            "and" | "or" | "add" | "sub" | "mul" | "div" | "divby" | "mod" => self.operand(None),
            "asc" | "desc" if self.used == Use::Order && self.open.is_empty() => State::Ended,
            "as" if self.used == Use::Compute && self.open.is_empty() => State::Naming,
            _ => State::Lost,
        }
    }

    fn comma(&self, of: Option<Place>) -> State {
        match self.open.last() {
            Some(Open::List(against)) => self.operand(against.clone()),
            Some(Open::Call(name)) => {
                // What a text is looked for in has such texts.
                let is_search = Function::named(name).is_some_and(is_test);
                self.operand(of.filter(|_| is_search))
            }
            None if self.used != Use::Filter => self.operand(None),
            _ => State::Lost,
        }
    }

    fn close(&mut self, is_test: bool) -> (State, usize) {
        let is_test = match self.open.pop() {
            Some(Open::Group) => is_test,
            Some(Open::List(_)) => true,
            Some(Open::Call(name)) => Function::named(&name).is_some_and(self::is_test),
            Some(Open::Lambda) => {
                self.variables.pop();
                true
            }
            None => return (State::Lost, 1),
        };
        (State::Behind { of: None, is_test }, 1)
    }

    fn expect(self) -> Expect {
        let mark = match self.open.last() {
            None => None,
            Some(Open::List(_) | Open::Call(_)) => Some([")", ","].as_slice()),
            Some(Open::Group | Open::Lambda) => Some([")"].as_slice()),
        };
        match self.state {
            State::Operand { place, against } => Expect::Operand { place, against },
            State::Behind { of, is_test: false } => Expect::Operator { of },
            State::Behind { .. } => {
                let joiners = if matches!(self.open.last(), Some(Open::List(_))) { &[][..] } else { &["and", "or"] };
                let item = if mark.is_none() && self.used == Use::Order { &["asc", "desc", ","][..] } else { &[] };
                Expect::Words(joiners.iter().chain(item).chain(mark.unwrap_or(&[])).copied().collect())
            }
            State::Ended => Expect::Words(vec![","]),
            State::Naming | State::Lost => Expect::Nothing,
        }
    }
}

/// Whether a function tells whether something is so.
pub(super) fn is_test(function: Function) -> bool {
    use Function as F;
    matches!(
        function,
        F::Contains
            | F::EndsWith
            | F::StartsWith
            | F::SubstringOf
            | F::MatchesPattern
            | F::HasSubset
            | F::HasSubsequence
            | F::IsDefined
    )
}
