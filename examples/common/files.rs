//! Files to inputs of a load, unpacked, with progress shown on a terminal.

use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use tallygrid::{Format, Input, Load, Loaded, Schema};

/// Opens a file by the format that its name ends with.
pub(crate) fn open(path: &str) -> Result<Input, String> {
    let format = Format::from_name(path)
        .ok_or_else(|| format!("{path}: the name ends with none of .ndjson, .csv, .xml and these with .gz"))?;
    let file = File::open(path).map_err(|e| format!("{path}: {e}"))?;
    let reader: Box<dyn Read> = if path.to_ascii_lowercase().ends_with(".gz") {
        Box::new(flate2::read::MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Ok(Input::new(path, format, reader))
}

/// Reads files into rows, typed by the schema or by what they hold.
pub(crate) fn load(paths: &[String], schema: Option<Schema>) -> Result<Result<Loaded, tallygrid::Error>, String> {
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
    Ok(loaded)
}
