//! Golden files: a table that is meant to be read in a review, and that a test holds the code to.

/// Compares with `tests/golden/NAME`; `STOA_GOLDEN=write` writes it instead.
pub fn check(name: &str, actual: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var("STOA_GOLDEN").as_deref() == Ok("write") {
        std::fs::write(&path, actual).expect("the golden file is written");
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == actual,
        "{name} is not what the code says now. If the change is meant, run `make golden` and have the difference reviewed.\n\n{actual}"
    );
}
