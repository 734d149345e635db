//! An index with rows, the circumstances of its queries, and engines that hold it in every layout.

use chrono::DateTime;
use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Rows, Schema, Value, Zone};

use super::column::Column;
use super::latest::Retries;
use super::package::Packages;

pub(crate) type Row = Vec<Value>;

/// Number of threads and rows of a segment: what answers must not depend on.
pub(crate) type Layout = (usize, u32);

pub(crate) const LAYOUTS: [Layout; 9] =
    [(1, 65_536), (2, 65_536), (8, 65_536), (1, 7), (2, 7), (8, 7), (1, 1), (2, 1), (8, 1)];

/// The index `Run` and what stands around it. The first column is `Id`, the row's position from 1.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) zone: &'static str,
    pub(crate) now: i64,
    /// An instant that most others are near to.
    pub(crate) anchor: i64,
    /// How many days some are away from it.
    pub(crate) reach: i64,
    /// Values that stand for the caller.
    pub(crate) users: Vec<String>,
    pub(crate) has_packages: bool,
    pub(crate) packages: Packages,
    /// Whether `Id` is the key; else rows go by their running number.
    pub(crate) keyed: bool,
    pub(crate) latest: Retries,
    /// The index that relations lead to; none of that index itself.
    pub(crate) other: Option<Box<World>>,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
    /// By row: how it came to be what it is.
    pub(crate) detours: Vec<Detour>,
    pub(crate) commits: usize,
}

/// What happened on the way to a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Detour {
    /// Cells the row had at first.
    pub(crate) first: Option<Row>,
    /// A row behind it that is gone again.
    pub(crate) gone: Option<Row>,
}

impl World {
    pub(crate) fn context(&self, access: Access) -> Context {
        let now = DateTime::from_timestamp_micros(self.now).unwrap();
        let ctx = Context::new(now, access).time_zone(Zone::named(self.zone).unwrap());
        self.users.iter().fold(ctx, |ctx, user| ctx.user(user.as_str()))
    }

    /// The names of the columns.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.columns.iter().map(|column| column.name.as_str()).collect()
    }

    /// A row's cells as the index keeps them.
    pub(crate) fn stored(&self, row: usize) -> Row {
        self.columns.iter().zip(&self.rows[row]).map(|(column, cell)| column.stored(cell)).collect()
    }

    /// The same rows over and over, `n` of them, each with an id of its own.
    pub(crate) fn tiled(&self, n: usize) -> Self {
        let with_id = |row: &Row, id: i64| std::iter::once(id.into()).chain(row.iter().skip(1).cloned()).collect();
        let mut tiled = self.clone();
        (tiled.rows, tiled.detours) = (Vec::new(), Vec::new());
        for (id, (row, detour)) in (1..).zip(self.rows.iter().zip(&self.detours).cycle().take(n)) {
            tiled.rows.push(with_id(row, id));
            let first = detour.first.as_ref().map(|first| with_id(first, id));
            let gone = detour.gone.as_ref().map(|gone| with_id(gone, -id));
            tiled.detours.push(Detour { first, gone });
        }
        tiled
    }

    /// An engine that came to these rows by their detours.
    pub(crate) fn engine(&self, (threads, segment_rows): Layout) -> Engine {
        let engine = Engine::builder(self.catalog()).threads(threads).segment_rows(segment_rows).build().unwrap();
        let ctx = self.context(Access::unrestricted());
        self.load_packages(&engine, &ctx);
        self.load_other(&engine, &ctx);
        let positions: Vec<usize> = (0..self.rows.len()).collect();
        let mut keys = Keys::default();
        for part in positions.chunks(self.rows.len().div_ceil(self.commits).max(1)) {
            let mut tx = engine.transaction(&ctx).unwrap();
            let mut table = Rows::new(self.names());
            for row in part {
                let detour = &self.detours[*row];
                table.push(detour.first.as_ref().unwrap_or(&self.rows[*row]).iter().cloned());
                keys.rows.push(self.key(&mut keys.last, &self.rows[*row]));
                if let Some(gone) = &detour.gone {
                    table.push(gone.iter().cloned());
                    keys.gone.push(self.key(&mut keys.last, gone));
                }
            }
            tx.append("Run", &table).unwrap();
            tx.commit().unwrap();
        }
        let mut tx = engine.transaction(&ctx).unwrap();
        for (row, key) in keys.rows.iter().enumerate().filter(|(row, _)| self.detours[*row].first.is_some()) {
            let cells = self.columns.iter().zip(&self.rows[row]).skip(1);
            tx.patch("Run", key, cells.map(|(column, cell)| (column.name.as_str(), cell.clone()))).unwrap();
        }
        keys.gone.iter().for_each(|key| tx.delete("Run", key).unwrap());
        tx.commit().unwrap();
        engine
    }

    fn key(&self, last: &mut i64, row: &Row) -> Value {
        *last += 1;
        if self.keyed { row[0].clone() } else { (*last).into() }
    }

    fn catalog(&self) -> Catalog {
        let run = Schema::builder("Run").fields(self.columns.iter().map(Column::field));
        let run = run.latest(self.latest.declared(&self.columns));
        let run = if self.keyed { run.key("Id") } else { run };
        let names = |name: &str| Field::new(name, Kind::Keyword);
        let package = Schema::builder("Package").fields([names("Id"), names("Name"), names("Parent")]).build().unwrap();
        let other = Schema::builder("Other").key("Id").fields(self.there().columns.iter().map(Column::field));
        let packages = self.has_packages.then_some(package);
        Catalog::new([run.build().unwrap(), other.build().unwrap()].into_iter().chain(packages)).unwrap()
    }

    fn load_other(&self, engine: &Engine, ctx: &Context) {
        let mut table = Rows::new(self.there().names());
        self.there().rows.iter().for_each(|row| table.push(row.iter().cloned()));
        let mut tx = engine.transaction(ctx).unwrap();
        tx.append("Other", &table).unwrap();
        tx.commit().unwrap();
    }

    fn load_packages(&self, engine: &Engine, ctx: &Context) {
        if !self.has_packages {
            return;
        }
        let mut table = Rows::new(["Id", "Name", "Parent"]);
        for package in &self.packages.known {
            table.push([package.id.as_str().into(), package.name.as_str().into(), package.parent.clone().into()]);
        }
        let mut tx = engine.transaction(ctx).unwrap();
        tx.append("Package", &table).unwrap();
        tx.commit().unwrap();
    }
}

/// Under which keys rows went in.
#[derive(Default)]
struct Keys {
    last: i64,
    rows: Vec<Value>,
    gone: Vec<Value>,
}
