//! Reading the console's own pages as far as their people need: where a link leads, and what a form would send.

/// The fields that a form would send as it stands, and the choices of its lists.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// List, value, label.
    choices: Vec<(String, String, String)>,
}

impl Form {
    /// The form of a page that is sent to `action`.
    pub fn on(page: &str, action: &str) -> Option<Self> {
        elements(page, "form")
            .find(|(tag, _)| attribute(tag, "action").as_deref() == Some(action))
            .map(|(_, inner)| Self::read(action, inner))
    }

    fn read(action: &str, inner: &str) -> Self {
        let mut form = Self { action: action.to_owned(), ..Self::default() };
        for tag in tags(inner, "input") {
            let is_sent = !matches!(attribute(tag, "type").as_deref(), Some("checkbox" | "radio")) || attribute(tag, "checked").is_some();
            if let Some(name) = attribute(tag, "name").filter(|_| is_sent) {
                form.fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        }
        for (tag, text) in elements(inner, "textarea") {
            form.fields.extend(attribute(tag, "name").map(|name| (name, plain(text))));
        }
        for (tag, options) in elements(inner, "select") {
            let name = attribute(tag, "name").unwrap_or_default();
            for (option, label) in elements(options, "option") {
                let value = attribute(option, "value").unwrap_or_default();
                if attribute(option, "selected").is_some() {
                    form.fields.push((name.clone(), value.clone()));
                }
                form.choices.push((name.clone(), value, plain(label)));
            }
        }
        form
    }

    /// Writes over what stands in a field, however many values it had.
    #[must_use]
    pub fn with(self, field: &str, value: &str) -> Self {
        self.with_all(field, &[value])
    }

    #[must_use]
    pub fn with_all(mut self, field: &str, values: &[&str]) -> Self {
        self.fields.retain(|(name, _)| name != field);
        self.fields.extend(values.iter().map(|value| (field.to_owned(), (*value).to_owned())));
        self
    }

    /// Chooses what begins so from a list: by its label, or by its value.
    #[must_use]
    pub fn choosing(self, field: &str, begins: &str) -> Self {
        let fits =
            |(list, value, label): &&(String, String, String)| list == field && (label.starts_with(begins) || value.starts_with(begins));
        match self.choices.iter().find(fits).map(|(_, value, _)| value.clone()) {
            Some(value) => self.with(field, &value),
            None => self,
        }
    }
}

/// Where the first link of that text leads.
pub fn link(page: &str, text: &str) -> Option<String> {
    elements(page, "a").find(|(_, inner)| plain(inner) == text).and_then(|(tag, _)| attribute(tag, "href"))
}

/// Where the links that invite lead, in the order of the page, each once.
pub fn invitations(page: &str) -> Vec<String> {
    let mut links: Vec<String> = Vec::new();
    for (at, _) in page.match_indices("/invitations/stoa_inv_live_") {
        let link: String =
            page[at..].chars().take_while(|character| character.is_ascii_alphanumeric() || "/_".contains(*character)).collect();
        if !links.contains(&link) {
            links.push(link);
        }
    }
    links
}

/// The secret that a page shows once.
pub fn secret(page: &str) -> Option<String> {
    tags(page, "input").find(|tag| attribute(tag, "id").as_deref() == Some("secret")).and_then(|tag| attribute(tag, "value"))
}

/// What a person reads of a piece of a page.
pub fn plain(html: &str) -> String {
    let mut pieces = html.split('<');
    let before = pieces.next().unwrap_or_default().to_owned();
    let text = pieces.filter_map(|piece| piece.split_once('>')).fold(before, |text, (_, after)| text + after);
    unescaped(text.trim())
}

/// Every element of that name: its opening tag, and what is in it. None of those asked for here holds another of its name.
fn elements<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let end = format!("</{name}>");
    let opens = format!("<{name}");
    html.match_indices(&opens).map(|(at, _)| at).collect::<Vec<_>>().into_iter().filter_map(move |at| {
        let (tag, inner) = html[at + 1..].split_once('>')?;
        let is_it = tag.len() == name.len() || tag[name.len()..].starts_with([' ', '\n']);
        is_it.then_some(())?;
        Some((tag, &inner[..inner.find(&end)?]))
    })
}

/// Every opening tag of that name, without its brackets.
fn tags<'a>(html: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    html.split('<').filter_map(move |piece| {
        let rest = piece.strip_prefix(name)?;
        let tag = &piece[..piece.find('>')?];
        rest.starts_with([' ', '\n', '>', '/']).then_some(tag)
    })
}

/// An attribute's value; empty where it has none.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag.split_once([' ', '\n'])?.1.trim_start();
    while !rest.is_empty() {
        let end = rest.find(['=', ' ', '\n']).unwrap_or(rest.len());
        let (known, after) = rest.split_at(end);
        let (value, next) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => ("", after.trim_start_matches('=')),
        };
        if known == name {
            return Some(unescaped(value));
        }
        rest = next.trim_start();
        if known.is_empty() {
            return None;
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<a class="x" href="/w/one?a=1&amp;b=2"><span>Web </span>shop</a><a href="/two">Other</a>
        <form class="form" method="post" action="/send"><input type="hidden" name="form" value="frm_1"><input type="radio" name="role"
        value="admin"><input type="radio" name="role" value="member" checked><textarea name="note">
A &amp; B</textarea><select name="steward"><option value="usr_1" selected>Adam (admin)</option><option value="usr_2">Mia</option></select></form>"#;

    #[test]
    fn a_link_is_found_by_what_one_reads() {
        assert_eq!(link(PAGE, "Web shop").as_deref(), Some("/w/one?a=1&b=2"));
        assert_eq!(link(PAGE, "Web"), None);
    }

    #[test]
    fn a_form_sends_what_stands_in_it_and_what_is_written_over() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let form = Form::on(PAGE, "/send").expect("a form");
        assert_eq!(form.fields, [pair("form", "frm_1"), pair("role", "member"), pair("note", "A & B"), pair("steward", "usr_1")]);
        let form = form.with("role", "owner").choosing("steward", "Mia").with_all("note", &["1", "2"]);
        assert_eq!(
            form.fields,
            [pair("form", "frm_1"), pair("role", "owner"), pair("steward", "usr_2"), pair("note", "1"), pair("note", "2")]
        );
        assert!(Form::on(PAGE, "/elsewhere").is_none());
    }
}
