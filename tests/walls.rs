//! The walls of the house: what may not be where.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        let Ok(entries) = fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(folder), ending, &mut found);
    found.sort();
    found
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).to_string_lossy().into_owned()
}

#[test]
fn the_browsers_side_knows_no_server_crate() {
    let tree = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--no-default-features",
            "--features",
            "hydrate",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .current_dir(root())
        .output()
        .expect("cargo tree runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8_lossy(&tree.stdout);
    assert!(tree.contains("leptos v"), "{tree}");
    for server in ["sqlx", "axum", "tokio", "openidconnect", "reqwest", "ring", "chrono"] {
        let found = tree.lines().find(|line| line.split(' ').next() == Some(server));
        assert_eq!(found, None, "{server} reaches the browser");
    }
}

#[test]
fn conditions_stand_on_module_lines_and_derives_alone() {
    for file in files("src", ".rs") {
        let text = fs::read_to_string(&file).expect("a file");
        let lines: Vec<&str> = text.lines().collect();
        for (place, line) in
            lines.iter().enumerate().filter(|(_, line)| line.contains("feature = \"ssr\"") || line.contains("feature = \"hydrate\""))
        {
            let is_derive = line.contains("cfg_attr(") || lines[place.saturating_sub(1)].contains("cfg_attr(");
            let next = lines[place + 1..].iter().find(|line| !line.trim_start().starts_with("#[")).copied().unwrap_or_default();
            let is_module = next.trim_start().starts_with("mod ") || next.trim_start().starts_with("pub mod ");
            let is_entry = next.contains("pub fn hydrate()");
            assert!(is_derive || is_module || is_entry, "{}:{}: {line}", relative(&file), place + 1);
        }
    }
}

/// The demonstration's people read pages; nothing is written there.
const READS_PAGES: &str = "src/cli/demo/company/markup.rs";

/// Leptos writes what stands in these as it is; `TextArea` escapes.
#[test]
fn a_text_area_is_always_the_element() {
    for file in files("src", ".rs") {
        let path = relative(&file);
        let text = fs::read_to_string(&file).expect("a file");
        assert!(
            ["src/ui/form/text_area.rs", READS_PAGES].contains(&path.as_str()) || !text.contains("<textarea"),
            "{path} has a text area that does not escape: use TextArea"
        );
    }
}

#[test]
fn only_the_server_side_speaks_sql() {
    for file in files("src", ".rs") {
        let path = relative(&file);
        let is_server = path.contains("/server/") || path.starts_with("src/cli/") || path.ends_with("/server.rs");
        let text = fs::read_to_string(&file).expect("a file");
        let queries = text.contains("sqlx::query");
        assert!(is_server || !queries, "{path} asks the database");
    }
}

/// Who may change something without an event, and why (docs/decisions/0010-notes-are-not-acts.md).
const NOTES: &[&str] = &[
    "src/features/assets/server/store.rs", // what the server put into the store of files, until somebody completes an asset with it
    "src/features/audit_streams/server/store/draining.rs", // how far a log is written beside the database
    "src/features/audit_streams/server/store/sending.rs", // how far a stream has come, and how its last attempt went
    "src/features/billing/server/ledger/store.rs", // what the clock charges: the ledger is its own log
    "src/features/billing/server/store/alerts.rs", // that a limit is reached so far, where nobody is told
    "src/features/billing/server/store/near.rs", // which limits are near: it follows from what was used and what was set
    "src/features/billing/server/store/top_ups.rs", // what a payment provider told, and who a tenant is there; what it means has its own events
    "src/features/inbox/server/store.rs",           // what a person is told of an act, and their own reading marks
    "src/features/record_retention/server/store.rs", // how a rule's last turn went, and when its next is
    "src/features/reductions/server/store.rs",      // how far a reduction has come; what it does has its own events
    "src/features/storage/server/store.rs",         // what was stored on a day, which nobody did
    "src/server/mail/store.rs",                     // what was mailed, and how often it was tried
    "src/server/proof/store.rs",                    // the tree over rows that acts have left, and its checkpoints
    "src/server/queue/store.rs",                    // work to be done later
];

#[test]
fn only_notes_go_without_an_event() {
    let taken: Vec<String> = files("src", ".rs")
        .into_iter()
        .filter(|file| fs::read_to_string(file).expect("a file").contains("scope.note()"))
        .map(|file| relative(&file))
        .collect();
    assert_eq!(taken, NOTES);
}

#[test]
fn a_features_store_is_its_own() {
    for file in files("src/features", ".rs") {
        let path = relative(&file);
        let text = fs::read_to_string(&file).expect("a file");
        let feature = path.split('/').nth(2).unwrap_or_default();
        for other in fs::read_dir(root().join("src/features")).expect("features").flatten() {
            let other = other.file_name().to_string_lossy().into_owned();
            if other != feature {
                assert!(!text.contains(&format!("{other}::server::store")), "{path} reaches into the store of {other}");
            }
        }
    }
    for file in files("src/server", ".rs").into_iter().chain(files("src/ui", ".rs")) {
        let text = fs::read_to_string(&file).expect("a file");
        assert!(!text.contains("crate::features"), "{} knows a feature", relative(&file));
    }
}

#[test]
fn every_file_says_what_it_is_for_and_stays_small() {
    for file in files("src", ".rs").into_iter().chain(files("tests", ".rs")) {
        let text = fs::read_to_string(&file).expect("a file");
        assert!(text.starts_with("//!"), "{} does not say what it is for", relative(&file));
        let lines = text.lines().count();
        assert!(lines <= 400, "{} has {lines} lines: split it", relative(&file));
    }
}

#[test]
fn names_that_explain_nothing_are_not_used() {
    for file in files("src", ".rs") {
        let path = relative(&file);
        for part in path.split('/') {
            let name = part.trim_end_matches(".rs");
            assert!(!["utils", "util", "helpers", "common", "shared", "types", "services", "misc"].contains(&name), "{path}");
        }
    }
}

#[test]
fn the_documents_name_files_that_exist() {
    let mut named = 0;
    for document in files("docs", ".md").into_iter().chain([root().join("README.md"), root().join("CONTRIBUTING.md")]) {
        let text = fs::read_to_string(&document).unwrap_or_else(|_| panic!("{} is missing", relative(&document)));
        for word in text.split('`').skip(1).step_by(2) {
            let is_path =
                ["src/", "tests/", "migrations/", "scripts/", "docs/", "end2end/", "style/"].iter().any(|start| word.starts_with(start));
            if is_path && !word.contains(['*', '{', '<', ' ']) {
                assert!(root().join(word).exists(), "{} names {word}, which does not exist", relative(&document));
                named += 1;
            }
        }
    }
    assert!(named >= 20, "only {named} files are named");
}
