//! Files: schemas and catalogs, and data files as inputs of a load, unpacked, with progress shown on a terminal.

use std::fs::File;
use std::io::{Cursor, IsTerminal as _, Read as _};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};
use tallygrid::{Catalog, Format, Input, Load, Loaded, Schema};

use super::output::Failure;

/// A file as text.
pub(crate) fn text(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|e| Failure::file(format!("{path}: {e}")))
}

/// The one schema in a file.
pub(crate) fn schema(path: &str) -> Result<Schema, Failure> {
    let catalog = catalog(path)?;
    let mut schemas = catalog.schemas();
    match (schemas.next(), schemas.next()) {
        (Some(schema), None) => Ok(schema.clone()),
        _ => Err(Failure::file(format!("{path}: a catalog of several indexes, where the schema of one is expected"))),
    }
}

/// The catalog in a file; a schema is a catalog of one.
pub(crate) fn catalog(path: &str) -> Result<Catalog, Failure> {
    Catalog::from_json(&text(path)?).map_err(|error| Failure::data(error.in_document(path)))
}

/// The schema of an index that an option names, case ignored.
pub(crate) fn index<'c>(catalog: &'c Catalog, name: &str) -> Result<&'c Schema, Failure> {
    catalog.schemas().find(|schema| schema.name().eq_ignore_ascii_case(name)).ok_or_else(|| {
        let known: Vec<&str> = catalog.schemas().map(Schema::name).collect();
        Failure::usage(format!("there is no index `{name}`, only {}", known.join(", ")))
    })
}

/// The first bytes of what gzip has packed.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Opens a file by the format that its name ends with.
fn open(path: &str) -> Result<Input, Failure> {
    let wrong = |reason: &str| Failure::file(format!("{path}: {reason}"));
    let format = Format::from_name(path)
        .ok_or_else(|| wrong("the name ends with none of .ndjson, .csv, .xml and these with .gz"))?;
    let mut file = File::open(path).map_err(|e| wrong(&e.to_string()))?;
    let mut head = Vec::new();
    file.by_ref().take(GZIP.len() as u64).read_to_end(&mut head).map_err(|e| wrong(&e.to_string()))?;
    let (is_packed, is_named_so) = (head == GZIP, path.to_ascii_lowercase().ends_with(".gz"));
    let bytes = Cursor::new(head).chain(file);
    Ok(match (is_packed, is_named_so) {
        (true, true) => Input::new(path, format, MultiGzDecoder::new(bytes)),
        (false, false) => Input::new(path, format, bytes),
        (true, false) => return Err(wrong("packed by gzip, which a name that ends with .gz tells")),
        (false, true) => return Err(wrong("the name ends with .gz, but the file is not packed by gzip")),
    })
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
