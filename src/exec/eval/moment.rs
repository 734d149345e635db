//! Parts of instants, days, times and durations. What clocks and calendars show is that of the request's zone; rules of zones
//! are asked once per stretch without a change, not per row.

use std::cell::Cell;

use crate::exec::eval::column::{Cells, Column, Decimals};
use crate::exec::eval::kernel::each_integer;
use crate::model::time::calendar::date_of;
use crate::model::time::{DAY, HOUR, SECOND, Zone};
use crate::query::predicate::expr::{Call, Type};

/// Places of a microsecond as seconds.
pub(crate) const MICRO_SCALE: u8 = 6;

/// A function of one moment of that type; none if it is no such function.
pub(crate) fn call<'a>(call: &Call, arg: &Column<'_>, ty: Type, zone: &Zone) -> Option<Column<'a>> {
    let clock = Clock::new(zone);
    // Days and times of day have no zone.
    let local = |at: i64| if ty == Type::Instant { clock.local(at) } else { at };
    let day = |at: i64| if ty == Type::Date { at } else { local(at).div_euclid(DAY) };
    let of_day = |at: i64| local(at).rem_euclid(DAY);
    let date = |at: i64| date_of(i32::try_from(day(at)).unwrap_or_default());
    let micros = |cells| Cells::Decimals(Decimals::Narrow(cells, MICRO_SCALE));
    Some(match call {
        Call::Year => each_integer(arg, |at| date(at).0.into(), Cells::Integers),
        Call::Month => each_integer(arg, |at| date(at).1.into(), Cells::Integers),
        Call::Day => each_integer(arg, |at| date(at).2.into(), Cells::Integers),
        Call::Hour => each_integer(arg, |at| of_day(at) / HOUR, Cells::Integers),
        Call::Minute => each_integer(arg, |at| of_day(at) / (60 * SECOND) % 60, Cells::Integers),
        Call::Second => each_integer(arg, |at| of_day(at) / SECOND % 60, Cells::Integers),
        Call::FractionalSeconds => each_integer(arg, |at| of_day(at) % SECOND, micros),
        Call::TotalSeconds => each_integer(arg, |at| at, micros),
        Call::Date => each_integer(arg, day, Cells::Integers),
        Call::Time => each_integer(arg, of_day, Cells::Integers),
        Call::OffsetMinutes => each_integer(arg, |at| (clock.local(at) - at) / (60 * SECOND), Cells::Integers),
        _ => return None,
    })
}

/// A zone's clock, which remembers for how long its offset holds.
pub(crate) struct Clock<'z> {
    zone: &'z Zone,
    /// From the first instant to before the second the clock is ahead by the third; rows next to one another lie close in time.
    known: Cell<(i64, i64, i64)>,
}

/// How far around an instant its offset is taken to hold if it holds at both ends: no zone changes its clocks twice in a day.
pub(crate) const STRETCH: i64 = DAY / 2;

impl<'z> Clock<'z> {
    pub(crate) fn new(zone: &'z Zone) -> Self {
        Self { zone, known: Cell::new((0, 0, 0)) }
    }

    /// What the clock shows, in microseconds since its 1970.
    pub(crate) fn local(&self, at: i64) -> i64 {
        let (from, to, ahead) = self.known.get();
        if (from..to).contains(&at) {
            return at + ahead;
        }
        let offset = |at| self.zone.offset_seconds_at(at);
        let (from, to) = (at.saturating_sub(STRETCH), at.saturating_add(STRETCH));
        let ahead = i64::from(offset(at)) * SECOND;
        if offset(from) == offset(at) && offset(to) == offset(at) {
            self.known.set((from, to, ahead));
        }
        at.saturating_add(ahead)
    }
}
