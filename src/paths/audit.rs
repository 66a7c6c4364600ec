//! What belongs to an audit log, whichever log it is: its rows, its files, its saved views.

use std::fmt::Display;

/// One row of the log at `log`.
pub fn audit_row(log: &str, row: impl Display) -> String {
    format!("{log}/{row}")
}

/// The new rows of the log at `log`, as they come.
pub fn audit_live(log: &str) -> String {
    format!("{log}/live")
}

/// Where what is looked for in the log at `log` is sent, so that no secret stands in an address.
pub fn audit_search(log: &str) -> String {
    format!("{log}/search")
}

/// The log at `log` as a file to save, by the ending of its name.
pub fn audit_file(log: &str, ending: &str) -> String {
    format!("{log}.{ending}")
}

/// The saved views of the log at `log`, and where one's own are kept.
pub fn audit_views(log: &str) -> String {
    format!("{log}/views")
}

/// Where those of everybody are kept.
pub fn shared_audit_views(log: &str) -> String {
    format!("{log}/shared-views")
}

/// A new one among the views at `views`.
pub fn new_audit_view(views: &str) -> String {
    format!("{views}/new")
}

pub fn audit_view(views: &str, view: impl Display) -> String {
    format!("{views}/{view}")
}

pub fn delete_audit_view(views: &str, view: impl Display) -> String {
    format!("{views}/{view}/delete")
}

/// The proof of one row of the log at `log`, to save.
pub fn audit_proof(log: &str, row: impl Display) -> String {
    format!("{log}/{row}/proof.json")
}

/// The newest proven rows of the log at `log`, to save.
pub fn audit_bundle(log: &str) -> String {
    format!("{log}/bundle.jsonl")
}

/// Where the rows of the log at `log` are sent.
pub fn audit_streams(log: &str) -> String {
    format!("{log}/streams")
}

/// A new one among the streams at `streams`.
pub fn new_audit_stream(streams: &str) -> String {
    format!("{streams}/new")
}

pub fn audit_stream(streams: &str, stream: impl Display) -> String {
    format!("{streams}/{stream}")
}

/// What is done to a stream: `pause`, `archive` …
pub fn audit_stream_act(streams: &str, stream: impl Display, act: &str) -> String {
    format!("{streams}/{stream}/{act}")
}
