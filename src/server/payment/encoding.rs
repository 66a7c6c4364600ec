//! Parameters as the provider reads them: a form, with what is nested in brackets.

use url::form_urlencoded::Serializer;

/// `application/x-www-form-urlencoded`: `line_items[0][quantity]=1`.
pub fn form(parameters: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(parameters).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_encoded() {
        let sent = form(&[("metadata[stoa_tenant]", "ten_1"), ("name", "Ünder & Söhne = 1+1")]);
        assert_eq!(sent, "metadata%5Bstoa_tenant%5D=ten_1&name=%C3%9Cnder+%26+S%C3%B6hne+%3D+1%2B1");
        assert_eq!(form(&[]), "");
    }
}
