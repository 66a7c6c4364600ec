//! What a mail says, before it has a form.

use url::Url;

/// A mail's words. All of it is plain text; the layout makes both forms of it, and escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// An address, without a name.
    pub to: String,
    pub subject: String,
    pub paragraphs: Vec<String>,
    /// The one thing to do: what its button says, and where it leads.
    pub action: Option<(String, Url)>,
    /// Why the reader gets this.
    pub footer: String,
}

impl Letter {
    /// The paragraphs of a text in which an empty line begins a new one.
    pub fn paragraphs_of(text: &str) -> Vec<String> {
        let text = text.replace("\r\n", "\n");
        text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_begins_a_paragraph() {
        assert_eq!(Letter::paragraphs_of("One\nline.\r\n\r\nTwo.\n\n\n\n Three. \n"), ["One\nline.", "Two.", "Three."]);
        assert_eq!(Letter::paragraphs_of(""), Vec::<String>::new());
    }
}
