//! The one form that all mails have: as text, complete, and as HTML that loads nothing and follows the reader's theme.

use leptos::prelude::*;

use super::Letter;
use crate::server::http::page::without_markers;

const LETTER: &str = "max-width:36rem;margin:0 auto;padding:1.5rem 1rem;font-family:system-ui,-apple-system,'Segoe UI',sans-serif;font-size:1rem;line-height:1.5";
const BRAND: &str = "margin:0 0 1.5rem;font-weight:600";
const HEADING: &str = "margin:0 0 1rem;font-size:1.25rem;line-height:1.3";
const PARAGRAPH: &str = "margin:0 0 1rem;white-space:pre-line";
const BUTTON: &str = "display:inline-block;padding:.625rem 1rem;border-radius:6px;background-color:#2b4fc7;color:#ffffff;font-weight:600;text-decoration:none";
const SMALL: &str = "margin:0 0 1rem;font-size:.875rem;overflow-wrap:anywhere";
const FOOTER: &str = "margin:2rem 0 0;padding-top:1rem;border-top:1px solid #808080;font-size:.875rem";

/// Everything that the HTML says, for those who read text.
pub fn text(letter: &Letter) -> String {
    let mut parts = letter.paragraphs.clone();
    if let Some((label, url)) = &letter.action {
        parts.push(format!("{label}:\n{url}"));
    }
    parts.push(format!("-- \n{}", letter.footer));
    parts.join("\n\n") + "\n"
}

/// No colour but the button's own is set, so that light and dark both come from the reader's program.
pub fn html(letter: &Letter) -> String {
    let Letter { subject, paragraphs, footer, .. } = letter.clone();
    let paragraphs = paragraphs.into_iter().map(|text| view! { <p style=PARAGRAPH>{text}</p> }).collect_view();
    let action = letter.action.clone().map(|(label, url)| action(label, url.to_string()));
    let view = view! {
        <!DOCTYPE html>
        <html lang="en" style="color-scheme:light dark">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="supported-color-schemes" content="light dark"/>
                <title>{subject.clone()}</title>
            </head>
            <body style="margin:0">
                <div style=LETTER>
                    <p style=BRAND>"Stoa"</p>
                    <h1 style=HEADING>{subject}</h1>
                    {paragraphs}
                    {action}
                    <p style=FOOTER>{footer}</p>
                </div>
            </body>
        </html>
    };
    without_markers(&view.to_html())
}

/// The address stands under the button too, for programs that show links only as text.
fn action(label: String, url: String) -> impl IntoView {
    view! {
        <p style=PARAGRAPH><a href=url.clone() style=BUTTON>{label}</a></p>
        <p style=SMALL>"If the button does not work, copy this address: "{url}</p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            to: "grace@example.com".to_owned(),
            subject: "You are invited to <b>Acme</b>".to_owned(),
            paragraphs: vec!["Ada said: \"come & see\" <script>alert(1)</script>".to_owned(), "Two\nlines.".to_owned()],
            action: Some(("Look at it".to_owned(), "https://console.example.com/x?a=1&b=2".parse().expect("an address"))),
            footer: "Sent because someone entered this address.".to_owned(),
        }
    }

    #[test]
    fn the_text_is_complete() {
        assert_eq!(
            text(&letter()),
            "Ada said: \"come & see\" <script>alert(1)</script>\n\nTwo\nlines.\n\nLook at it:\nhttps://console.example.com/x?a=1&b=2\n\n-- \nSent because someone entered this address.\n"
        );
    }

    #[test]
    fn nothing_that_was_entered_becomes_markup_and_nothing_is_loaded() {
        let html = html(&letter());
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\""), "{html}");
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{html}");
        assert!(html.contains("&lt;b&gt;Acme&lt;/b&gt;"), "{html}");
        assert!(html.contains("href=\"https://console.example.com/x?a=1&amp;b=2\""), "{html}");
        for loads in ["<script", "<img", "<link", "src=", "url(", "@import", "<!>"] {
            assert!(!html.contains(loads), "{loads} in {html}");
        }
    }
}
