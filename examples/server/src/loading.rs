//! From options to an engine that holds the rows.

use tallygrid::{Access, Catalog, Context, Engine};

use crate::common::output::Failure;
use crate::common::sources::fill;
use crate::counted;
use crate::generate::runs;
use crate::options::Options;

/// An engine with every row, and the name of its first index.
pub(crate) fn load(options: &Options) -> Result<(Engine, String), Failure> {
    let mut tables = match options.generate {
        Some(n) => runs(n).map_err(Failure::data)?,
        None => options.sources.read(false)?,
    };
    let added = counted::schemas(&tables).map_err(Failure::data)?;
    tables.extend(added);
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
