//! A row's field diff, from the text that was hashed to what people read.

use serde::Deserialize;

use crate::ui::ChangeRow;

/// Characters of a change that still stand in a cell of the list.
const SHORT: usize = 60;

#[derive(Clone, Debug, Deserialize)]
struct Stored {
    field: String,
    before: Option<String>,
    after: Option<String>,
}

/// None where the text is no list of changes: it is then shown as it is.
pub fn read(changes: &str) -> Option<Vec<ChangeRow>> {
    let stored: Vec<Stored> = serde_json::from_str(changes).ok()?;
    Some(stored.into_iter().map(|Stored { field, before, after }| ChangeRow { field, before, after }).collect())
}

/// One change where it is short; otherwise the fields' names, or how many they are.
pub fn summary(changes: &[ChangeRow]) -> String {
    if let [only] = changes {
        let ChangeRow { field, before, after } = only;
        let shown = match (before, after) {
            (Some(before), Some(after)) => format!("{field}: {before} → {after}"),
            (None, Some(after)) => format!("{field}: {after}"),
            (Some(before), None) => format!("{field}: {before} → none"),
            (None, None) => field.clone(),
        };
        return if shown.chars().count() <= SHORT { shown } else { field.clone() };
    }
    let names = changes.iter().map(|change| change.field.as_str()).collect::<Vec<_>>().join(", ");
    if names.chars().count() <= SHORT { names } else { format!("{} fields", changes.len()) }
}

/// As much of a sentence as a cell holds.
pub fn shortened(text: &str) -> String {
    if text.chars().count() <= SHORT {
        return text.to_owned();
    }
    text.chars().take(SHORT - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summed(json: &str) -> String {
        summary(&read(json).expect("changes"))
    }

    #[test]
    fn a_short_change_is_told_whole_and_a_long_one_by_its_name() {
        assert_eq!(summed(r#"[{"field":"name","before":"Shop","after":"Market"}]"#), "name: Shop → Market");
        assert_eq!(summed(r#"[{"field":"name","before":null,"after":"Market"}]"#), "name: Market");
        assert_eq!(summed(r#"[{"field":"ends","before":"2026","after":null}]"#), "ends: 2026 → none");
        let long = format!(r#"[{{"field":"name","before":null,"after":"{}"}}]"#, "ü".repeat(SHORT));
        assert_eq!(summed(&long), "name");
        assert_eq!(summed(r#"[{"field":"a","before":null,"after":"1"},{"field":"b","before":null,"after":"2"}]"#), "a, b");
        assert_eq!(summed("[]"), "");
        assert!(read("{}").is_none());
    }

    #[test]
    fn a_long_sentence_ends_early() {
        assert_eq!(shortened("short"), "short");
        assert_eq!(shortened(&"é".repeat(SHORT + 1)).chars().count(), SHORT);
    }
}
