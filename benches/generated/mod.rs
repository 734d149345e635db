//! The generated rows that benches ask: read as dictionary codes, appended in transactions of a million.

use std::path::Path;

use tallygrid::{Context, Engine, Field, Kind, Latest, Rows, Schema, Value};

/// The index's fields, the unique id left out.
pub(crate) fn schema() -> Schema {
    let keyword = |name| Field::new(name, Kind::Keyword);
    let guid = |name| Field::new(name, Kind::Guid);
    Schema::builder("Run")
        .fields([guid("ProjectId"), guid("PackageId"), guid("AssignmentId"), Field::new("RunNumber", Kind::Integer)])
        .fields([keyword("Type"), Field::new("Status", Kind::Status), Field::new("CreatedAt", Kind::DateTime)])
        .fields([Field::new("RunBy", Kind::User), keyword("Environment"), keyword("Config")])
        .fields([Field::new("DurationMs", Kind::Integer), keyword("Name"), keyword("Tags").multi()])
        .latest(Latest::per(["AssignmentId"]).by(["CreatedAt"]))
        .build()
        .unwrap()
}

/// The generated columns.
pub(crate) struct Data {
    /// Values of the fields above by code, in the fields' order; empty for numbers.
    dictionaries: Vec<Vec<Value>>,
    codes: Vec<Vec<u64>>,
    tag_ends: Vec<u64>,
    tags: Vec<u64>,
}

impl Data {
    pub(crate) fn read(dir: &Path) -> Self {
        let raw = |(name, width): (&str, usize)| -> Vec<u64> {
            let bytes = std::fs::read(dir.join(format!("raw/{name}.bin"))).unwrap();
            bytes.chunks(width).map(|chunk| chunk.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte))).collect()
        };
        let dictionary = |field: &Field| -> Vec<Value> {
            if matches!(field.kind(), Kind::Integer | Kind::DateTime) {
                return Vec::new();
            }
            let texts = std::fs::read_to_string(dir.join(format!("dict/{}.txt", field.name()))).unwrap();
            texts.lines().map(|text| if field.kind() == Kind::Guid { guid(text) } else { Value::from(text) }).collect()
        };
        let columns = [("proj", 1), ("pkg", 2), ("asg", 4), ("run", 2), ("type", 1), ("status", 1), ("created", 8)];
        let more = [("runby", 2), ("env", 1), ("cfg", 1), ("dur", 4), ("name", 4)];
        Self {
            dictionaries: schema().fields().iter().map(dictionary).collect(),
            codes: columns.into_iter().chain(more).map(raw).collect(),
            tag_ends: raw(("tagoff", 4)),
            tags: raw(("tag", 1)),
        }
    }

    /// Appends every row, in transactions of a million.
    pub(crate) fn load(&self, engine: &Engine, ctx: &Context) {
        let schema = schema();
        let n_rows = self.codes[0].len();
        for start in (0..n_rows).step_by(1_000_000) {
            let end = (start + 1_000_000).min(n_rows);
            let mut tx = engine.transaction(ctx).unwrap();
            for batch in (start..end).step_by(65_536) {
                let mut rows = Rows::new(schema.fields().iter().map(Field::name));
                for row in batch..(batch + 65_536).min(end) {
                    rows.push(
                        schema.fields().iter().enumerate().map(|(column, field)| self.cell(column, field.kind(), row)),
                    );
                }
                tx.append("Run", &rows).unwrap();
            }
            tx.commit().unwrap();
        }
    }

    fn cell(&self, column: usize, kind: Kind, row: usize) -> Value {
        let Some(codes) = self.codes.get(column) else {
            let tags = &self.tags[self.tag_ends[row] as usize..self.tag_ends[row + 1] as usize];
            return Value::List(tags.iter().map(|tag| self.dictionaries[column][*tag as usize].clone()).collect());
        };
        match kind {
            Kind::Integer => Value::Integer(codes[row] as i64),
            Kind::DateTime => Value::Instant(codes[row] as i64 * 1000),
            // One code beyond the users stands for none.
            _ => self.dictionaries[column].get(codes[row] as usize).cloned().unwrap_or(Value::Null),
        }
    }
}

fn guid(text: &str) -> Value {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    Value::Guid(u128::from_str_radix(&digits, 16).unwrap())
}
