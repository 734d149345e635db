//! Files that others produced, where the folder is given in `TALLYGRID_DATA`; else the test says that it saw none.

use std::fs;
use std::path::Path;

use tallygrid::{Format, Input, Load};

/// Rows of each folder, as its README counts them.
const ROWS: [(&str, usize); 7] = [
    ("k8s-conformance/cases.ndjson.gz", 49_678),
    ("wpt-results/results.ndjson.gz", 27_830),
    ("iofrol/iofrol_cycles_1-160.csv.gz", 14_507),
    ("dune/dune_debian11.csv.gz", 35_140),
    ("treeherder/jobs_2013-04.ndjson", 1_122),
    ("eips/eips_even.ndjson", 477),
    ("junit-xml", 6_990),
];

fn open(path: &Path) -> Option<Input> {
    let name = path.to_string_lossy().into_owned();
    let format = Format::from_name(&name)?;
    let bytes = fs::read(path).unwrap();
    Some(match path.extension().is_some_and(|e| e == "gz") {
        true => Input::new(name, format, flate2::read::MultiGzDecoder::new(std::io::Cursor::new(bytes))),
        false => Input::new(name, format, std::io::Cursor::new(bytes)),
    })
}

#[test]
fn real_files_load_whole() {
    let Some(root) = std::env::var_os("TALLYGRID_DATA") else {
        println!("0 files: folder not given in TALLYGRID_DATA");
        return;
    };
    let (mut n_files, mut n_rows) = (0, 0);
    for (name, expected) in ROWS {
        let path = Path::new(&root).join(name);
        let paths = match path.is_dir() {
            true => fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect(),
            false => vec![path],
        };
        let inputs: Vec<Input> = paths.iter().filter_map(|path| open(path)).collect();
        n_files += inputs.len();
        let loaded = Load::new().read(inputs).unwrap();
        assert_eq!(loaded.into_rows().len(), expected, "{name}");
        n_rows += expected;
    }
    println!("{n_files} files, {n_rows} rows");
}
