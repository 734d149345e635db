//! From options to an engine that holds the rows.

use tallygrid::{Access, Catalog, Context, Engine, Error, Field, Rows, Schema, presets};

use crate::common::output::Failure;
use crate::common::sources::fill;
use crate::counted;
use crate::generate::runs;
use crate::grids::Grids;
use crate::options::Options;

/// An engine with every row, and the name of its first index.
pub(crate) fn load(options: &Options, grids: &Grids) -> Result<(Engine, String), Failure> {
    let mut tables = match options.generate {
        Some(n) => runs(n).map_err(Failure::data)?,
        None => options.sources.read(false)?,
    };
    for schema in standard(grids).map_err(Failure::data)? {
        if !tables.iter().any(|(known, _)| known.name().eq_ignore_ascii_case(schema.name())) {
            let none = Rows::new(schema.fields().iter().map(Field::name));
            tables.push((schema, none));
        }
    }
    let main_index = tables.first().map_or_else(String::new, |(schema, _)| schema.name().to_owned());
    let catalog = Catalog::new(tables.iter().map(|(schema, _)| schema.clone())).map_err(Failure::data)?;
    let mut builder = Engine::builder(catalog);
    if let Some(threads) = options.threads {
        builder = builder.threads(threads);
    }
    let engine = builder.build().map_err(Failure::data)?;
    let ctx = Context::new(std::time::SystemTime::now().into(), Access::unrestricted());
    fill(&engine, &tables, &ctx, false)?;
    if let Some(field) = &options.runs_by {
        counted::fill(&engine, &main_index, field, &ctx).map_err(|error| Failure::request(error, ""))?;
    }
    Ok((engine, main_index))
}

/// The indexes that the surfaces ask. Where the files have one of the same name, theirs is it.
fn standard(grids: &Grids) -> Result<Vec<Schema>, Error> {
    let counted = presets::counted::catalog(&presets::counted::statuses())?;
    let execution = presets::execution::catalog()?;
    Ok(counted.schemas().chain(execution.schemas()).chain(grids.schemas()).cloned().collect())
}
