//! Counters against a recount, over random histories of runs, tests and results.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value as Json;
use tallygrid::{Access, Condition, Context, Engine, GroupBy, Query, Rows, RunChanges, Value, presets::counted};

use crate::runs::{context, one};

const N_STATUSES: usize = 6;

/// One change. Numbers name rows modulo those that there are.
#[derive(Clone, Debug)]
enum Change {
    AddRun,
    AddTests(usize, usize),
    /// For each result: test, status, and when, if that is known.
    AddResults(Vec<(usize, usize, Option<i64>)>),
    PatchStatus(usize, usize),
    PatchTime(usize, Option<i64>),
    DeleteResult(usize),
    DeleteTest(usize),
    DeleteRun(usize),
}

/// What is there, kept by another way: every result in the order of arrival.
#[derive(Clone, Debug, Default)]
struct Model {
    runs: Vec<i64>,
    /// Number and run.
    tests: Vec<(i64, i64)>,
    /// Number, test, status and time.
    results: Vec<(i64, i64, usize, Option<i64>)>,
    next: i64,
}

fn changes() -> impl Strategy<Value = Vec<Vec<Change>>> {
    let at = || prop::option::weighted(0.8, 0..6i64);
    let change = prop_oneof![
        2 => Just(Change::AddRun),
        4 => (any::<usize>(), 1..5usize).prop_map(|(run, n)| Change::AddTests(run, n)),
        8 => prop::collection::vec((any::<usize>(), 0..N_STATUSES, at()), 1..6).prop_map(Change::AddResults),
        2 => (any::<usize>(), 0..N_STATUSES).prop_map(|(result, status)| Change::PatchStatus(result, status)),
        2 => (any::<usize>(), at()).prop_map(|(result, at)| Change::PatchTime(result, at)),
        3 => any::<usize>().prop_map(Change::DeleteResult),
        1 => any::<usize>().prop_map(Change::DeleteTest),
        1 => any::<usize>().prop_map(Change::DeleteRun),
    ];
    prop::collection::vec(prop::collection::vec(change, 1..6), 1..12)
}

fn instant(at: Option<i64>) -> Value {
    at.map_or(Value::Null, Value::Instant)
}

fn pick<T: Copy>(list: &[T], n: usize) -> Option<T> {
    (!list.is_empty()).then(|| list[n % list.len()])
}

impl Model {
    fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// Does a change in both worlds; one without a row to change does nothing.
    fn apply(&mut self, change: &Change, changes: &mut RunChanges<'_>) -> Option<()> {
        match change {
            Change::AddRun => {
                let id = self.id();
                self.runs.push(id);
                changes.add_runs(&Rows::new(["id", "project_id"]).row([id.into(), 1.into()])).unwrap();
            }
            Change::AddTests(run, n) => {
                let mut rows = Rows::new(["id", "run_id"]);
                for i in 0..*n {
                    let (run, id) = (pick(&self.runs, run.wrapping_add(i % 2))?, self.id());
                    self.tests.push((id, run));
                    rows.push([id.into(), run.into()]);
                }
                changes.add_tests(&rows).unwrap();
            }
            Change::AddResults(list) => {
                let mut rows = Rows::new(["id", "test_id", "status", "created_at"]);
                for (test, status, at) in list {
                    let ((test, _), id) = (pick(&self.tests, *test)?, self.id());
                    self.results.push((id, test, *status, *at));
                    // By number and by name.
                    let status = match id % 2 {
                        0 => Value::from(*status as i64 + 1),
                        _ => counted::statuses()[*status].name().into(),
                    };
                    rows.push([id.into(), test.into(), status, instant(*at)]);
                }
                changes.add_results(&rows).unwrap();
            }
            Change::PatchStatus(result, status) => {
                let (id, ..) = pick(&self.results, *result)?;
                self.results.iter_mut().filter(|(other, ..)| *other == id).for_each(|(_, _, own, _)| *own = *status);
                changes.patch_result(id, [("status", (*status as i64 + 1).into())]).unwrap();
            }
            Change::PatchTime(result, at) => {
                let (id, ..) = pick(&self.results, *result)?;
                self.results.iter_mut().filter(|(other, ..)| *other == id).for_each(|(.., own)| *own = *at);
                changes.patch_result(id, [("created_at", instant(*at))]).unwrap();
            }
            Change::DeleteResult(result) => {
                let (id, ..) = pick(&self.results, *result)?;
                self.results.retain(|(other, ..)| *other != id);
                changes.delete_result(id).unwrap();
            }
            Change::DeleteTest(test) => {
                let (id, _) = pick(&self.tests, *test)?;
                self.drop_tests(&[id]);
                changes.delete_test(id).unwrap();
            }
            Change::DeleteRun(run) => {
                let id = pick(&self.runs, *run)?;
                let tests: Vec<i64> = self.tests.iter().filter(|(_, run)| *run == id).map(|(test, _)| *test).collect();
                self.drop_tests(&tests);
                self.runs.retain(|run| *run != id);
                changes.delete_run(id).unwrap();
            }
        }
        Some(())
    }

    fn drop_tests(&mut self, gone: &[i64]) {
        self.tests.retain(|(test, _)| !gone.contains(test));
        self.results.retain(|(_, test, ..)| !gone.contains(test));
    }

    /// Tests by status, for each run.
    fn recount(&self) -> BTreeMap<i64, [i64; N_STATUSES]> {
        let mut counts: BTreeMap<i64, [i64; N_STATUSES]> =
            self.runs.iter().map(|run| (*run, [0; N_STATUSES])).collect();
        for (test, run) in &self.tests {
            let own = self.results.iter().filter(|(_, of, ..)| of == test);
            // The last of those that were created last.
            let latest = own.max_by_key(|(.., at)| *at).map_or(0, |(_, _, status, _)| *status);
            counts.get_mut(run).unwrap()[latest] += 1;
        }
        counts
    }
}

/// The counters of a run as an answer has them; the sums are held against the counters.
fn told(run: &Json) -> [i64; N_STATUSES] {
    let n = |name: &str| run[name].as_i64().unwrap();
    let counts: [i64; N_STATUSES] =
        std::array::from_fn(|i| if i == 0 { n("untested_count") } else { n(&format!("status{i}_count")) });
    assert_eq!((n("success_count"), n("failure_count")), (counts[1], counts[2]), "{run}");
    assert_eq!(n("completed_count"), counts[1] + counts[2] + counts[4] + counts[5], "{run}");
    assert_eq!(n("total_count"), counts.iter().sum::<i64>(), "{run}");
    counts
}

proptest! {
    #[test]
    fn counters_equal_a_recount(history in changes(), segment_rows in prop::sample::select(vec![1u32, 3, 65_536])) {
        let catalog = counted::catalog(&counted::statuses()).unwrap();
        let engine = Engine::builder(catalog).threads(1).segment_rows(segment_rows).build().unwrap();
        let ctx = context();
        // Sees every test by a condition, so that its counters are not those that are kept.
        let counts = Access::none().allow("runs", Condition::all()).allow("tests", Condition::tql("id > 0"));
        let counting = Context::new(chrono::DateTime::UNIX_EPOCH, counts);
        let mut model = Model::default();
        for batch in &history {
            let mut tx = engine.transaction(&ctx).unwrap();
            let mut changes = RunChanges::of(&mut tx, &ctx).unwrap();
            batch.iter().for_each(|change| model.apply(change, &mut changes).unwrap_or(()));
            tx.commit().unwrap();
            for (run, counts) in model.recount() {
                let id = run.to_string();
                prop_assert_eq!(told(&one(&engine, &id, &[], &ctx).unwrap()["result"]), counts, "run {}", run);
                prop_assert_eq!(told(&one(&engine, &id, &[], &counting).unwrap()["result"]), counts, "run {}", run);
            }
            // The latest results by the engine's own choice are those of the tests that have some.
            let snapshot = engine.snapshot();
            let by = GroupBy::field("run_id").status("status");
            let latest = snapshot.index("results", &ctx).unwrap().group(&by, &Query::all().latest(), &ctx).unwrap().body;
            let tested = snapshot.index("tests", &ctx).unwrap();
            let tested = tested.group(&by, &Query::tql("latest_result_id IS NOT EMPTY"), &ctx).unwrap().body;
            prop_assert_eq!(latest.rows, tested.rows);
        }
    }
}
