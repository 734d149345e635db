//! Files: schemas and catalogs, and data files as inputs of a load, unpacked, with progress shown on a terminal.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use tallygrid::{Catalog, Format, Input, Load, Loaded, Schema};

use super::output::Failure;

/// A file as text.
pub(crate) fn text(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|e| Failure::file(format!("{path}: {e}")))
}

/// The schema in a file.
pub(crate) fn schema(path: &str) -> Result<Schema, Failure> {
    Schema::from_json(&text(path)?).map_err(Failure::data)
}

/// The catalog in a file; a schema is a catalog of one.
pub(crate) fn catalog(path: &str) -> Result<Catalog, Failure> {
    Catalog::from_json(&text(path)?).map_err(Failure::data)
}

/// The schema of an index that an option names, case ignored.
pub(crate) fn index<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c Schema, Failure> {
    catalog.schemas().find(|schema| schema.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
        let known: Vec<&str> = catalog.schemas().map(Schema::name).collect();
        Failure::usage(format!("there is no index `{name}`, only {}", known.join(", ")))
    })
}

/// Opens a file by the format that its name ends with.
fn open(path: &str) -> Result<Input, Failure> {
    let format = Format::from_name(path).ok_or_else(|| {
        Failure::file(format!("{path}: the name ends with none of .ndjson, .csv, .xml and these with .gz"))
    })?;
    let file = File::open(path).map_err(|e| Failure::file(format!("{path}: {e}")))?;
    let reader: Box<dyn Read> = if path.to_ascii_lowercase().ends_with(".gz") {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(Input::new(path, format, reader))
}

/// Reads files into rows, typed by the schema or by what they hold.
pub(crate) fn load(paths: &[String], schema: Option<Schema>) -> Result<Loaded, Failure> {
    let inputs: Vec<Input> = paths.iter().map(|path| open(path)).collect::<Result<_, _>>()?;
    let mut load = Load::new().name("Run");
    if let Some(schema) = schema {
        load = load.schema(schema);
    }
    let bar = std::io::stderr().is_terminal().then(ProgressBar::new_spinner);
    if let Some(bar) = bar.clone() {
        let style =
            ProgressStyle::with_template("{spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        bar.set_style(style);
        load = load.progress(move |p| {
            let file =
                Path::new(&*p.file).file_name().map_or_else(|| p.file.to_string(), |n| n.to_string_lossy().into());
            bar.set_message(format!("{file}: {} rows, {} MB", p.rows, p.bytes / 1_000_000));
            bar.tick();
        });
    }
    let loaded = load.read(inputs);
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    loaded.map_err(Failure::data)
}
