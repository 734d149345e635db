//! A condition on one number as ranges of that number: all its numbers are halved until each part comes to one thing. What is
//! monotone takes some dozens of steps however many numbers there are; what keeps changing is given up, since it is cheaper to
//! ask the rows.

use crate::data::block::Summary;
use crate::exec::eval::reach::{Extent, States};
use crate::exec::truth::passed;

/// A range of numbers and what rows with one of them come to, as [`passed`] says.
pub(super) type Run = (i128, i128, u8);

/// What rows come to where the only number that is asked is null, then by ranges that ascend, cover all from `low` to `high` and
/// differ from the next. `most` is how many steps of the expression may be looked at for that; none if they are not enough.
pub(super) fn halved(
    extent: &Extent<'_>,
    negated: bool,
    (low, high): (i128, i128),
    most: u64,
) -> Option<(u8, Vec<Run>)> {
    let mut room = Vec::new();
    let mut state_of = |summary: Summary| single(extent.reach(&|_| summary, &mut room).states, negated);
    let of_null = state_of(Summary::ABSENT)?;
    let mut runs: Vec<Run> = Vec::new();
    let mut open = vec![(low, high)];
    let mut left = most;
    while let Some((low, high)) = open.pop() {
        left = left.checked_sub(extent.n_steps() as u64)?;
        match (state_of(Summary { bounds: Some((low, high)), has_empty: false }), runs.last_mut()) {
            (Some(state), Some((_, last, same))) if *same == state => *last = high,
            (Some(state), _) => runs.push((low, high, state)),
            // What one number comes to is not known from numbers alone.
            (None, _) if low == high => return None,
            (None, _) => {
                // Their difference may leave 128 bits.
                let middle = (low & high) + ((low ^ high) >> 1);
                open.extend([(middle + 1, high), (low, middle)]);
            }
        }
    }
    Some((of_null, runs))
}

/// What rows come to, if it is the same for all.
pub(super) fn single(states: States, negated: bool) -> Option<u8> {
    let mut states = states.iter().map(|state| passed(state, negated));
    let first = states.next()?;
    states.all(|state| state == first).then_some(first)
}
