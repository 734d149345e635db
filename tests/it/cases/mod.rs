//! Cases: rows, questions and their answers together in `tests/cases/**/*.case`, asked in every layout. `UPDATE=1` writes
//! the answers; what changed is then to be read in the diff, not believed.
//!
//! A file is a list of blocks, parted by empty lines. Lines that begin with `#` are remarks. A block's first line says what
//! it is; further lines are indented by two blanks.
//!
//! ```text
//! schema Run key Id                      an index: fields by name, kind and what else is declared of them; behind the key
//!                                        `latest per TestId by At worst Status`
//!   Id integer
//!   Status status = Passed | OK | +passed, In Progress, Failed | +failed
//!   "Due date" date alias Due
//!   Tags keyword multi exact
//!   At datetime zone Europe/Berlin
//!   Package path ancestors Above
//!   Script relation Script.Id many
//!
//! rows Run                               one load; several stand one behind the other
//!   Id | Status | Tags
//!   1  | Passed | [a, "b c"]             a list; quoted texts have JSON escapes
//!   2  | -      | []                     null; the empty list; "" is the empty text
//!
//! with zone America/New_York             circumstances, from here on: zone, now, user, limit NAME N, scope TQL,
//!                                        latest (`latest off` ends it), allow INDEX TQL (nothing else may be seen then), facts (those of `facts.rs`)
//!
//! list Status = Passed                   ids (the first column) of the rows, in order
//!   1
//!
//! list skip 1 top 2: Status = Passed     a page of them, and how many there are
//!   none of 1
//!
//! group Status status Tags: Id > 0       status counts; `by day At` for periods, `queries` adds each group's TQL,
//!   Status | a | ""                      `sums A B` sums instead
//!   Passed | 1 | 0
//!   total | 1 | 0
//!
//! aggregate COUNT, MAX(Id)              the answer of an aggregate query as JSON, over lines where it is long; `queries:` in
//!   {"Results":{"COUNT":2,"Max(Id)":2}}  front of the query adds each group's TQL
//!
//! explain COUNT WHERE Id > 0             how it is answered; `group …:` in front of the query, as above, for a grouping
//!   level 1: Results
//!   …
//!
//! read a = 1 OR b = 2                    the reading of a text, every operator in parentheses; knows no schema
//!   (a = 1 OR b = 2)
//!
//! odata filter: a eq 1 or b              the reading of an OData text as that part of the language; `strict filter: …` by the
//!   ((a eq 1) or b)                      standard to the letter
//!
//! layout a=1 or b=2                     the text over several lines, as it is worth them; `unchanged` if it is so already
//!   a = 1 OR b = 2
//!
//! append Run                             what is wrong with rows; they are not kept
//!   Id
//!   1
//! gives
//!   error[duplicate-key]: …
//!
//! zone Europe/Berln                      what a zone's name gives
//!   error[unknown-zone]: …
//! ```
//!
//! Warnings and errors stand behind an answer as [`tallygrid::render`] shows them, then the text as each fix mends it. In a question `«u0000»` is that
//! character, and `«3×text»` is the text three times over.

mod ask;
mod block;
mod facts;
mod results;
mod setting;

use std::fs;
use std::path::{Path, PathBuf};

use block::Block;
use setting::Setting;

fn case_files(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            case_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "case") {
            found.push(path);
        }
    }
}

#[test]
fn every_case_holds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut paths = Vec::new();
    case_files(&root, &mut paths);
    let update = std::env::var_os("UPDATE").is_some();
    let (mut failures, mut n_questions) = (String::new(), 0);
    for path in &paths {
        let name = path.strip_prefix(&root).unwrap().display().to_string();
        let mut blocks = block::read(&fs::read_to_string(path).unwrap());
        let mut setting = Setting::default();
        for block in &mut blocks {
            let Some(answer) = setting.take(block).unwrap_or_else(|wrong| panic!("{name}:{}: {wrong}", block.line))
            else {
                continue;
            };
            n_questions += 1;
            if block.answer != answer {
                failures.push_str(&difference(&name, block, &answer));
                block.answer = answer;
            }
        }
        if update {
            fs::write(path, block::write(&blocks)).unwrap();
        }
    }
    assert!(n_questions > 0, "no cases found");
    assert!(update || failures.is_empty(), "{failures}\n(UPDATE=1 takes these answers)");
    println!("{n_questions} questions in {} files", paths.len());
}

fn difference(name: &str, block: &Block, answer: &[String]) -> String {
    let (expected, found) = (block::indented(&block.answer, "    "), block::indented(answer, "    "));
    format!("\n{name}:{}: {}\n  expected\n{expected}  found\n{found}", block.line, block.head)
}
