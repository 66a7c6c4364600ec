//! Tests: what follows from a manifest without being said in it, and what is refused by file and line.

use super::{ManifestError, Module, Source};

/// These files, as if they were all that is shipped.
pub fn read(files: &[(&str, &str)]) -> Result<Vec<Module>, ManifestError> {
    super::read(files.iter().map(|(file, text)| Source::shipped(file, text)).collect())
}

const NOTES: &str = r#"
key = "notes"
name = "Notes"
description = "N."
status = "live"
noun = "notes"

[[resource]]
name = "note"
says = "A note."
named_by = "title"
states = ["open", "closed"]

[[resource.field]]
name = "title"
type = "text"
says = "T."
required = true
filter = true

[[resource.field]]
name = "closed_at"
type = "instant"
says = "C."
by_server = true

[[resource.transition]]
name = "close"
from = ["open"]
to = "closed"
stamps = "closed_at"
event = "closed"
event_says = "A note was closed."

[[resource.operation]]
does = "create"
says = "Adds one."

[[resource.operation]]
does = "close"
says = "Closes one."
"#;

/// Taken from the CRM, so that what its hook sets can go wrong.
const ENTRIES: &str = r#"
key = "books"
name = "Books"
description = "B."
status = "live"
noun = "books"

[[resource]]
name = "journal_entry"
plural = "journal_entries"
says = "An entry."
named_by = "memo"
append_only = true
hook = "journal_entry"

[[resource.field]]
name = "memo"
type = "text"
says = "M."
required = true
filter = true
unique = true

[[resource.field]]
name = "total_micros"
type = "integer"
says = "T."
by_server = true

[[resource.event]]
name = "balanced"
says = "It came to balance."

[[resource.operation]]
does = "create"
says = "Adds one."
"#;

#[test]
fn what_a_manifest_does_not_say_follows_from_it() {
    let modules = read(&[("notes.toml", NOTES)]).expect("a module");
    let note = &modules[0].resources[0];
    let operations: Vec<_> = note.operations.iter().map(|exposed| (exposed.id, exposed.path, exposed.tool)).collect();
    assert_eq!(operations, [("notes.create", "/notes", "notes_create"), ("notes.close", "/notes/{record}/close", "notes_close")]);
    assert_eq!(note.events().map(|event| event.name).collect::<Vec<_>>(), ["record.note.created", "record.note.closed"]);
}

#[test]
fn what_a_manifest_cannot_mean_is_named_by_file_and_line() {
    for (from, to, line, says) in [
        ("name = \"note\"", "name = \"Note\"", 9, "lower-case"),
        ("name = \"title\"", "name = \"version\"", 15, "every record has that"),
        ("name = \"closed_at\"", "name = \"title\"", 22, "twice"),
        ("named_by = \"title\"", "named_by = \"body\"", 11, "no required text field body"),
        ("type = \"text\"", "type = \"text\"\nmax = 501", 15, "500"),
        ("type = \"text\"", "type = \"text\"\nmin = 1", 15, "only an integer has a min"),
        ("type = \"text\"", "type = \"text\"\ndefault = \"x\"", 15, "required has no default"),
        ("type = \"text\"", "type = \"enum\"", 15, "names its values"),
        ("type = \"instant\"", "type = \"date\"", 22, "the server stamps"),
        ("type = \"instant\"", "type = \"record\"\nresource = \"thing\"", 22, "no resource thing"),
        ("by_server = true", "search = true", 22, "only texts are searched"),
        ("to = \"closed\"", "to = \"gone\"", 28, "no state gone"),
        ("stamps = \"closed_at\"", "stamps = \"title\"", 28, "by_server"),
        ("event = \"closed\"", "event = \"created\"", 28, "an event of its own"),
        ("does = \"close\"", "does = \"open\"", 40, "no transition"),
        ("does = \"close\"", "does = \"create\"", 40, "taken already"),
        ("does = \"create\"", "does = \"create\"\npath = \"/members\"", 36, "control plane"),
        ("does = \"create\"", "does = \"create\"\npath = \"/a/{record}\"", 36, "no address"),
        ("does = \"create\"", "does = \"create\"\nid = \"create\"", 36, "cannot be used"),
        ("does = \"close\"", "does = \"close\"\npath = \"/{record}\"", 40, "no address"),
        ("does = \"create\"", "does = \"create\"\nid = \"api_keys.create\"", 36, "control plane"),
        ("named_by", "append_only = true\nnamed_by", 9, "has no states"),
        ("states = [\"open\", \"closed\"]", "states = [\"open\", \"closed\", \"open\"]", 12, "twice"),
        ("says = \"T.\"", "says = \"T.\"\ncolour = 1", 18, "colour"),
    ] {
        assert!(NOTES.contains(from), "{from}");
        let error = read(&[("notes.toml", &NOTES.replacen(from, to, 1))]).map(drop).expect_err(to).to_string();
        let at = format!("line {line}");
        assert!(error.starts_with("modules/notes.toml: ") && error.contains(&at) && error.contains(says), "{to}: {error}");
    }
}

#[test]
fn what_no_hook_does_is_named_by_file_and_line() {
    let entry = &read(&[("books.toml", ENTRIES)]).expect("a module")[0].resources[0];
    assert_eq!(entry.hook.map(|hook| hook.name), Some("journal_entry"));
    assert_eq!(
        entry.events().map(|event| event.name).collect::<Vec<_>>(),
        ["record.journal_entry.created", "record.journal_entry.balanced"]
    );
    for (from, to, line, says) in [
        ("hook = \"journal_entry\"", "hook = \"balance\"", 14, "no hook \"balance\" of a resource. There are lead,"),
        ("hook = \"journal_entry\"", "hook = \"convert_lead\"", 14, "of a resource"),
        ("hook = \"journal_entry\"\n", "", 24, "set by a hook"),
        ("by_server = true", "filter = true", 14, "journal_entry.total_micros"),
        ("by_server = true", "by_server = true\nrequired = true", 25, "not required"),
        ("unique = true", "unique = true\nformat = \"colour\"", 23, "colour"),
        ("filter = true\nunique = true", "unique = true", 17, "required and filtered by"),
        ("by_server = true", "by_server = true\nformat = \"url\"", 25, "only a text has a format"),
        ("name = \"balanced\"", "name = \"created\"", 31, "taken already"),
        ("says = \"It came to balance.\"", "says = \"\"", 31, "says nothing"),
        ("does = \"create\"", "does = \"check\"\nhook = \"check\"", 36, "no hook \"check\" of an operation"),
        ("does = \"create\"", "does = \"check\"\nhook = \"convert_lead\"", 36, "made for the resource lead"),
        ("does = \"create\"", "does = \"create\"\nhook = \"convert_lead\"", 36, "made for the resource lead"),
    ] {
        assert!(ENTRIES.contains(from), "{from}");
        let error = read(&[("books.toml", &ENTRIES.replacen(from, to, 1))]).map(drop).expect_err(to).to_string();
        assert!(
            error.starts_with("modules/books.toml: ") && error.contains(&format!("line {line}")) && error.contains(says),
            "{to}: {error}"
        );
    }
}

#[test]
fn two_resources_of_one_name_are_refused_across_files() {
    let other = NOTES.replace("\"notes\"", "\"others\"");
    let error = read(&[("notes.toml", NOTES), ("others.toml", &other)]).map(drop).expect_err("twice").to_string();
    assert!(error.starts_with("modules/others.toml: line 9") && error.contains("already"), "{error}");
}
