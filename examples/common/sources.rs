//! Where rows come from: the options that name files, schemas and catalogs, and the tables that are read from them.

use tallygrid::{Engine, Field, Rows, Schema};

use super::args::Args;
use super::files;
use super::output::{Failure, warn};

/// The files that the options name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    data: Vec<String>,
    indexes: Vec<(String, Vec<String>)>,
    catalog: Option<String>,
    schema: Option<String>,
}

impl Sources {
    /// Takes the option with its values if it is one that names files; whether it was.
    pub(crate) fn take(&mut self, option: &str, args: &mut Args) -> Result<bool, Failure> {
        match option {
            "--data" => self.data.extend(args.values(option)?),
            "--index" => {
                let mut own = Vec::new();
                for value in args.values(option)? {
                    match (value.split_once('='), own.last_mut()) {
                        (Some((index, file)), _) => own.push((index.to_owned(), vec![file.to_owned()])),
                        (None, Some((_, files))) => files.push(value),
                        (None, None) => {
                            return Err(Failure::usage(format!("--index takes NAME=FILE, not `{value}`")));
                        }
                    }
                }
                self.indexes.append(&mut own);
            }
            "--catalog" => self.catalog = Some(args.value(option)?),
            "--schema" => self.schema = Some(args.value(option)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Whether files are named.
    pub(crate) fn is_empty(&self) -> bool {
        self.data.is_empty() && self.indexes.is_empty()
    }

    /// What is wrong with the options taken together.
    pub(crate) fn mistake(&self) -> Option<&'static str> {
        match () {
            () if self.catalog.is_some() && (self.schema.is_some() || !self.data.is_empty()) => Some(
                "--catalog types the files of --index NAME=FILE…; --data and --schema are for one index without it",
            ),
            () if self.catalog.is_some() && self.indexes.is_empty() => Some("--catalog needs --index NAME=FILE…"),
            () if self.catalog.is_none() && !self.indexes.is_empty() => Some("--index NAME=FILE… needs --catalog FILE"),
            () if self.is_empty() => Some("name files with --data"),
            () => None,
        }
    }

    /// Every index's schema and rows, the first one named first. What loading notes goes to stderr.
    pub(crate) fn read(&self, json: bool) -> Result<Vec<(Schema, Rows)>, Failure> {
        let table = |paths: &[String], schema: Option<Schema>| -> Result<(Schema, Rows), Failure> {
            let loaded = files::load(paths, schema)?;
            warn(&loaded.report().notes, "", json);
            Ok((loaded.schema().clone(), loaded.into_rows()))
        };
        let Some(catalog) = &self.catalog else {
            let schema = self.schema.as_deref().map(files::schema).transpose()?;
            return Ok(vec![table(&self.data, schema)?]);
        };
        let catalog = files::catalog(catalog)?;
        let mut tables = Vec::new();
        for (name, paths) in &self.indexes {
            tables.push(table(paths, Some(files::index(&catalog, name)?.clone()))?);
        }
        // Indexes without a file stay empty: relations may lead to them.
        for schema in catalog.schemas() {
            if !tables.iter().any(|(known, _)| known.name() == schema.name()) {
                tables.push((schema.clone(), Rows::new(schema.fields().iter().map(Field::name))));
            }
        }
        Ok(tables)
    }
}

/// Appends every table's rows in one commit; what it notes goes to stderr.
pub(crate) fn fill(
    engine: &Engine,
    tables: &[(Schema, Rows)],
    ctx: &tallygrid::Context,
    json: bool,
) -> Result<(), Failure> {
    let mut tx = engine.transaction(ctx).map_err(Failure::data)?;
    for (schema, rows) in tables {
        tx.append(schema.name(), rows).map_err(Failure::data)?;
    }
    let commit = tx.commit().map_err(Failure::data)?;
    warn(&commit.notes, "", json);
    Ok(())
}
