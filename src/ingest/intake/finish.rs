//! When every file is read: what is not declared is inferred, what is not checked is checked, rows become as wide as each
//! other.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::suggest::nearest;
use crate::ingest::keys::check_keys;
use crate::ingest::report::{FileReport, LoadReport};
use crate::model::cell::coerce;
use crate::model::field::Field;
use crate::model::fold::fold_case;
use crate::model::kind::Kind;
use crate::model::schema::Schema;
use crate::model::table::Rows;
use crate::model::value::Value;

use super::{Intake, RowSite, shortened};

impl Intake {
    /// Every file is read: infers what is not declared, checks what is left to check.
    pub(in crate::ingest) fn finish(mut self, name: &str, key: Option<&str>) -> Result<(Schema, Rows, LoadReport)> {
        self.spread_rows();
        let schema = match self.schema.take() {
            Some(schema) => schema,
            None => match self.inferred(name, key) {
                Ok(schema) => schema,
                Err(error) => return Err(self.with_files(error)),
            },
        };
        self.check_kept(&schema);
        let site = |row: usize| &self.rows[row];
        let place = |row: usize| row_place(&self.files, site(row), 0);
        check_keys(&schema, &self.cells, |row| site(row).key_in_doubt, place, &mut self.mistakes);
        self.mistakes.stop_if_any(&self.files)?;
        let report = LoadReport { notes: self.notes(), files: self.files };
        let columns = self.slots.iter().map(|slot| slot.name.clone()).collect();
        Ok((schema, Rows::from_cells(columns, self.cells, self.rows.len()), report))
    }

    /// Gives every row as many cells as there are fields: in place, from the last row to the first.
    fn spread_rows(&mut self) {
        let width = self.slots.len();
        let mut end = self.cells.len();
        self.cells.resize(self.rows.len() * width, Value::Null);
        for (i, row) in self.rows.iter_mut().enumerate().rev() {
            if row.start == i * width {
                // So do all rows before it: none has more cells than there are fields.
                break;
            }
            for k in (0..end - row.start).rev() {
                self.cells.swap(i * width + k, row.start + k);
            }
            end = std::mem::replace(&mut row.start, i * width);
        }
    }

    fn inferred(&self, name: &str, key: Option<&str>) -> Result<Schema> {
        if self.slots.is_empty() {
            let message = "no file has a field, so there is nothing to infer a schema from";
            let mistake = Diagnostic::new(Code::InvalidSchema, Severity::Error, Place::Request, message);
            return Err(Error::one(ErrorKind::Data, mistake.help("give a schema, or a file with at least one row")));
        }
        let key_slot = key.and_then(|key| self.by_folded_name.get(fold_case(key).as_ref()));
        if let (Some(key), None) = (key, key_slot) {
            let mistake = Diagnostic::new(
                Code::InvalidSchema,
                Severity::Error,
                Place::Request,
                format!("no file has the key field `{}`", shortened(key)),
            );
            let mistake = match nearest(key, self.slots.iter().map(|slot| &*slot.name)) {
                Some(near) => mistake.help(format!("did you mean `{near}`?")),
                None => mistake,
            };
            return Err(Error::one(ErrorKind::Data, mistake));
        }
        let fields = self.slots.iter().enumerate().map(|(i, slot)| {
            let field = slot.field.clone().unwrap_or_else(|| slot.evidence.field(&slot.name));
            let fit = matches!(field.kind, Kind::Integer | Kind::Keyword | Kind::Guid);
            // Keys that look like dates or fractions identify rows as the texts that they are.
            if key_slot == Some(&i) && !fit { Field::new(slot.name.clone(), Kind::Keyword) } else { field }
        });
        let builder = Schema::builder(name).fields(fields);
        match key {
            Some(key) => builder.key(key).build(),
            None => builder.build(),
        }
    }

    /// That no schema can be inferred, with the mistakes of the files; alone these, if what cannot be read is why.
    fn with_files(mut self, error: Error) -> Error {
        match self.mistakes.stop_if_any(&self.files) {
            Err(of_files) if self.n_broken > 0 || self.slots.is_empty() => of_files,
            Err(of_files) => of_files.and([error]),
            Ok(()) => error,
        }
    }

    /// Brings cells that were kept unchecked into the form in which their fields hold them.
    fn check_kept(&mut self, schema: &Schema) {
        let width = self.slots.len();
        let slots = schema.fields().iter().zip(&mut self.slots).enumerate();
        for (s, (field, slot)) in slots.filter(|(_, (_, slot))| slot.unchecked) {
            for row in 0..self.rows.len() {
                let cell = &mut self.cells[row * width + s];
                match coerce(cell, field) {
                    Ok(checked) => {
                        slot.n_cut += u64::from(checked.cut);
                        *cell = checked.value;
                    }
                    Err(reason) => self.mistakes.add(|| {
                        let place = row_place(&self.files, &self.rows[row], 0);
                        let message = format!("field `{}`: {reason}", shortened(field.name()));
                        Diagnostic::new(Code::WrongCell, Severity::Error, place, message)
                    }),
                }
            }
        }
    }

    fn notes(&self) -> Vec<Diagnostic> {
        let note = |code, place, message| Diagnostic::new(code, Severity::Note, place, message);
        let mut notes = Vec::new();
        for slot in &self.slots {
            let name = shortened(&slot.name);
            if slot.n_cut > 0 {
                let message =
                    format!("{} of `{name}` had digits below a microsecond, which were cut", values(slot.n_cut));
                notes.push(note(Code::CutPrecision, Place::Request, message));
            }
            if slot.field.is_none() && slot.evidence.are_long_numbers() {
                let message = format!(
                    "numbers of `{name}` have more digits than a field of numbers holds, and are kept as texts"
                );
                notes.push(note(Code::KeptAsText, Place::Request, message));
            }
            notes.extend(slot.undeclared.as_ref().and_then(|undeclared| undeclared.note(&name)));
            if let Some((reason, place)) = &slot.unreadable {
                let message = format!(
                    "{} of `{name}` cannot be read and became null, first: {reason}",
                    values(slot.n_unreadable)
                );
                notes.push(note(Code::WrongCell, place.clone(), message));
            }
        }
        notes
    }
}

fn row_place(files: &[FileReport], row: &RowSite, column: u64) -> Place {
    let name = files.get(row.file as usize).map_or_else(|| "".into(), |file| file.name.clone());
    Place::File { name, line: row.line, column }
}

fn values(n: u64) -> String {
    if n == 1 { "1 value".to_owned() } else { format!("{n} values") }
}
