//! Every zone, at every change of its offset from 1970 to 2100.

use super::Zone;
use crate::model::time::bucket::Buckets;
use crate::model::time::calendar::Period;
use crate::model::time::{DAY, HOUR, SECOND};
use jiff::Timestamp;
use jiff::tz::TimeZone;

const UNTIL_2100: i64 = 4_102_444_800 * SECOND;

fn names() -> Vec<String> {
    jiff::tz::db().available().map(|name| name.to_string()).collect()
}

/// Changes of offset from 1970 to 2100, found by asking the offset, not by the code under test.
fn changes(rules: &TimeZone) -> Vec<i64> {
    let offset = |at: i64| rules.to_offset(Timestamp::from_microsecond(at).unwrap()).seconds();
    let following = rules.following(Timestamp::UNIX_EPOCH).map(|t| t.timestamp().as_microsecond());
    following.take_while(|at| *at < UNTIL_2100).filter(|at| offset(*at) != offset(*at - 1)).collect()
}

#[test]
fn every_zone_at_every_change() {
    let (mut n_zones, mut n_changes) = (0, 0);
    for name in names() {
        let zone = Zone::named(&name).unwrap();
        let rules = TimeZone::get(&name).unwrap();
        n_zones += 1;
        for change in changes(&rules) {
            n_changes += 1;
            let (before, after) = (zone.offset_seconds_at(change - 1), zone.offset_seconds_at(change));
            assert_ne!(before, after, "{name} {change}");
            assert_eq!(zone.change_after(change - 1), Some(change), "{name} {change}");
            assert_eq!(zone.change_between(change - 5, change + 7), change, "{name} {change}");
            // Wall times around the change, each against the rule: gap to its end, fold to the earlier.
            let (old, new) = (change + i64::from(before) * SECOND, change + i64::from(after) * SECOND);
            let (first, second) = (old.min(new), old.max(new));
            let middle = first + (second - first) / 2;
            let expected = if new > old { change } else { middle - i64::from(before) * SECOND };
            assert_eq!(zone.to_instant(middle), expected, "{name} {change}");
            for at in [change - 1, change - HOUR * 30, change + HOUR * 30] {
                let back = zone.to_instant(zone.to_local(at));
                assert!(back <= at && zone.to_local(back) == zone.to_local(at), "{name} {at}");
            }
        }
    }
    assert!(n_zones > 500 && n_changes > 20_000, "{n_zones} zones, {n_changes} changes");
}

#[test]
fn days_around_every_change_begin_at_their_first_midnight() {
    for name in names() {
        let zone = Zone::named(&name).unwrap();
        let rules = TimeZone::get(&name).unwrap();
        // Rules repeat every year from some point on, so later years add nothing but time.
        for change in changes(&rules).into_iter().filter(|change| *change < 2_145_916_800 * SECOND) {
            let buckets = Buckets::of_instants(&zone, Period::Day, change - DAY, change + DAY, 10).unwrap();
            for (i, start) in buckets.starts().iter().enumerate() {
                let date: jiff::civil::Date = buckets.key(i).parse().unwrap();
                let expected = date.to_zoned_datetime(rules.clone()).unwrap().start_of_day().unwrap();
                assert_eq!(*start, expected.timestamp().as_microsecond(), "{name} {date}");
            }
        }
    }
}

#[test]
fn hours_around_every_change_have_one_name_each() {
    for name in names() {
        let zone = Zone::named(&name).unwrap();
        for change in
            changes(&TimeZone::get(&name).unwrap()).into_iter().filter(|change| *change < 2_145_916_800 * SECOND)
        {
            let buckets = Buckets::of_instants(&zone, Period::Hour, change - 3 * HOUR, change + 3 * HOUR, 20).unwrap();
            let keys: std::collections::BTreeSet<String> = (0..buckets.len()).map(|i| buckets.key(i)).collect();
            assert_eq!(keys.len(), buckets.len(), "{name} {change}");
            for start in buckets.starts() {
                let local = zone.to_local(*start);
                assert!(local.rem_euclid(HOUR) == 0 || *start == change, "{name} {start}");
            }
        }
    }
}

/// Why the rules are not those of chrono-tz: where the two differ, it is the older table that is wrong.
#[test]
fn rules_differ_from_chrono_tz_where_it_is_out_of_date() {
    use chrono::Offset as _;
    use chrono::TimeZone as _;
    let instant = 1_796_110_200; // 2026-12-01T07:30:00Z
    let mut differing = Vec::new();
    for theirs in chrono_tz::TZ_VARIANTS {
        let ours = Zone::try_from(theirs).unwrap();
        let offset =
            theirs.offset_from_utc_datetime(&chrono::DateTime::from_timestamp(instant, 0).unwrap().naive_utc());
        if offset.fix().local_minus_utc() != ours.offset_seconds_at(instant * SECOND) {
            differing.push(theirs.name());
        }
    }
    println!("rules differ for {differing:?}");
    assert!(differing.contains(&"America/Vancouver"), "{differing:?}");
    let vancouver = Zone::named("America/Vancouver").unwrap();
    assert_eq!(vancouver.offset_seconds_at(instant * SECOND), -7 * 3600);
}

#[test]
fn unknown_names_get_a_near_one() {
    let error = Zone::require("Europe/Berlni").unwrap_err();
    assert_eq!(error.diagnostics()[0].help_text(), Some("did you mean `Europe/Berlin`?"));
    assert!(Zone::named("").is_none() && Zone::named("../etc/passwd").is_none());
}
