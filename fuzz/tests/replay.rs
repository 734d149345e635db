//! Every file of the committed corpus, and every find once it is added there, through its target.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

#[test]
fn the_corpus_holds() {
    let mut failed = Vec::new();
    for (name, target) in tallygrid_fuzz::TARGETS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        // An empty folder would prove nothing.
        assert!(files.len() >= 20, "{name}: {} files", files.len());
        for file in files {
            let data = std::fs::read(&file).unwrap();
            if catch_unwind(AssertUnwindSafe(|| target(&data))).is_err() {
                failed.push(file);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
