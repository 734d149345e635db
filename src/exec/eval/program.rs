//! An expression made ready: steps in an order in which few columns are alive at a time, run over one batch of rows after
//! another. What asks nothing but the dictionary id of one field is worked out beforehand, once per distinct value.

use std::fmt::Debug;
use std::sync::Arc;

use crate::base::budget::{Budget, Reservation};
use crate::base::error::{Error, Result};
use crate::base::hash::HashMap;
use crate::base::pool::Pool;
use crate::data::block::Block;
use crate::data::segment::Segment;
use crate::data::version::IndexVersion;
use crate::exec::eval::act::{Act, Source};
use crate::exec::eval::apply::apply;
use crate::exec::eval::column::{Cells, Column, Texts};
use crate::exec::eval::compare::Members;
use crate::exec::eval::graph::{Asks, Graph, VertexId};
use crate::exec::eval::load;
use crate::exec::eval::related::Related;
use crate::exec::eval::state::NULL;
use crate::exec::eval::text;
use crate::model::schema::FieldId;
use crate::model::time::Zone;
use crate::query::predicate::Predicate;
use crate::query::predicate::expr::{Expr, Path, Reduced, Type};

/// Rows of one run.
pub(crate) const BATCH_ROWS: usize = crate::data::block::BLOCK_ROWS;

/// Distinct values that are always worked out beforehand; beyond, only if they are no more than the index has rows.
const FEW_VALUES: u64 = 1 << 16;

/// Bytes of computed texts in one column that are not on the account.
const FREE_BYTES: usize = 1 << 16;

/// Steps between two looks at the deadline.
const STEPS_PER_CHECK: usize = 64;

/// A predicate within an expression, decided for the rows of an index.
pub(crate) trait Holds: Debug + Send + Sync {
    /// A truth for each row of a block, none of them null.
    fn truths(&self, segment: &Segment, block: usize, into: &mut [u8]) -> Result<()>;
}

/// What was decided beforehand for the expressions of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inputs<'a> {
    pub(crate) paths: HashMap<Arc<Path>, Arc<Related<'a>>>,
    pub(crate) reduced: HashMap<Arc<Reduced>, Arc<Related<'a>>>,
    pub(crate) holds: HashMap<Arc<Predicate>, Arc<dyn Holds + 'a>>,
}

/// What expressions are made ready with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Means<'k, 'a> {
    /// The index whose rows are asked; none for computed rows.
    pub(crate) index: Option<&'a IndexVersion>,
    pub(crate) inputs: &'k Inputs<'a>,
    pub(crate) zone: &'k Zone,
    pub(crate) pool: &'k Pool,
    pub(crate) budget: &'a Budget,
}

/// Rows of which an expression is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Batch<'x, 'a> {
    /// A block of a segment.
    Block(&'x Segment, usize),
    /// Computed rows: so many from the first on, at most [`BATCH_ROWS`].
    Computed { columns: &'x [Column<'a>], first: usize, n: usize },
}

impl Batch<'_, '_> {
    fn n_rows(&self) -> usize {
        match self {
            Self::Block(segment, block) => segment.block_rows(*block),
            Self::Computed { n, .. } => *n,
        }
    }

    fn block(&self, field: FieldId) -> Option<&Block> {
        match self {
            Self::Block(segment, block) => segment.block(field, *block),
            Self::Computed { .. } => None,
        }
    }
}

/// An expression that can be run.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    index: Option<&'a IndexVersion>,
    steps: Vec<Step<'a>>,
    n_slots: usize,
    root: Operand,
    constants: Vec<Column<'a>>,
    zone: Zone,
    budget: &'a Budget,
    /// What tables have on the account.
    _memory: Vec<Reservation<'a>>,
}

#[derive(Debug)]
struct Step<'a> {
    task: Task<'a>,
    operands: Vec<Operand>,
    /// Slots that nothing looks at any more.
    free: Vec<usize>,
    types: Vec<Type>,
    ty: Type,
    into: usize,
}

#[derive(Debug)]
enum Task<'a> {
    Act(Act),
    OneOf(Members),
    Append,
    Field(FieldId),
    NumberOfValues(FieldId),
    Holds(Arc<dyn Holds + 'a>),
    Related(Arc<Related<'a>>),
    Table(FieldId, Arc<Column<'a>>),
    Column(u32),
}

#[derive(Clone, Copy, Debug)]
enum Operand {
    Slot(usize),
    Constant(usize),
}

impl<'a> Program<'a> {
    /// Makes an expression ready; `element` is the field whose single values it is asked of, if it is asked of such.
    pub(crate) fn new(expr: &Expr, element: Option<FieldId>, means: &Means<'_, 'a>) -> Result<Self> {
        let (mut graph, root) = Graph::new(expr, means.index, element, means.zone);
        let mut tables = Tables::default();
        tabulate(&mut graph, root, means, &mut tables)?;
        Self::scheduled(&graph, root, means, tables)
    }

    /// The same without tables, and what of a row it asks: for callers that run it over distinct values themselves.
    pub(crate) fn untabulated(expr: &Expr, element: Option<FieldId>, means: &Means<'_, 'a>) -> Result<(Self, Asks)> {
        let (graph, root) = Graph::new(expr, means.index, element, means.zone);
        Ok((Self::scheduled(&graph, root, means, Tables::default())?, graph.vertex(root).asks))
    }

    /// The vertices below a root in the order of their use: operands first and the longer side before the other, walked in a
    /// loop since chains may be as long as a query.
    fn scheduled(graph: &Graph<'a>, root: VertexId, means: &Means<'_, 'a>, tables: Tables<'a>) -> Result<Self> {
        let Tables { columns: tables, memory } = tables;
        let mut program = Self {
            index: means.index,
            steps: Vec::new(),
            n_slots: 0,
            root: Operand::Constant(0),
            constants: Vec::new(),
            zone: means.zone.clone(),
            budget: means.budget,
            _memory: memory,
        };
        let mut uses = vec![0u32; root + 1];
        let mut reached = vec![false; root + 1];
        reached[root] = true;
        for id in (0..=root).rev().filter(|id| *id <= root) {
            if reached[id] {
                for operand in &graph.vertex(id).operands {
                    reached[*operand] = true;
                    uses[*operand] += 1;
                }
            }
        }
        // Never freed.
        uses[root] += 1;
        let mut places: Vec<Option<Operand>> = vec![None; root + 1];
        let mut free_slots: Vec<usize> = Vec::new();
        let mut todo = vec![(root, 0)];
        while let Some((id, at)) = todo.pop() {
            if places[id].is_some() {
                continue;
            }
            if let Some(constant) = graph.constant(id) {
                places[id] = Some(Operand::Constant(program.constants.len()));
                program.constants.push(constant);
                continue;
            }
            let vertex = graph.vertex(id);
            if let Some(operand) = vertex.operands.get(at) {
                todo.push((id, at + 1));
                todo.push((*operand, 0));
                continue;
            }
            let task = task(&vertex.act, graph, &vertex.operands, means, &tables)?;
            let mut free = Vec::new();
            for operand in &vertex.operands {
                uses[*operand] -= 1;
                if let (0, Some(Operand::Slot(slot))) = (uses[*operand], places[*operand]) {
                    free.push(slot);
                }
            }
            let operands = vertex.operands.iter().filter_map(|operand| places[*operand]).collect();
            free_slots.extend(&free);
            let into = free_slots.pop().unwrap_or(program.n_slots);
            program.n_slots = program.n_slots.max(into + 1);
            places[id] = Some(Operand::Slot(into));
            let types = vertex.operands.iter().map(|operand| graph.vertex(*operand).ty).collect();
            program.steps.push(Step { task, operands, free, types, ty: vertex.ty, into });
        }
        program.root = places[root].unwrap_or(program.root);
        Ok(program)
    }

    #[cfg(test)]
    pub(crate) fn n_slots(&self) -> usize {
        self.n_slots
    }

    /// The value of each row of a batch.
    pub(crate) fn run(&self, batch: &Batch<'_, 'a>) -> Result<Column<'a>> {
        let n = batch.n_rows();
        let constants: Vec<Column<'a>> = self.constants.iter().map(|one| one.repeated(0, n)).collect();
        let mut slots: Vec<Option<Column<'a>>> = vec![None; self.n_slots];
        // What computed texts have on the account, by slot.
        let mut memory: Vec<Option<Reservation<'a>>> = Vec::new();
        memory.resize_with(self.n_slots, || None);
        for (n_done, step) in self.steps.iter().enumerate() {
            if n_done % STEPS_PER_CHECK == STEPS_PER_CHECK - 1 {
                self.budget.check()?;
            }
            let column = match &step.task {
                Task::Append => match step.operands[..] {
                    // The longer text is carried on where nothing else looks at it.
                    [Operand::Slot(head), tail] if step.free.contains(&head) && !is_slot(tail, head) => {
                        let head = slots[head].take().unwrap_or_else(|| Column::filled(n, NULL, step.ty));
                        of(tail, &slots, &constants).map(|tail| text::append(head, tail))
                    }
                    [head, tail] => of(head, &slots, &constants)
                        .zip(of(tail, &slots, &constants))
                        .map(|(head, tail)| text::append(head.clone(), tail)),
                    _ => None,
                },
                Task::Act(act) => {
                    let operands = step.operands.iter().map(|operand| of(*operand, &slots, &constants));
                    let operands: Option<Vec<&Column<'a>>> = operands.collect();
                    operands.map(|operands| apply(act, &operands, &step.types, step.ty, &self.zone))
                }
                Task::OneOf(members) => {
                    step.operands.first().and_then(|a| of(*a, &slots, &constants)).map(|a| members.contain(a))
                }
                load => Some(self.load(load, batch, step.ty)?),
            };
            let column = column.ok_or_else(|| Error::internal("an operand was not computed"))?;
            for slot in &step.free {
                (slots[*slot], memory[*slot]) = (None, None);
            }
            if let Cells::Texts(Texts::Own(_)) = column.cells() {
                let bytes = column.bytes();
                memory[step.into] = (bytes > FREE_BYTES).then(|| self.budget.reserve(bytes)).transpose()?;
            }
            slots[step.into] = Some(column);
        }
        let root = match self.root {
            Operand::Slot(slot) => slots[slot].take(),
            Operand::Constant(at) => constants.into_iter().nth(at),
        };
        root.ok_or_else(|| Error::internal("an expression was not computed"))
    }

    /// The value of each computed row, piece by piece.
    pub(crate) fn run_computed(&self, columns: &[Column<'a>], n: usize, pool: &Pool, ty: Type) -> Result<Column<'a>> {
        let pieces = pool.map(n.div_ceil(BATCH_ROWS), self.budget, |piece| {
            let first = piece * BATCH_ROWS;
            self.run(&Batch::Computed { columns, first, n: BATCH_ROWS.min(n - first) })
        })?;
        Ok(Column::concat(pieces, ty))
    }

    fn load(&self, task: &Task<'a>, batch: &Batch<'_, 'a>, ty: Type) -> Result<Column<'a>> {
        let n = batch.n_rows();
        Ok(match (task, batch) {
            (Task::Field(field), Batch::Block(..)) => match self.index {
                Some(index) => load::field(index, *field, batch.block(*field), n),
                None => Column::filled(n, NULL, ty),
            },
            (Task::NumberOfValues(field), Batch::Block(..)) => load::number_of_values(batch.block(*field), n),
            (Task::Holds(predicate), Batch::Block(segment, block)) => {
                let mut truths = vec![0; n];
                predicate.truths(segment, *block, &mut truths)?;
                Column::new(n, Cells::Truths(truths), Vec::new())
            }
            (Task::Related(related), Batch::Block(..)) => related.load(batch.block(related.field), n),
            (Task::Table(field, table), Batch::Block(..)) => match batch.block(*field) {
                Some(block) => table.gather(&load::ids(block)),
                None => table.repeated(0, n),
            },
            (Task::Column(column), Batch::Computed { columns, first, .. }) => {
                columns.get(*column as usize).map_or_else(|| Column::filled(n, NULL, ty), |c| c.slice(*first, n))
            }
            _ => Column::filled(n, NULL, ty),
        })
    }
}

fn is_slot(operand: Operand, slot: usize) -> bool {
    matches!(operand, Operand::Slot(other) if other == slot)
}

fn of<'x, 'a>(
    operand: Operand,
    slots: &'x [Option<Column<'a>>],
    constants: &'x [Column<'a>],
) -> Option<&'x Column<'a>> {
    match operand {
        Operand::Slot(slot) => slots.get(slot)?.as_ref(),
        Operand::Constant(at) => constants.get(at),
    }
}

/// Columns over the ids of fields, with what they have on the account.
#[derive(Debug, Default)]
struct Tables<'a> {
    columns: Vec<Arc<Column<'a>>>,
    memory: Vec<Reservation<'a>>,
}

fn task<'a>(
    act: &Act,
    graph: &Graph<'a>,
    operands: &[VertexId],
    means: &Means<'_, 'a>,
    tables: &[Arc<Column<'a>>],
) -> Result<Task<'a>> {
    let undecided = || Error::internal("an input of an expression was not decided");
    let source = match act {
        Act::Load(source) => source,
        Act::OneOf { values, collation } => {
            let ty = operands.first().map_or(Type::Boolean, |operand| graph.vertex(*operand).ty);
            return Ok(Task::OneOf(Members::new(values, ty, *collation)));
        }
        Act::Append => return Ok(Task::Append),
        act => return Ok(Task::Act(act.clone())),
    };
    Ok(match source {
        Source::Field(field) => Task::Field(*field),
        Source::NumberOfValues(field) => Task::NumberOfValues(*field),
        Source::Holds(predicate) => Task::Holds(means.inputs.holds.get(predicate).ok_or_else(undecided)?.clone()),
        Source::Path(path) => Task::Related(means.inputs.paths.get(path).ok_or_else(undecided)?.clone()),
        Source::Reduced(reduced) => Task::Related(means.inputs.reduced.get(reduced).ok_or_else(undecided)?.clone()),
        Source::Column(column) => Task::Column(*column),
        Source::Table(field, table) => Task::Table(*field, tables.get(*table).ok_or_else(undecided)?.clone()),
    })
}

/// Works out the largest parts that ask nothing but the id of one field.
fn tabulate<'a>(graph: &mut Graph<'a>, root: VertexId, means: &Means<'_, 'a>, tables: &mut Tables<'a>) -> Result<()> {
    let Some(index) = means.index else { return Ok(()) };
    let mut reached = vec![false; root + 1];
    reached[root] = true;
    for id in (0..=root).rev() {
        if !reached[id] {
            continue;
        }
        let vertex = graph.vertex(id);
        if let Asks::Id(field) = vertex.asks
            && is_worth_it(&vertex.act, vertex.ty, field, index)
        {
            let program = Program::scheduled(graph, id, means, Tables::default())?;
            let ty = vertex.ty;
            let table = over_ids(&program, field, ty, means, &mut tables.memory)?.shared();
            graph.tabulated(id, field, tables.columns.len());
            tables.columns.push(Arc::new(table));
            continue;
        }
        graph.vertex(id).operands.iter().for_each(|operand| reached[*operand] = true);
    }
    Ok(())
}

fn is_worth_it(act: &Act, ty: Type, field: FieldId, index: &IndexVersion) -> bool {
    let is_loaded_as_it_is = match act {
        Act::Load(Source::Field(_)) => ty == Type::Text,
        Act::Load(Source::Path(_) | Source::Reduced(_) | Source::Table(..)) => true,
        _ => false,
    };
    let n_values = index.domain(field).map_or(0, |domain| u64::from(domain.len()));
    !is_loaded_as_it_is && n_values <= FEW_VALUES.max(index.n_live())
}

/// What a program comes to for every id of a field's dictionary, null and blank included.
pub(crate) fn over_ids<'a>(
    program: &Program<'a>,
    field: FieldId,
    ty: Type,
    means: &Means<'_, 'a>,
    memory: &mut Vec<Reservation<'a>>,
) -> Result<Column<'a>> {
    let (Some(index), pool, budget) = (means.index, means.pool, means.budget) else {
        return Err(Error::internal("computed rows have no dictionary"));
    };
    let n = index.domain(field).map_or(0, |domain| domain.len());
    let pieces = pool.map((n as usize).div_ceil(BATCH_ROWS), budget, |piece| {
        let first = (piece * BATCH_ROWS) as u32;
        let ids: Vec<u32> = (first..n.min(first + BATCH_ROWS as u32)).collect();
        let segment = load::segment_of(index, [(field, Block::of_ids(&ids, None))], ids.len());
        let column = program.run(&Batch::Block(&segment, 0))?;
        let memory = budget.reserve(column.bytes())?;
        Ok((column, memory))
    })?;
    let (columns, _pieces): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
    let table = Column::concat(columns, ty);
    memory.push(budget.reserve(table.bytes())?);
    Ok(table)
}
