//! What a row of a column is: a value, null, or failed and why. One byte a row, laid out so that the states of several
//! operands come together in one vector instruction.
//!
//! A byte of a Boolean column says it all: false 0, true 1, null 2, from 3 on failed. Other columns have their values beside
//! such bytes, where 0 stands for a value. The greatest byte of some operands is then what becomes of a computation that needs
//! all of them, whatever their order.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind};

pub(crate) const FALSE: u8 = 0;
pub(crate) const TRUE: u8 = 1;
/// The state of a row that has a value, in columns that are not Boolean.
pub(crate) const VALUE: u8 = 0;
pub(crate) const NULL: u8 = 2;
/// The least state of a row that failed.
pub(crate) const FAILED: u8 = 3;

/// Why a row has no value where it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A number leaves the range of its type.
    Overflow,
    /// A number is divided by zero.
    DivisionByZero,
    /// A text of negative length is asked for.
    NegativeLength,
    /// An instant or day leaves the calendar.
    OutsideCalendar,
    /// A text grows beyond all use.
    LongText,
}

/// In the order of their states.
const ALL: [Failure; 5] =
    [Failure::Overflow, Failure::DivisionByZero, Failure::NegativeLength, Failure::OutsideCalendar, Failure::LongText];

impl Failure {
    pub(crate) const fn state(self) -> u8 {
        FAILED + self as u8
    }

    /// What a state says went wrong.
    pub(crate) fn of_state(state: u8) -> Option<Self> {
        ALL.get(usize::from(state.checked_sub(FAILED)?)).copied()
    }

    /// The error of a request one of whose rows fails so.
    pub(crate) fn error(self) -> Error {
        let (message, help) = match self {
            Self::Overflow => ("a computed number leaves the range of its type", "compute with smaller numbers"),
            Self::DivisionByZero => (
                "a number is divided by zero",
                "leave out rows with a zero there, or divide in a case that they do not take",
            ),
            Self::NegativeLength => ("a text of negative length is asked for", "ask for at least 0 characters"),
            Self::OutsideCalendar => ("a computed day lies outside years 1 to 9999", "add or subtract less"),
            Self::LongText => ("a computed text has more than 1048576 bytes", "join or replace less"),
        };
        let wrong = Diagnostic::new(Code::FailedExpression, Severity::Error, Place::Request, message);
        Error::one(ErrorKind::Query, wrong.help(help))
    }
}

/// The longest computed text, in bytes: one that merely copies a cell may be longer.
pub(crate) const MOST_TEXT: usize = 1 << 20;

/// The state of a whole Boolean byte or of a value beside it, for a computation that needs the value itself.
pub(crate) fn of_truth(truth: u8) -> u8 {
    if truth < NULL { VALUE } else { truth }
}

/// Kleene AND, where a false operand decides even if the other failed.
pub(crate) fn and(a: u8, b: u8) -> u8 {
    if a == FALSE || b == FALSE { FALSE } else { a.max(b) }
}

/// Kleene OR, where a true operand decides even if the other failed.
pub(crate) fn or(a: u8, b: u8) -> u8 {
    if a == TRUE || b == TRUE { TRUE } else { a.max(b) }
}

/// Kleene NOT.
pub(crate) fn not(a: u8) -> u8 {
    if a < NULL { a ^ 1 } else { a }
}

#[cfg(test)]
mod tests {
    use super::{ALL, FALSE, Failure, NULL, TRUE, and, not, or};

    #[test]
    fn truth_tables_are_those_of_kleene_and_a_deciding_operand_hides_a_failure() {
        let (overflow, zero) = (Failure::Overflow.state(), Failure::DivisionByZero.state());
        for (a, b, both, either) in [
            (FALSE, NULL, FALSE, NULL),
            (TRUE, NULL, NULL, TRUE),
            (NULL, NULL, NULL, NULL),
            (FALSE, zero, FALSE, zero),
            (TRUE, zero, zero, TRUE),
            (NULL, zero, zero, zero),
            (overflow, zero, zero, zero),
        ] {
            assert_eq!((and(a, b), and(b, a), or(a, b), or(b, a)), (both, both, either, either), "{a} {b}");
        }
        assert_eq!([FALSE, TRUE, NULL, zero].map(not), [TRUE, FALSE, NULL, zero]);
    }

    #[test]
    fn states_tell_failures_apart() {
        assert!(ALL.iter().all(|failure| Failure::of_state(failure.state()) == Some(*failure)));
        assert_eq!([FALSE, TRUE, NULL, 200].map(Failure::of_state), [None; 4]);
    }
}
