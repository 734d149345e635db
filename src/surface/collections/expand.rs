//! What expansions hold: rows of other indexes that the caller may see, each index asked once for all runs of a page, or
//! what the runs themselves say.

use std::collections::BTreeMap;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result, all};
use crate::engine::ask::Query;
use crate::engine::condition::Condition;
use crate::engine::context::Context;
use crate::engine::odata::record::{Property, Record};
use crate::engine::snapshot::{Index, Snapshot};
use crate::model::schema::Schema;
use crate::model::value::{Value, distinct};
use crate::surface::body::shown;
use crate::surface::collections::item::{Row, named, push_link};
use crate::surface::collections::kind::{Column, RunKind, Source, added};

/// The counters of an automated run, in the order of the wire.
const TOTALS: [&str; 9] =
    ["Errors", "Failed", "NotRun", "Passed", "Skipped", "Warnings", "InProgress", "Undetermined", "Blocked"];

/// What can be expanded for a caller, and how.
#[derive(Debug)]
pub(super) struct Expander<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) schema: &'a Schema,
    pub(super) base: &'a str,
    pub(super) ctx: &'a Context,
}

impl Expander<'_> {
    /// The names of what can be expanded in a run of that kind, in order.
    pub(super) fn names(&self, kind: RunKind) -> Vec<&'static str> {
        kind.expansions().iter().filter(|(_, source)| self.has(*source)).map(|(name, _)| *name).collect()
    }

    /// Whether there is anything to expand, and the caller may see it.
    fn has(&self, source: Source) -> bool {
        match source {
            Source::One { index, .. } | Source::Many { index, .. } => self.index(index).is_some(),
            Source::Totals => TOTALS.iter().any(|name| self.schema.field_named(&format!("Totals.{name}")).is_some()),
            Source::Named { name, .. } => self.schema.field_named(name).is_some(),
            Source::Added => !added(self.schema).is_empty(),
        }
    }

    fn index(&self, name: &str) -> Option<Index<'_>> {
        let is_there = self.snapshot.catalog().find(name).is_some() && self.ctx.access().sees(name);
        is_there.then(|| self.snapshot.index(name, self.ctx).ok()).flatten()
    }

    /// The expansions that are asked for, each once.
    ///
    /// # Errors
    /// `Query` for every name that no run of these kinds can expand.
    pub(super) fn wanted(&self, kinds: &[RunKind], asked: &[(String, Place)]) -> Result<Vec<&'static str>> {
        let mut known: Vec<&'static str> = Vec::new();
        kinds.iter().flat_map(|kind| self.names(*kind)).for_each(|name| {
            if !known.contains(&name) {
                known.push(name);
            }
        });
        let find = |(name, place): &(String, Place)| {
            known.iter().find(|known| known.eq_ignore_ascii_case(name)).copied().ok_or_else(|| {
                let message = format!("nothing is called `{}` that could be expanded", shown(name));
                let wrong = Diagnostic::new(Code::WrongParameter, Severity::Error, place.clone(), message);
                let help = if known.is_empty() {
                    "leave it out".to_owned()
                } else {
                    format!("there are {}", known.join(", "))
                };
                Error::one(ErrorKind::Query, wrong.help(help))
            })
        };
        all(asked.iter().map(find))
    }

    /// By run: the contents of the wanted expansions that runs of its kind have, in the order of its names.
    pub(super) fn contents(
        &self,
        runs: &[(Row<'_>, RunKind)],
        wanted: &[&'static str],
    ) -> Result<Vec<Vec<(&'static str, Property)>>> {
        let mut contents: Vec<Vec<(&'static str, Property)>> = runs.iter().map(|_| Vec::new()).collect();
        for kind in RunKind::ALL {
            let of_kind: Vec<usize> =
                (0..runs.len()).filter(|at| runs.get(*at).is_some_and(|(_, own)| *own == kind)).collect();
            let expanded = kind.expansions().iter().filter(|(name, source)| wanted.contains(name) && self.has(*source));
            for (name, source) in expanded.filter(|_| !of_kind.is_empty()) {
                let rows: Vec<Row<'_>> = of_kind.iter().filter_map(|at| runs.get(*at)).map(|(row, _)| *row).collect();
                for (at, property) in of_kind.iter().zip(self.of(*source, &rows)?) {
                    if let Some(contents) = contents.get_mut(*at) {
                        contents.push((name, property));
                    }
                }
            }
        }
        Ok(contents)
    }

    /// What a source has for each of some runs.
    fn of(&self, source: Source, runs: &[Row<'_>]) -> Result<Vec<Property>> {
        let each = |of: &dyn Fn(&Row<'_>) -> Property| Ok(runs.iter().map(of).collect());
        match source {
            Source::One { index, field } => {
                let found = self.found(index, "Id", runs.iter().filter_map(|run| run.get(field)), |row| {
                    let mut record = row.whole();
                    push_link(&mut record, self.base, &assignment_path(&row), &row.id());
                    record
                })?;
                let led_to = |run: &Row<'_>| {
                    let key = run.get(field).map_or_else(String::new, Value::to_string);
                    Property::Record(found.get(&key).and_then(|rows| rows.first()).cloned())
                };
                each(&led_to)
            }
            Source::Many { index, columns } => {
                let found = self.found(index, "RunId", runs.iter().filter_map(|run| run.get("Id")), |row| {
                    self.member(&row, columns)
                })?;
                each(&|run| Property::Records(found.get(&run.id()).cloned().unwrap_or_default()))
            }
            Source::Totals => each(&|run| {
                let mut totals = Record::default();
                for name in TOTALS {
                    let n = run.get(&format!("Totals.{name}")).filter(|n| !n.is_empty());
                    totals.put(&[name.into()], n.cloned().unwrap_or(0.into()));
                }
                Property::Record(Some(totals))
            }),
            Source::Named { id, name } => each(&|run| {
                let mut record = Record::default();
                for (name, value) in [("Id", run.get(id)), ("Name", run.get(name))] {
                    record.put(&[name.into()], value.cloned().unwrap_or(Value::Null));
                }
                Property::Record(Some(record))
            }),
            Source::Added => {
                let fields = added(self.schema);
                each(&|run| {
                    let of = |field: &String| {
                        let mut record = Record::default();
                        record.put(&["Name".into()], field.as_str());
                        record.put(&["Value".into()], run.get(field).cloned().unwrap_or(Value::Null));
                        record
                    };
                    Property::Records(fields.iter().map(of).collect())
                })
            }
        }
    }

    /// The rows of an index whose field holds one of some keys, by these.
    fn found<'v>(
        &self,
        index: &str,
        field: &str,
        keys: impl Iterator<Item = &'v Value>,
        record: impl Fn(Row<'_>) -> Record,
    ) -> Result<BTreeMap<String, Vec<Record>>> {
        let mut found: BTreeMap<String, Vec<Record>> = BTreeMap::new();
        let keys = distinct(keys.filter(|key| !key.is_empty()).cloned().collect());
        let Some(index) = self.index(index).filter(|_| !keys.is_empty()) else { return Ok(found) };
        let order = if index.schema().field_named("Position").is_some() { "ORDER BY Position" } else { "" };
        let query = Query::tql(order).top(u64::MAX).scope(Condition::is_in(field, keys));
        for cells in index.rows(&query, self.ctx)?.body.rows {
            let row = Row { schema: index.schema(), cells: &cells };
            let key = row.get(field).map_or_else(String::new, Value::to_string);
            found.entry(key).or_default().push(record(row));
        }
        Ok(found)
    }

    /// A row that belongs to a run.
    fn member(&self, row: &Row<'_>, columns: &[Column]) -> Record {
        let mut record = row.shown(columns);
        // A step's result of a script run is a resource of its own.
        if columns.iter().any(|(name, _)| *name == "RunId") {
            push_link(&mut record, self.base, "api/stepresult/", &row.id());
        }
        record
    }
}

impl Row<'_> {
    /// Every field.
    fn whole(&self) -> Record {
        let mut record = Record::default();
        for (field, cell) in self.schema.fields().iter().zip(self.cells) {
            let (name, property) = named(field.name(), cell.clone());
            record.push(name, property);
        }
        record
    }
}

/// What the link of an assignment has between the base and the id.
fn assignment_path(row: &Row<'_>) -> String {
    let kind = match row.get("Type") {
        Some(Value::Text(kind)) if !kind.is_empty() => kind.to_lowercase(),
        _ => "scriptassignment".to_owned(),
    };
    format!("api/{kind}/")
}
