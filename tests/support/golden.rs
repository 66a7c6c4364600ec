//! Golden files: a table that is meant to be read in a review, and that a test holds the code to.

use std::path::Path;

/// Compares with `tests/golden/NAME`; `STOA_GOLDEN=write` writes it instead.
pub fn check(name: &str, actual: &str) {
    compare(&format!("tests/golden/{name}"), actual);
}

/// The same, with what stands in a document between `<!-- made: NAME -->` and `<!-- end -->`.
pub fn check_part(document: &str, name: &str, actual: &str) {
    let whole = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).expect("a document");
    let begin = format!("<!-- made: {name} -->\n");
    let (before, rest) = whole.split_once(&begin).unwrap_or_else(|| panic!("{document} has no line {begin}"));
    let (_, after) = rest.split_once("<!-- end -->").unwrap_or_else(|| panic!("{document} does not end what {begin} begins"));
    compare(document, &format!("{before}{begin}{actual}<!-- end -->{after}"));
}

fn compare(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var("STOA_GOLDEN").as_deref() == Ok("write") {
        std::fs::write(&path, actual).expect("the file is written");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{name} is not what the code says now. If the change is meant, run `make golden` and have the difference reviewed.\n\n{actual}"
    );
}
