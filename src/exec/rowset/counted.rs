//! Groupings that one parallel pass of counting answers, as those of TQL are: their keys, and what aggregates ask beside the
//! numbers of fields, depend on few fields of a row, so that rows with the same values there are counted together.

use crate::base::error::Result;
use crate::base::hash::HashMap;
use crate::data::version::{IndexVersion, number_value};
use crate::exec::eval::column::Column;
use crate::exec::eval::exact::Exact;
use crate::exec::gathered::{ByGroup, Source};
use crate::exec::group;
use crate::exec::lane::Lane;
use crate::exec::measured::Wanted;
use crate::exec::needs::each_asked;
use crate::exec::rowset::cells::Cells;
use crate::exec::rowset::group::{Groups, Key};
use crate::exec::rowset::lots::Lots;
use crate::exec::rowset::set::{Computed, Named};
use crate::exec::rowset::total::total;
use crate::exec::rowset::values::column_of;
use crate::exec::run::Run;
use crate::exec::scan::Touched;
use crate::exec::slot::Dimension;
use crate::exec::stats::Total;
use crate::model::decimal::MAX_SCALE;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::pipeline::{Aggregated, Grouping, Then};
use crate::query::predicate::expr::{Expr, Input, Method, Op, Type};
use crate::query::predicate::{Leaf, Shift};
use crate::query::rel::{GroupKey, Selector};

/// Most combinations of values of the fields that aggregates ask and no key does: each group is counted by all of them.
const MOST_SPLITS: u64 = 64;

/// Most numbers of a field that something other than the field itself is made of.
const MOST_NUMBERS: u32 = 1 << 16;

/// Where an aggregate comes from.
enum From<'g> {
    /// From the cells, as from rows.
    Cells(&'g Aggregated),
    /// The numbers of a field, by the place of its stats.
    Stats(&'g Aggregated, usize, Kind),
    /// Distinct values of a field, by the place of what was kept.
    Distinct(usize),
}

/// How a grouping is counted.
struct Counting<'g> {
    fields: Vec<FieldId>,
    dimensions: Vec<Dimension>,
    wanted: Wanted,
    from: Vec<From<'g>>,
}

impl<'a> Run<'_, 'a> {
    /// The rows of a grouping by one pass of counting; none if it asks for more than that.
    pub(crate) fn counted(&self, grouping: &Grouping) -> Result<Option<(Computed<'a>, Touched)>> {
        let Then::Aggregate(list) = &grouping.then else { return Ok(None) };
        let Some(counting) = self.counting(&grouping.keys, list)? else { return Ok(None) };
        let (index, request) = (self.index(), self.request);
        let filter = self.filter(&self.plan.predicate)?;
        let Counting { dimensions, wanted, from, .. } = &counting;
        let counted = group::count(index, &filter, dimensions, wanted, request.pool, request.budget)?;
        let touched = counted.touched;
        let cells = Cells::new(index, dimensions, counted)?;
        let steps = self.steps();
        let mut keys = Vec::with_capacity(grouping.keys.len());
        for key in &grouping.keys {
            let column = cells.values(key, request)?;
            keys.push(Key::new(column, key, steps.by_dictionary(key), Some(cells.weights()))?);
        }
        let column = |expr: &Expr| cells.values(expr, request);
        let mut known: Vec<(Option<Column<'a>>, Option<Column<'a>>)> = Vec::with_capacity(from.len());
        for from in from {
            known.push(match from {
                From::Cells(Aggregated { operand, once_per, .. }) => {
                    (operand.as_ref().map(column).transpose()?, once_per.as_ref().map(column).transpose()?)
                }
                _ => (None, None),
            });
        }
        let mut overflows = false;
        let lots = Lots::one(cells.n())?;
        let (rows, _) = steps.by_sets(&keys, &lots, &grouping.sets, |groups| {
            let mut columns = Vec::with_capacity(from.len());
            for (from, (values, once)) in from.iter().zip(&known) {
                request.budget.check()?;
                columns.push(match from {
                    From::Cells(aggregated) => {
                        let rows = groups.rows(Some(cells.weights()));
                        steps.reduce(rows, aggregated, values.clone(), once.clone())?
                    }
                    From::Stats(aggregated, at, kind) => {
                        match of_stats(&cells, groups, aggregated, (*at, wanted), *kind)? {
                            Some(column) => column,
                            None => {
                                overflows = true;
                                Named::new(column_of(&vec![Value::Null; groups.n], Type::Integer), Type::Integer)
                            }
                        }
                    }
                    From::Distinct(at) => self.distinct(&cells, groups, *at)?,
                });
            }
            let lots = groups.lots_of_groups(1, |_| 1)?;
            Ok((Computed { n: groups.n, columns }, (0..groups.n as u32).collect(), lots))
        })?;
        // Sums are kept in the units that fields are stored in; computing them row by row has more room.
        Ok((!overflows).then_some((rows, touched)))
    }

    /// How a grouping is counted, if it can be.
    fn counting<'g>(&self, keys: &[Expr], list: &'g [Aggregated]) -> Result<Option<Counting<'g>>> {
        let (index, request) = (self.index(), self.request);
        let mut counting =
            Counting { fields: Vec::new(), dimensions: Vec::new(), wanted: Wanted::default(), from: Vec::new() };
        for key in keys {
            if !self.ask(key, &mut counting)? {
                return Ok(None);
            }
        }
        let n_keys = counting.dimensions.len();
        let mut lanes: HashMap<FieldId, usize> = HashMap::default();
        for aggregated in list {
            let Aggregated { method, operand, once_per, from } = aggregated;
            let field = operand.as_ref().and_then(plain).filter(|_| once_per.is_none());
            let is_number = |field: &FieldId| index.domain(*field).is_none();
            let source = match (method, field) {
                _ if !from.is_empty() || operand.as_ref().is_some_and(|operand| operand.ty() == Type::Real) => {
                    return Ok(None);
                }
                (Method::Sum | Method::Average | Method::Min | Method::Max, Some(field))
                    if is_number(&field) && is_measure(index.schema.field(field).kind, *method) =>
                {
                    let next = counting.wanted.stats.len();
                    let at = *lanes.entry(field).or_insert(next);
                    if at == next {
                        counting.wanted.stats.push(Lane::new(field, index));
                    }
                    From::Stats(aggregated, at, index.schema.field(field).kind)
                }
                (Method::CountDistinct, Some(field)) if !counting.fields.contains(&field) => {
                    if index.schema.field(field).multi {
                        return Ok(None);
                    }
                    // The empty text is a value here and none where classes are kept.
                    let is_text = !is_number(&field);
                    if is_text && index.summary(field).has_empty {
                        return Ok(None);
                    }
                    let kept = if is_text { Source::Classes(field) } else { Source::Numbers(Lane::new(field, index)) };
                    counting.wanted.gathered.push(kept);
                    From::Distinct(counting.wanted.gathered.len() - 1)
                }
                _ => {
                    let asked = operand.iter().chain(once_per);
                    for expr in asked {
                        if !self.ask(expr, &mut counting)? {
                            return Ok(None);
                        }
                    }
                    From::Cells(aggregated)
                }
            };
            counting.from.push(source);
        }
        let mut splits = counting.dimensions.iter().skip(n_keys).map(|dimension| dimension.n_slots().map(u64::from));
        let n_splits = splits.try_fold(1u64, |n, slots| n.checked_mul(slots?));
        request.budget.check()?;
        Ok(n_splits.is_some_and(|n| n <= MOST_SPLITS).then_some(counting))
    }

    /// Makes dimensions of the fields that an expression asks; false if rows with the same values there may differ, or if
    /// there are too many of them.
    fn ask(&self, expr: &Expr, counting: &mut Counting<'_>) -> Result<bool> {
        let index = self.index();
        let Some(fields) = fields_asked(expr, index) else { return Ok(false) };
        for field in fields {
            if counting.fields.contains(&field) {
                continue;
            }
            let selector = Selector::from(GroupKey::Field(field));
            let dimension = Dimension::new(&selector, index, self.request.zone, |_| Ok(None))?;
            let has_slots = dimension.n_slots().is_some_and(|n| index.domain(field).is_some() || n <= MOST_NUMBERS);
            if !has_slots && plain(expr).is_none() {
                return Ok(false);
            }
            counting.fields.push(field);
            counting.dimensions.push(dimension);
        }
        Ok(true)
    }

    /// Numbers of distinct values that were kept one by one.
    fn distinct(&self, cells: &Cells<'a>, groups: &Groups, at: usize) -> Result<Named<'a>> {
        let (pool, budget) = (self.request.pool, self.request.budget);
        let pieces = cells.counted.gathered.get(at).map_or(&[][..], Vec::as_slice);
        let _memory = budget.reserve(pieces.iter().map(|piece| piece.bytes() * 2).sum())?;
        let cell_of_slot = cells.counted.keys.groups();
        let group_of = |slot: u32| {
            let cell = cell_of_slot.as_ref().map_or(slot, |cells| cells[slot as usize]);
            groups.of_rows[cell as usize]
        };
        let by_group = ByGroup::new(pieces, group_of, groups.n, pool, budget)?;
        let numbers = self.each_group(groups.n, |group| by_group.distinct(group))?;
        let values: Vec<Value> =
            numbers.into_iter().map(|n| Value::Integer(i64::try_from(n).unwrap_or(i64::MAX))).collect();
        Ok(Named::new(column_of(&values, Type::Integer), Type::Integer))
    }
}

/// An aggregate of a field's numbers; none if a sum leaves the units that the field is stored in.
fn of_stats<'a>(
    cells: &Cells<'_>,
    groups: &Groups,
    aggregated: &Aggregated,
    (at, wanted): (usize, &Wanted),
    kind: Kind,
) -> Result<Option<Named<'a>>> {
    let mut totals = vec![Total::default(); groups.n];
    let of_cells = cells.counted.totals.iter().skip(at).step_by(wanted.stats.len().max(1));
    for (total, group) in of_cells.zip(&groups.of_rows) {
        totals[*group as usize].merge(total);
    }
    let Some(ty) = aggregated.operand.as_ref().map(Expr::ty) else { return Ok(None) };
    let method = aggregated.method;
    let gives = method.gives(Some(ty)).unwrap_or(ty);
    let scale = if kind == Kind::Decimal { MAX_SCALE } else { 0 };
    let mut values = Vec::with_capacity(groups.n);
    for Total { n, sum, bounds } in totals {
        values.push(match (method, bounds) {
            (Method::Min, bounds) => bounds.map_or(Value::Null, |(least, _)| number_value(least, kind)),
            (Method::Max, bounds) => bounds.map_or(Value::Null, |(_, most)| number_value(most, kind)),
            _ => match sum.exact() {
                None => return Ok(None),
                Some(sum) => total(method, Some(Exact::new(sum, scale)), n, ty)?,
            },
        });
    }
    Ok(Some(Named::new(column_of(&values, gives), gives)))
}

/// Whether a method takes the numbers of such a field as they are stored.
fn is_measure(kind: Kind, method: Method) -> bool {
    match kind {
        Kind::Integer | Kind::Decimal | Kind::Duration => true,
        Kind::Date | Kind::DateTime => matches!(method, Method::Min | Method::Max),
        _ => false,
    }
}

/// The single-valued field that an expression merely reads.
fn plain(expr: &Expr) -> Option<FieldId> {
    match &expr.node(expr.root()).op {
        Op::Input(Input::Field(field)) => Some(*field),
        _ => None,
    }
}

/// The fields of a row that an expression depends on, each with one value; none if it asks anything else of the row.
fn fields_asked(expr: &Expr, index: &IndexVersion) -> Option<Vec<FieldId>> {
    let (mut of_leaves, mut of_inputs) = (Some(Vec::new()), Some(Vec::new()));
    let mut leaf = |leaf: &Leaf| {
        let asked: Option<Vec<FieldId>> = match leaf {
            Leaf::AllEmpty { fields } | Leaf::MatchesAny { fields, .. } => Some(fields.to_vec()),
            Leaf::Compare { left, right, .. } => {
                let moved = [left, right].into_iter().filter_map(|side| match &side.shift {
                    Some(Shift::Field { field, .. }) => Some(*field),
                    _ => None,
                });
                Some([left.field, right.field].into_iter().chain(moved).collect())
            }
            Leaf::Semi { field, own_key, .. } => Some(std::iter::once(*field).chain(*own_key).collect()),
            Leaf::LeadsNowhere { field, own_key, .. } => Some(vec![*field, *own_key]),
            Leaf::IsTrue { .. } => Some(Vec::new()),
            Leaf::Element { .. } => None,
            Leaf::OneOf { field, .. }
            | Leaf::Range { field, .. }
            | Leaf::IsEmpty { field }
            | Leaf::Matches { field, .. }
            | Leaf::Within { field, .. } => Some(vec![*field]),
        };
        of_leaves = of_leaves.take().zip(asked).map(|(mut all, mut asked)| {
            all.append(&mut asked);
            all
        });
    };
    let mut input = |input: &Input| {
        let asked = match input {
            Input::Field(field) => Some(*field),
            Input::Path(path) => path.hops.first().map(|hop| hop.from),
            Input::Reduced(reduced) => Some(reduced.hop.from),
            Input::Element | Input::NumberOfValues(_) | Input::Column(_) => None,
        };
        of_inputs = of_inputs.take().zip(asked).map(|(mut all, asked)| {
            all.push(asked);
            all
        });
    };
    each_asked(expr, &mut leaf, &mut input);
    let mut fields = of_leaves?;
    fields.append(&mut of_inputs?);
    fields.sort_unstable();
    fields.dedup();
    fields.iter().all(|field| !index.schema.field(*field).multi).then_some(fields)
}
