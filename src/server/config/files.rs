//! Where files are kept, and which are taken.

use std::path::PathBuf;

use serde::Deserialize;
use url::Url;

use super::is_loopback;
use crate::server::modules::is_media_type;

/// What a list of types begins with where any will do.
const ANY: &str = "*/*";
const DEFAULT_MAX_BYTES: u64 = 100 * 1024 * 1024;
/// Larger ones would be cut off by the time an upload may take.
const MOST_BYTES: u64 = 10 * 1024 * 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    /// A folder; with several nodes, one that all of them see.
    Local,
    /// Anything that speaks S3.
    S3,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assets {
    pub store: StoreKind,
    /// For `local`.
    pub directory: Option<PathBuf>,
    /// For `s3`: none for Amazon's own of the region.
    pub endpoint: Option<Url>,
    #[serde(default = "default_region")]
    pub region: String,
    #[serde(default)]
    pub bucket: String,
    #[serde(default)]
    pub access_key_id: String,
    #[serde(default)]
    pub secret_access_key: String,
    /// Of one file.
    #[serde(default = "default_max_bytes")]
    pub max_bytes: u64,
    /// `image/png`, `image/*`, `*/*`.
    #[serde(default = "default_content_types")]
    pub content_types: Vec<String>,
}

impl std::fmt::Debug for Assets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assets").field("store", &self.store).field("max_bytes", &self.max_bytes).finish_non_exhaustive()
    }
}

impl Assets {
    /// # Errors
    /// The key that cannot be used, and why.
    pub fn check(&self) -> Result<(), (&'static str, &'static str)> {
        match self.store {
            StoreKind::Local if !self.directory.as_ref().is_some_and(|folder| folder.is_absolute()) => {
                return Err(("assets.directory", "is not a folder by its whole path, which assets.store = local asks for"));
            }
            StoreKind::S3 => self.check_bucket()?,
            StoreKind::Local => {}
        }
        if !(1..=MOST_BYTES).contains(&self.max_bytes) {
            return Err(("assets.max_bytes", "must be at least 1 and at most 10 GiB"));
        }
        if self.content_types.is_empty() || !self.content_types.iter().all(|known| is_pattern(known)) {
            return Err(("assets.content_types", "is not a list of types such as image/png, image/* or */*, in lower case"));
        }
        Ok(())
    }

    fn check_bucket(&self) -> Result<(), (&'static str, &'static str)> {
        for (key, value) in [
            ("assets.bucket", &self.bucket),
            ("assets.region", &self.region),
            ("assets.access_key_id", &self.access_key_id),
            ("assets.secret_access_key", &self.secret_access_key),
        ] {
            if value.is_empty() {
                return Err((key, "is empty; assets.store = s3 asks for it"));
            }
        }
        match &self.endpoint {
            Some(endpoint) if endpoint.scheme() != "https" && !(endpoint.scheme() == "http" && is_loopback(endpoint)) => {
                Err(("assets.endpoint", "is not https, which a store on another machine is reached by"))
            }
            _ => Ok(()),
        }
    }

    /// Whether files of this type are taken.
    pub fn takes(&self, content_type: &str) -> bool {
        self.content_types.iter().any(|known| match known.strip_suffix('*') {
            _ if known == ANY => true,
            Some(family) => content_type.starts_with(family),
            None => known == content_type,
        })
    }
}

fn is_pattern(known: &str) -> bool {
    known == ANY || is_media_type(known.strip_suffix('*').map(|family| format!("{family}x")).as_deref().unwrap_or(known))
}

fn default_region() -> String {
    "us-east-1".to_owned()
}

fn default_max_bytes() -> u64 {
    DEFAULT_MAX_BYTES
}

fn default_content_types() -> Vec<String> {
    vec![ANY.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<Assets, (&'static str, &'static str)> {
        let assets: Assets = toml::from_str(text).expect("a section");
        assets.check().map(|()| assets)
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        const S3: &str = "store = \"s3\"\nbucket = \"b\"\naccess_key_id = \"a\"\nsecret_access_key = \"hush\"\n";
        for (text, key) in [
            ("store = \"local\"".to_owned(), "assets.directory"),
            ("store = \"local\"\ndirectory = \"files\"".to_owned(), "assets.directory"),
            ("store = \"local\"\ndirectory = \"/f\"\nmax_bytes = 0".to_owned(), "assets.max_bytes"),
            ("store = \"local\"\ndirectory = \"/f\"\ncontent_types = []".to_owned(), "assets.content_types"),
            ("store = \"local\"\ndirectory = \"/f\"\ncontent_types = [\"image\"]".to_owned(), "assets.content_types"),
            ("store = \"s3\"".to_owned(), "assets.bucket"),
            (S3.replace("hush", ""), "assets.secret_access_key"),
            (format!("{S3}endpoint = \"http://files.example.com\""), "assets.endpoint"),
        ] {
            assert_eq!(with(&text).map(drop).map_err(|(key, _)| key), Err(key), "{text}");
        }
        let kept = with(&format!("{S3}endpoint = \"http://127.0.0.1:4500\"")).expect("a store");
        assert!(!format!("{kept:?}").contains("hush"));
    }

    #[test]
    fn types_are_taken_by_name_or_family() {
        let some = with("store = \"local\"\ndirectory = \"/f\"\ncontent_types = [\"image/*\", \"application/pdf\"]").expect("a store");
        assert!(some.takes("image/png") && some.takes("application/pdf"));
        assert!(!some.takes("imagery/png") && !some.takes("application/pdfx") && !some.takes("text/html"));
        assert!(with("store = \"local\"\ndirectory = \"/f\"").expect("a store").takes("text/html"));
    }
}
