//! What is said of our own sources.

use std::fs;
use std::path::Path;

/// The text of every source file below a folder.
pub fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(fs::read_to_string(&path).unwrap());
        }
    }
    found
}

/// PostgreSQL refuses a prepared statement whose columns have changed, and a newer version adds some
/// while this one runs. Inside of a statement that names its own, `*` does no harm.
#[test]
fn statements_name_their_columns() {
    let all = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let lines = all.iter().flat_map(|text| text.lines()).map(str::trim);
    let bare = lines.filter(|line| {
        let code = line.split("//").next().unwrap_or_default();
        let inner = code.contains("select * from (select") || code.contains("(select * from");
        let other = code.contains("select *") && !inner;
        let of_one = code.contains("select m.*") || code.contains("select o.*");
        other || of_one || code.contains("returning *")
    });
    assert_eq!(bare.collect::<Vec<_>>(), Vec::<&str>::new());
}
