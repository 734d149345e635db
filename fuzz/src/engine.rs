//! Random changes and a random question: the engine and plain rows agree, in every layout, and older snapshots stay as they
//! were.

use arbitrary::Unstructured;
use tallygrid::{
    Access, Catalog, Context, Engine, GroupBy, Index, Query, Result, RowPage, Rows, Snapshot, StatusCounts, Value,
};

use crate::bed;
use crate::draw::{Change, Changes, Question, changes, question};
use crate::oracle::{COLUMNS, Row, grouped, ordered, passes, same, schema, stored, text};

/// Rows by running number; none where a row was deleted.
type Table = Vec<Option<Row>>;

/// Answers that must be the same in every layout.
type Answers = (RowPage, StatusCounts);

/// Draws transactions, a question and a layout.
pub fn engine(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let drawn = (|| {
        let layout = (u.int_in_range(1..=2)?, *u.choose(&[1, 3, 7, 4096, 5000])?);
        Ok::<_, arbitrary::Error>((layout, question(&mut u)?, changes(&mut u)?))
    })();
    let Ok((layout, question, changes)) = drawn else { return };
    let plain = run((1, 65_536), &question, &changes);
    assert_eq!(plain, run(layout, &question, &changes), "layout {layout:?}");
}

fn run((threads, segment_rows): (usize, u32), question: &Question, changes: &[Changes]) -> Vec<Answers> {
    let catalog = Catalog::new([schema()]).unwrap();
    let engine = Engine::builder(catalog).threads(threads).segment_rows(segment_rows).build().unwrap();
    let ctx = bed::context(Access::unrestricted());
    let mut table = Table::new();
    let mut versions: Vec<(Snapshot, Table)> = vec![(engine.snapshot(), table.clone())];
    for changes in changes {
        let mut changed = table.clone();
        let expected = changes.list.iter().all(|change| apply_to_table(change, &mut changed));
        let mut tx = engine.transaction(&ctx).unwrap();
        let done: Result<()> = changes.list.iter().try_for_each(|change| apply(change, &mut tx));
        assert_eq!(done.is_ok(), expected, "{changes:?}: {done:?}");
        if changes.kept && tx.commit().is_ok() {
            assert!(expected, "a transaction that failed is never published");
            table = changed;
        }
        versions.push((engine.snapshot(), table.clone()));
    }
    versions.iter().map(|(snapshot, table)| ask(&snapshot.index("Run", &ctx).unwrap(), table, question, &ctx)).collect()
}

/// Whether the change can be made.
fn apply_to_table(change: &Change, table: &mut Table) -> bool {
    match change {
        Change::Append(rows) => table.extend(rows.iter().cloned().map(Some)),
        Change::Patch { number, column, value } => match table.get_mut(*number as usize - 1) {
            Some(Some(row)) => row[*column] = value.clone(),
            _ => return false,
        },
        Change::Delete { number } => match table.get_mut(*number as usize - 1) {
            Some(row @ Some(_)) => *row = None,
            _ => return false,
        },
    }
    true
}

fn apply(change: &Change, tx: &mut tallygrid::Transaction) -> Result<()> {
    match change {
        Change::Append(rows) => {
            let mut table = Rows::new(COLUMNS);
            rows.iter().for_each(|row| table.push(row.iter().cloned()));
            tx.append("Run", &table)
        }
        Change::Patch { number, column, value } => {
            tx.patch("Run", &Value::from(*number), [(COLUMNS[*column], value.clone())])
        }
        Change::Delete { number } => tx.delete("Run", &Value::from(*number)),
    }
}

fn ask(index: &Index<'_>, table: &Table, question: &Question, ctx: &Context) -> Answers {
    let rows: Vec<Row> = table.iter().flatten().cloned().collect();
    let passing: Vec<&Row> = rows.iter().filter(|row| passes(&question.filter, row)).collect();
    let filter = text(&question.filter);
    let count = |text: &str| match index.count(&Query::tql(text), ctx) {
        Ok(answer) => answer.body,
        Err(error) => panic!("{}", error.render(text)),
    };
    assert_eq!(count(&filter), passing.len() as u64, "{filter}");
    assert_eq!(count(&format!("NOT ({filter})")), (rows.len() - passing.len()) as u64, "{filter}");
    let page = page(index, &passing, question, &filter, ctx);

    let by = GroupBy::field(COLUMNS[question.grouped_by]).with_queries();
    let groups = index.group(&by, &Query::tql(filter.as_str()), ctx).unwrap().body;
    let expected = grouped(&passing, &rows, question.grouped_by);
    assert_eq!(groups.rows.len(), expected.len(), "{filter}");
    for row in &groups.rows {
        let counts = expected.get(&*row.key).unwrap_or_else(|| panic!("no group `{}` of {filter}", row.key));
        for (status, n) in groups.statuses.iter().zip(&row.counts) {
            assert_eq!(*n, counts.get(&same(1, status)).copied().unwrap_or(0), "{filter} {} {status}", row.key);
        }
        let query = row.query.as_deref().unwrap();
        assert_eq!(i128::from(count(query)), row.counts.iter().sum(), "{query}");
    }
    assert_eq!(groups.totals.iter().sum::<i128>(), passing.len() as i128, "{filter}");
    (page, groups)
}

fn page(index: &Index<'_>, passing: &[&Row], question: &Question, filter: &str, ctx: &Context) -> RowPage {
    let direction = |(column, descending): &(usize, bool)| {
        format!("{} {}", COLUMNS[*column], if *descending { "DESC" } else { "asc" })
    };
    let order = question.order.iter().map(direction).collect::<Vec<_>>().join(", ");
    let tql = if order.is_empty() { filter.to_owned() } else { format!("{filter} ORDER BY {order}") };
    let query = Query::tql(tql.as_str()).skip(question.skip).top(question.top);
    let page = index.rows(&query, ctx).unwrap().body;
    let expected: Vec<Row> = ordered(passing, &question.order)
        .into_iter()
        .skip(question.skip as usize)
        .take(question.top as usize)
        .map(|row| row.iter().map(stored).collect())
        .collect();
    assert_eq!(page.total, passing.len() as u64, "{tql}");
    assert_eq!(page.rows, expected, "{tql}");
    page
}
