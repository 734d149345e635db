//! Any bytes as data files: they load, or every mistake has its file; what was loaded goes into an engine and out again.

use tallygrid::{Access, Catalog, Engine, Format, Input, Load, Place, Query, Schema};

use crate::bed;

/// The first byte chooses the format, whether the bytes are two files, and whether what the first load inferred is the schema
/// of a second.
pub fn load(data: &[u8]) {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let format = [Format::Ndjson, Format::Csv, Format::Junit][usize::from(choice % 3)];
    let middle = if choice & 64 == 0 { bytes.len() } else { bytes.len() / 2 };
    let inputs = || {
        let (first, second) = bytes.split_at(middle);
        let one = |name, bytes: &[u8]| Input::new(name, format, std::io::Cursor::new(bytes.to_vec()));
        [one("first", first), one("second", second)]
    };
    let loaded = match Load::new().name("Run").read(inputs()) {
        Ok(loaded) => loaded,
        Err(error) => {
            assert!(error.is_client(), "{error:?}");
            let in_a_file =
                |place: &Place| matches!(place, Place::File { name, .. } if ["first", "second"].contains(&&**name));
            for diagnostic in error.diagnostics() {
                assert!(in_a_file(diagnostic.place()) || *diagnostic.place() == Place::Request, "{diagnostic:?}");
                assert!(!diagnostic.message().contains('\n'), "{diagnostic:?}");
            }
            assert!(!error.render("").is_empty());
            return;
        }
    };
    let schema = loaded.schema().clone();
    let rows = loaded.into_rows();
    let n = rows.len() as u64;
    let catalog = Catalog::new([schema.clone()]).unwrap();
    assert_eq!(Catalog::from_json(&catalog.to_json()).unwrap(), catalog);
    let engine = Engine::builder(catalog).threads(1).segment_rows(5).build().unwrap();
    let ctx = bed::context(Access::unrestricted());
    let mut tx = engine.transaction(&ctx).unwrap();
    tx.append("Run", &rows).unwrap();
    tx.commit().unwrap();
    let snapshot = engine.snapshot();
    let page = snapshot.index("Run", &ctx).unwrap().rows(&Query::all(), &ctx).unwrap().body;
    assert_eq!(page.total, n);
    if choice & 128 != 0 {
        again(schema, inputs(), n);
    }
}

/// The inferred schema takes the files it was inferred from.
fn again(schema: Schema, inputs: [Input; 2], n: u64) {
    let loaded = Load::new().schema(schema).read(inputs).unwrap();
    assert_eq!(loaded.into_rows().len() as u64, n);
}
