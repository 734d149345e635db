//! Parts of everything between two moments: in order as long as the greater part stays the same, else all that the part can be.

use crate::exec::eval::exact::Exact;
use crate::exec::eval::moment::{Clock, MICRO_SCALE, STRETCH};
use crate::exec::eval::reach::Reach;
use crate::model::time::calendar::date_of;
use crate::model::time::{DAY, HOUR, SECOND, Zone};
use crate::query::predicate::expr::{Call, Type};

const MINUTE: i64 = 60 * SECOND;

/// A function of moments of that type between two; none if it is no such function.
pub(crate) fn call(call: &Call, ends: [Exact; 2], ty: Type, zone: &Zone) -> Option<Reach> {
    let local = match ty {
        Type::Date => ends.map(|day| whole(day).saturating_mul(DAY)),
        Type::Instant => local(ends.map(whole), zone),
        _ => ends.map(whole),
    };
    // What lies between two of a part's numbers while the greater part is the same, else between its first and its last.
    let part = |whole: i64, part: i64| {
        let [low, high] = local;
        let [first, last] = [low.rem_euclid(whole), high.rem_euclid(whole)].map(|n| n / part);
        let in_order = low.div_euclid(whole) == high.div_euclid(whole);
        integers(if in_order { [first, last] } else { [0, (whole - 1) / part] })
    };
    let dates = || local.map(|at| date_of(i32::try_from(at.div_euclid(DAY)).unwrap_or_default()));
    Some(match call {
        Call::Year => integers(dates().map(|date| date.0.into())),
        Call::Month => match dates() {
            [(year, low, _), (other, high, _)] if year == other => integers([low.into(), high.into()]),
            _ => integers([1, 12]),
        },
        Call::Day => match dates() {
            [(year, month, low), (other, same, high)] if (year, month) == (other, same) => {
                integers([low.into(), high.into()])
            }
            _ => integers([1, 31]),
        },
        Call::Hour => part(DAY, HOUR),
        Call::Minute => part(HOUR, MINUTE),
        Call::Second => part(MINUTE, SECOND),
        Call::Date => integers(local.map(|at| at.div_euclid(DAY))),
        Call::Time => part(DAY, 1),
        Call::TotalSeconds => {
            let [low, high] = ends.map(|micros| Exact::new(whole(micros).into(), MICRO_SCALE));
            Reach::between(low, high)
        }
        _ => return None,
    })
}

/// The days of the instants between two.
pub(crate) fn days(ends: [Exact; 2], zone: &Zone) -> Reach {
    integers(local(ends.map(whole), zone).map(|at| at.div_euclid(DAY)))
}

fn whole(n: Exact) -> i64 {
    i64::try_from(n.truncated()).unwrap_or_default()
}

fn integers(ends: [i64; 2]) -> Reach {
    Reach::integers(ends.map(i128::from))
}

/// Between what and what the clock shows: as the instants lie while its offset holds, else no more than a day beside them.
fn local([low, high]: [i64; 2], zone: &Zone) -> [i64; 2] {
    let offset = |at| zone.offset_seconds_at(at);
    if high.saturating_sub(low) <= STRETCH && offset(low) == offset(high) {
        let clock = Clock::new(zone);
        return [clock.local(low), clock.local(high)];
    }
    [low.saturating_sub(DAY), high.saturating_add(DAY)]
}
