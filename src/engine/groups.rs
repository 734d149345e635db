//! Status counts by group: the answer behind most widgets.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result, all, both};
use crate::engine::answer::{Answer, Counts, GroupRow, Key, StatusCounts};
use crate::engine::ask::{Counted, GroupBy, Query};
use crate::engine::context::Context;
use crate::engine::drill::{GroupTests, Missing, Writer};
use crate::engine::snapshot::{Index, Ready};
use crate::exec::groups::Groups;
use crate::exec::request::Request;
use crate::exec::run::Run;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::plan::explain::explain;
use crate::plan::stage::Plan;
use crate::query::predicate::{Builder, Leaf, Node, Predicate};
use crate::query::rel::{GroupKey, Measure, Rel, Role, Selector};

/// Names under which a status field is looked for when none is named.
const STATUS_NAMES: [&str; 5] = ["status", "outcome", "result", "verdict", "state"];

/// Texts between two looks at the deadline.
const POLL_TEXTS: usize = 1024;

/// A grouping with its fields found.
struct Resolved {
    selector: Selector,
    measures: Vec<Measure>,
    /// Names of the sums; empty when rows are counted.
    totals: Vec<String>,
}

impl Index<'_> {
    /// Counts rows by status, or sums totals, for each group of the rows that the query selects. The query's order has no
    /// effect: groups come in the field's own order.
    ///
    /// # Errors
    /// As [`Index::rows`]; also for fields that are unknown, or cannot be grouped by or summed.
    pub fn group(&self, by: &GroupBy, query: &Query, ctx: &Context) -> Result<Answer<StatusCounts>> {
        let budget = ctx.budget();
        self.grouped(by, query, ctx, &self.request(ctx, &budget))
    }

    /// Several groupings of the rows of one query, each as [`Index::group`] answers it; the query's filter is run once.
    pub(crate) fn group_each(&self, by: &[GroupBy], query: &Query, ctx: &Context) -> Vec<Result<Answer<StatusCounts>>> {
        let budget = ctx.budget();
        let request = self.request(ctx, &budget);
        let request = if by.len() > 1 { request.keeping_rows() } else { request };
        by.iter().map(|by| self.grouped(by, query, ctx, &request)).collect()
    }

    fn grouped(
        &self,
        by: &GroupBy,
        query: &Query,
        ctx: &Context,
        request: &Request<'_>,
    ) -> Result<Answer<StatusCounts>> {
        let (resolved, Ready { bound, mut warnings, rel }) = both(self.resolve(by), self.ready(query, ctx))?;
        let rel = with_totals_only(rel, &resolved);
        let group = |keys, input: Rel| Rel::Group { input: input.into(), keys, measures: resolved.measures.clone() };
        let plan = Plan::new(&group(vec![resolved.selector.clone()], rel.clone()))?;
        let run = Run { plan: &plan, request };
        let groups = run.groups(&[])?.groups;

        let n = if resolved.totals.is_empty() { groups.split.len() } else { resolved.totals.len() };
        let n_keys = groups.keys[0].len();
        let mut numbers = Vec::with_capacity(n_keys * n);
        let mut next = 0;
        for position in 0..n_keys as u32 {
            // Periods without rows have a name and no group.
            if groups.positions.get(next) == Some(&position) {
                add_numbers(&groups, next, n, &mut numbers)?;
                next += 1;
            } else {
                numbers.resize(numbers.len() + n, 0);
            }
        }
        let schema = self.schema();
        let field = schema.field(resolved.selector.key.field());
        let totals = if field.multi {
            // A row with two values is in two groups and still one row.
            let plan = Plan::new(&group(Vec::new(), rel))?;
            let all = Run { plan: &plan, request }.groups(&[])?.groups;
            let mut totals = Vec::with_capacity(n);
            if all.counts.is_empty() {
                totals.resize(n, 0);
            } else {
                add_numbers(&all, 0, n, &mut totals)?;
            }
            totals
        } else {
            sum_rows(&numbers, n)?
        };
        let mut missing = Missing::default();
        let queries = match by.with_queries {
            true => self.member_queries(&groups, &resolved, &bound.predicate, &run, &mut missing)?,
            false => Vec::new(),
        };
        warnings.extend(missing.warnings());
        let statuses: Vec<String> = match resolved.totals[..] {
            [] => groups.split.texts().map(str::to_owned).collect(),
            _ => resolved.totals.clone(),
        };
        let touched = groups.touched;
        let keys = groups.keys.into_iter().next().unwrap_or_default();
        let mut rows = Vec::with_capacity(keys.len());
        let with_numbers = Key::rows(keys.into_texts()).zip(Counts::rows(numbers, n));
        rows.extend(with_numbers.map(|(key, counts)| GroupRow { key, counts, query: None }));
        for (row, query) in rows.iter_mut().zip(queries) {
            row.query = query;
        }
        let body = StatusCounts { field: field.name.clone(), statuses, rows, totals };
        Ok(self.answer(body, warnings, touched))
    }

    /// For each key the TQL that selects its rows in the same scope.
    fn member_queries(
        &self,
        groups: &Groups,
        resolved: &Resolved,
        asked: &Predicate,
        run: &Run<'_, '_>,
        missing: &mut Missing,
    ) -> Result<Vec<Option<String>>> {
        let (schema, budget) = (self.schema(), run.request.budget);
        let writer = Writer { schema, catalog: self.catalog(), limits: budget.limits() };
        let tests = GroupTests::new(resolved.selector.key.field(), schema, run)?;
        let asked = writer.asked(asked);
        let keys = &groups.keys[0];
        let mut queries = Vec::with_capacity(keys.len());
        let mut memory = budget.reserve(0)?;
        for (n, (key, meaning)) in keys.texts().zip(keys.meanings()).enumerate() {
            if n % POLL_TEXTS == 0 {
                budget.check()?;
            }
            let asked = asked.as_ref().map_err(|why| *why);
            queries.push(match asked.and_then(|asked| writer.and(asked, &tests.test(key, meaning)?)) {
                Ok(query) => {
                    memory.grow(query.text().len())?;
                    Some(query.into_text())
                }
                Err(why) => {
                    missing.add(why);
                    None
                }
            });
        }
        Ok(queries)
    }

    /// How the groups are computed; see [`Index::explain`].
    ///
    /// # Errors
    /// As [`Index::group`].
    pub fn explain_group(&self, by: &GroupBy, query: &Query, ctx: &Context) -> Result<Answer<String>> {
        let (resolved, Ready { warnings, rel, .. }) = both(self.resolve(by), self.ready(query, ctx))?;
        let input = with_totals_only(rel, &resolved).into();
        let plan = Plan::new(&Rel::Group { input, keys: vec![resolved.selector], measures: resolved.measures })?;
        self.explained(explain(&plan, self.catalog()), &plan, warnings, ctx)
    }

    fn resolve(&self, by: &GroupBy) -> Result<Resolved> {
        let key = self.key(by).map_err(|error| match &by.parameter {
            Some(parameter) => error.in_parameter(parameter),
            None => error,
        });
        let (key, (measures, totals)) = both(key, self.measures(&by.counted))?;
        let selector = Selector { fill: by.period.is_some(), ..key.into() };
        Ok(Resolved { selector, measures, totals })
    }

    fn key(&self, by: &GroupBy) -> Result<GroupKey> {
        let field = self.field(&by.field)?;
        let declared = self.schema().field(field);
        if let Some((problem, help)) = declared.not_groupable() {
            return Err(wrong(Code::NotGroupable, format!("`{}` {problem}", by.field), Some(help.to_owned())));
        }
        match by.period {
            None => Ok(GroupKey::Field(field)),
            Some(period) if matches!(declared.kind, Kind::DateTime | Kind::Date) => Ok(GroupKey::Period(field, period)),
            Some(_) => {
                let message = format!("`{}` is {} and has no calendar periods", by.field, declared.kind);
                let help = "periods belong to date and datetime fields".to_owned();
                Err(wrong(Code::NotGroupable, message, Some(help)))
            }
        }
    }

    /// What is counted, and the names of sums.
    fn measures(&self, counted: &Counted) -> Result<(Vec<Measure>, Vec<String>)> {
        match counted {
            Counted::Statuses(name) => Ok((vec![Measure::CountBy(self.status_field(name.as_deref())?)], Vec::new())),
            Counted::Totals(pairs) if pairs.is_empty() => {
                let help = Some("name the fields to sum".to_owned());
                Err(wrong(Code::WrongParameter, "no totals are named".to_owned(), help))
            }
            Counted::Totals(pairs) => {
                let measure = |(_, name): &(String, String)| {
                    let id = self.field(name)?;
                    let field = self.schema().field(id);
                    if field.kind != Kind::Integer || field.multi {
                        let message = format!("`{name}` is no single integer and cannot be summed");
                        return Err(wrong(Code::NotGroupable, message, None));
                    }
                    Ok(Measure::Numbers(id))
                };
                Ok((all(pairs.iter().map(measure))?, pairs.iter().map(|(name, _)| name.clone()).collect()))
            }
        }
    }

    /// Checks grouping and query without running them.
    pub(crate) fn check_group(&self, by: &GroupBy, query: &Query, ctx: &Context) -> Result<()> {
        both(self.resolve(by), self.ready(query, ctx)).map(drop)
    }

    pub(crate) fn status_field(&self, name: Option<&str>) -> Result<FieldId> {
        let schema = self.schema();
        let field = match name {
            Some(name) => self.field(name)?,
            None => STATUS_NAMES.iter().find_map(|name| schema.field_named(name)).ok_or_else(|| {
                let message = format!("`{}` has no field named {}", schema.name(), STATUS_NAMES.join(", "));
                wrong(Code::WrongParameter, message, Some("name the status field".to_owned()))
            })?,
        };
        let declared = schema.field(field);
        if declared.multi || !declared.is_groupable() {
            let message = format!("`{}` cannot be the status: a row has one status, out of a set", declared.name());
            return Err(wrong(Code::NotGroupable, message, None));
        }
        Ok(field)
    }

    fn field(&self, name: &str) -> Result<FieldId> {
        self.schema().field_named(name).ok_or_else(|| {
            let shown: String = name.chars().take(60).collect();
            let help = self.schema().suggest(name).map(|near| format!("did you mean `{near}`?"));
            wrong(Code::UnknownField, format!("`{}` has no field `{shown}`", self.schema().name()), help)
        })
    }
}

fn wrong(code: Code, message: String, help: Option<String>) -> Error {
    let diagnostic = Diagnostic::new(code, Severity::Error, Place::Request, message);
    Error::one(
        ErrorKind::Query,
        match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        },
    )
}

/// Sums speak of the rows that have some of the summed fields.
fn with_totals_only(rel: Rel, resolved: &Resolved) -> Rel {
    if resolved.totals.is_empty() {
        return rel;
    }
    let mut builder = Builder::default();
    let mut ids = Vec::new();
    for measure in &resolved.measures {
        if let Measure::Numbers(field) = measure {
            let empty = builder.push(Node::Leaf(Leaf::IsEmpty { field: *field }));
            ids.push(empty);
        }
    }
    let all_empty = if ids.len() == 1 { ids[0] } else { builder.push(Node::And(ids)) };
    let root = builder.push(Node::Not(all_empty));
    Rel::Filter { input: rel.into(), role: Role::Scope, predicate: builder.finish(root) }
}

/// Adds the counts or sums of one group.
fn add_numbers(groups: &Groups, group: usize, n: usize, into: &mut Vec<i128>) -> Result<()> {
    if groups.totals.is_empty() {
        into.extend(groups.counts[group * n..][..n].iter().map(|count| i128::from(*count)));
        return Ok(());
    }
    groups.totals[group * n..][..n].iter().try_for_each(|total| {
        into.push(total.sum.exact().ok_or_else(overflow)?);
        Ok(())
    })
}

/// The sums over rows of `n` numbers each.
fn sum_rows(numbers: &[i128], n: usize) -> Result<Vec<i128>> {
    let mut totals = vec![0i128; n];
    for row in numbers.chunks(n.max(1)) {
        for (total, number) in totals.iter_mut().zip(row) {
            *total = total.checked_add(*number).ok_or_else(overflow)?;
        }
    }
    Ok(totals)
}

fn overflow() -> Error {
    Error::request(ErrorKind::Query, Code::Overflow, "a sum left the range of 128 bits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::access::Access;
    use crate::engine::condition::Condition;
    use crate::engine::core::Engine;
    use crate::model::catalog::Catalog;
    use crate::model::field::Field;
    use crate::model::latest::Latest;
    use crate::model::schema::Schema;
    use crate::model::table::Rows;
    use crate::model::time::Period;

    /// 90 runs in segments of 7.
    fn runs() -> (Engine, Context) {
        let fields = [Field::new("Suite", Kind::Keyword), Field::new("Status", Kind::Keyword)];
        let fields = fields.into_iter().chain([
            Field::new("Tags", Kind::Keyword).multi(),
            Field::new("At", Kind::Date),
            Field::new("N", Kind::Integer),
        ]);
        let schema = Schema::builder("Run").fields(fields).latest(Latest::per(["Suite"]).by(["N"])).build().unwrap();
        let engine = Engine::builder(Catalog::new([schema]).unwrap()).threads(2).segment_rows(7).build().unwrap();
        let access = Access::none().allow("Run", Condition::tql("N != 5"));
        let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, access);
        let mut rows = Rows::new(["Suite", "Status", "Tags", "At", "N"]);
        for n in 0i64..90 {
            let tags = (0..n % 3).map(|tag| format!("t{tag}")).collect::<Vec<_>>();
            let at = format!("2026-01-{:02}", 1 + n % 28);
            rows.push([
                format!("s{}", n % 11).into(),
                ["a", "b"][n as usize % 2].into(),
                tags.into(),
                at.into(),
                n.into(),
            ]);
        }
        let mut tx = engine.transaction(&ctx).unwrap();
        tx.append("Run", &rows).unwrap();
        tx.delete("Run", &3.into()).unwrap();
        tx.commit().unwrap();
        (engine, ctx)
    }

    #[test]
    fn groupings_that_share_a_filter_answer_as_each_by_itself() {
        let by = [
            GroupBy::field("Suite"),
            GroupBy::field("Tags").with_queries(),
            GroupBy::period("At", Period::Week),
            GroupBy::field("Nix"),
            GroupBy::field("Suite").totals([("n", "N")]),
        ];
        let (engine, ctx) = runs();
        let snapshot = engine.snapshot();
        let index = snapshot.index("Run", &ctx).unwrap();
        for text in ["", "N > 20 AND Suite != s3", "N = 1000", "N IS EMPTY", "Tags = t1 OR N < 9", "Nix = 1"] {
            for query in [Query::tql(text), Query::tql(text).latest()] {
                let query = query.scope(Condition::tql("N < 80"));
                let told = |answer: Result<Answer<StatusCounts>>| {
                    answer.map(|answer| (answer.body, answer.warnings)).map_err(|error| error.to_string())
                };
                let together: Vec<_> = index.group_each(&by, &query, &ctx).into_iter().map(told).collect();
                let apart: Vec<_> = by.iter().map(|by| told(index.group(by, &query, &ctx))).collect();
                assert_eq!(together, apart, "{text}");
            }
        }
    }

    #[test]
    fn a_filter_that_several_groupings_share_is_run_once() {
        let (engine, ctx) = runs();
        let snapshot = engine.snapshot();
        let index = snapshot.index("Run", &ctx).unwrap();
        let budget = ctx.budget();
        let request = index.request(&ctx, &budget).keeping_rows();
        for by in ["Suite", "Tags", "Status"] {
            index.grouped(&GroupBy::field(by), &Query::tql("N > 20"), &ctx, &request).unwrap();
            assert_eq!(request.n_kept(), 1);
        }
        index.grouped(&GroupBy::field("Suite"), &Query::tql("N > 21"), &ctx, &request).unwrap();
        assert_eq!(request.n_kept(), 2);
    }
}
