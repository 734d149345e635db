//! Histories of changes against a plain list: what a change makes of the rows, or everything that is wrong with it.

use tallygrid::{Code, Kind, Value};

use super::column::{Class, Column, atoms};

/// What an index holds.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// The key's position among the columns, if there is one.
    pub(crate) key: Option<usize>,
    pub(crate) columns: Vec<Column>,
    /// In load order, each with its running number from 1.
    pub(crate) rows: Vec<(i64, Vec<Value>)>,
    pub(crate) last: i64,
}

/// A change of one index.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Append(Batch),
    Upsert(Batch),
    Patch(Value, Vec<(String, Value)>),
    Delete(Value),
    AddField(Column),
}

#[derive(Clone, Debug)]
pub(crate) struct Batch {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// Why a change is refused: a code, and the row and field where it is about one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) code: Code,
    pub(crate) at: Option<(usize, String)>,
    /// The row that had the key before.
    pub(crate) earlier: Option<usize>,
}

impl Model {
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The position of the row with a key.
    fn find(&self, key: &Value) -> Option<usize> {
        match self.key {
            None => self.rows.iter().position(|(number, _)| Value::Integer(*number) == *key),
            Some(at) => {
                let class = key_class(&self.columns[at], key)?;
                self.rows
                    .iter()
                    .position(|(_, cells)| key_class(&self.columns[at], &cells[at]).as_ref() == Some(&class))
            }
        }
    }

    /// Makes the change, or says everything that is wrong with it and is then good for nothing.
    pub(crate) fn apply(&mut self, change: &Change) -> Result<(), Vec<Fault>> {
        let missing = || vec![Fault { code: Code::UnknownKey, at: None, earlier: None }];
        match change {
            Change::Append(batch) => self.write(batch, false),
            Change::Upsert(batch) => self.write(batch, true),
            Change::Patch(key, cells) => {
                let at = self.find(key);
                let mut faults = if at.is_none() { missing() } else { Vec::new() };
                for (name, value) in cells {
                    match self.column(name) {
                        None => faults.push(fault(Code::UnknownField, 0, name)),
                        column if column == self.key => faults.push(fault(Code::WrongCell, 0, name)),
                        Some(column) if !fits(&self.columns[column], value) => {
                            faults.push(fault(Code::WrongCell, 0, &self.columns[column].name));
                        }
                        Some(column) => {
                            if let Some(at) = at {
                                self.rows[at].1[column] = self.columns[column].stored(value);
                            }
                        }
                    }
                }
                if at.is_none() {
                    // What is wrong with the key and with the cells is joined, the same thing said once.
                    let all = std::mem::take(&mut faults);
                    all.into_iter().for_each(|one| faults.extend((!faults.contains(&one)).then_some(one)));
                }
                none_or(faults)
            }
            Change::Delete(key) => {
                let at = self.find(key).ok_or_else(missing)?;
                self.rows.remove(at);
                Ok(())
            }
            Change::AddField(column) => {
                if self.column(&column.name).is_some() {
                    return Err(vec![Fault { code: Code::InvalidSchema, at: None, earlier: None }]);
                }
                self.columns.push(column.clone());
                self.rows.iter_mut().for_each(|(_, cells)| cells.push(Value::Null));
                Ok(())
            }
        }
    }

    fn write(&mut self, batch: &Batch, upsert: bool) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        if upsert && self.key.is_none() {
            faults.push(fault(Code::MissingKey, 0, ""));
        }
        let mut columns = Vec::new();
        for name in &batch.columns {
            match self.column(name) {
                column if column.is_some() && !columns.contains(&column) => columns.push(column),
                _ => {
                    faults.push(fault(Code::UnknownField, 0, name));
                    columns.push(None);
                }
            }
        }
        // A column without a field may be the key, if no other is.
        let may_be_misnamed = columns.contains(&None) && !columns.contains(&self.key);
        // Rows of the batch by the position they went to.
        let mut written: Vec<(usize, usize)> = Vec::new();
        for (n, row) in batch.rows.iter().enumerate() {
            let mut cells = vec![Value::Null; self.columns.len()];
            let n_before = faults.len();
            for (column, value) in columns.iter().zip(row) {
                let Some(column) = *column else { continue };
                if fits(&self.columns[column], value) {
                    cells[column] = self.columns[column].stored(value);
                } else {
                    faults.push(fault(Code::WrongCell, n, &self.columns[column].name));
                }
            }
            let key_name = |key: usize| self.columns[key].name.clone();
            let is_wrong = |key: usize| faults[n_before..].iter().any(|f| f.at.as_ref().unwrap().1 == key_name(key));
            let is_no_key = |cell: &Value| cell.is_empty() || *cell == Value::Guid(u128::MAX);
            if let Some(key) = self.key.filter(|key| is_no_key(&cells[*key])) {
                if !is_wrong(key) && !may_be_misnamed {
                    faults.push(fault(Code::MissingKey, n, &key_name(key)));
                }
                continue;
            }
            let there = self.key.and_then(|key| self.find(&cells[key]));
            let earlier = there.and_then(|at| written.iter().find(|(_, own)| *own == at)).map(|(row, _)| *row);
            match (there, earlier) {
                (Some(_), None) if !upsert => faults.push(fault(Code::DuplicateKey, n, &key_name(self.key.unwrap()))),
                (Some(_), Some(_)) => {
                    faults.push(Fault { earlier, ..fault(Code::DuplicateKey, n, &key_name(self.key.unwrap())) });
                }
                (Some(at), None) => {
                    // The key keeps the spelling it had.
                    let key = self.key.unwrap();
                    cells[key] = self.rows[at].1[key].clone();
                    self.rows[at].1 = cells;
                    written.push((n, at));
                }
                (None, _) => {
                    self.last += 1;
                    self.rows.push((self.last, cells));
                    written.push((n, self.rows.len() - 1));
                }
            }
        }
        none_or(faults)
    }
}

fn none_or(faults: Vec<Fault>) -> Result<(), Vec<Fault>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn fault(code: Code, row: usize, field: &str) -> Fault {
    Fault { code, at: Some((row, field.to_owned())), earlier: None }
}

fn key_class(column: &Column, cell: &Value) -> Option<Class> {
    atoms(cell).first().map(|atom| column.class(atom))
}

/// Whether a field can hold a value: the draws below know three ways to be wrong.
fn fits(column: &Column, value: &Value) -> bool {
    match value {
        Value::List(items) => column.multi && !items.iter().any(|item| matches!(item, Value::List(_))),
        Value::Text(text) => text.is_empty() || !matches!(column.kind, Kind::Integer | Kind::Guid),
        _ => true,
    }
}
