//! The files of this build, served from memory, compressed when they were built, and cached for good by their names.

use std::{collections::HashMap, path::Path, time::SystemTime};

use axum::{
    body::Bytes,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

use crate::{paths, server::Stoa, ui::layout::Assets};

const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=3600");

struct File {
    content_type: &'static str,
    cache: HeaderValue,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

pub struct Files {
    by_path: HashMap<String, File>,
    assets: Assets,
}

impl Files {
    /// Reads the folder that cargo-leptos built. Without it (in tests) only our own script is there, and the verifier of
    /// audit evidence.
    pub fn load(site_root: Option<&Path>) -> std::io::Result<Self> {
        let mut by_path = HashMap::new();
        let mut newest: HashMap<&'static str, (SystemTime, String)> = HashMap::new();
        if let Some(root) = site_root {
            collect(root, "", &mut by_path, &mut newest)?;
        }
        let script = Bytes::from_static(crate::ui::SCRIPT.as_bytes());
        let hash = Sha256::digest(&script);
        let script_path = format!("/pkg/console.{:02x}{:02x}{:02x}{:02x}.js", hash[0], hash[1], hash[2], hash[3]);
        by_path.insert(
            script_path.clone(),
            File { content_type: "text/javascript; charset=utf-8", cache: IMMUTABLE, plain: script, gzip: None, brotli: None },
        );
        by_path.insert(
            paths::AUDIT_VERIFIER.to_owned(),
            File {
                content_type: "text/javascript; charset=utf-8",
                cache: SHORT,
                plain: Bytes::from_static(include_bytes!("../../../public/verify-audit.mjs")),
                gzip: None,
                brotli: None,
            },
        );
        let named = |extension: &str| newest.get(extension).map_or_else(|| format!("/pkg/stoa.{extension}"), |(_, path)| path.clone());
        let assets =
            Assets { css: named("css"), js: named("js"), wasm: named("wasm"), script: script_path, icon: "/favicon.svg".to_owned() };
        Ok(Self { by_path, assets })
    }

    pub fn assets(&self) -> &Assets {
        &self.assets
    }

    /// Whether the stylesheet is really there, for `doctor` and at start.
    pub fn is_complete(&self) -> bool {
        [&self.assets.css, &self.assets.js, &self.assets.wasm].into_iter().all(|path| self.by_path.contains_key(path))
    }

    fn answer(&self, path: &str, headers: &HeaderMap) -> Response {
        let Some(file) = self.by_path.get(path) else { return StatusCode::NOT_FOUND.into_response() };
        let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (body, encoding) = match (&file.brotli, &file.gzip) {
            (Some(brotli), _) if offers(accepts, "br") => (brotli, Some("br")),
            (_, Some(gzip)) if offers(accepts, "gzip") => (gzip, Some("gzip")),
            _ => (&file.plain, None),
        };
        let mut response = body.clone().into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        headers.insert(header::CACHE_CONTROL, file.cache.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

/// Whether the client takes that coding (RFC 9110 §12.5.3): named, and not at weight zero.
fn offers(accepts: &str, coding: &str) -> bool {
    accepts.split(',').any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        parts.next() == Some(coding) && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

pub async fn serve(State(stoa): State<Stoa>, request: Request) -> Response {
    stoa.files.answer(request.uri().path(), request.headers())
}

fn collect(
    folder: &Path,
    at: &str,
    by_path: &mut HashMap<String, File>,
    newest: &mut HashMap<&'static str, (SystemTime, String)>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{at}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, by_path, newest)?;
            continue;
        }
        let Some((extension, content_type)) = kind(&name) else { continue };
        let beside = |suffix: &str| std::fs::read(entry.path().with_file_name(format!("{name}.{suffix}"))).ok().map(Bytes::from);
        let in_package = at == "/pkg";
        if in_package && name.starts_with("stoa.") {
            let modified = entry.metadata()?.modified()?;
            if newest.get(extension).is_none_or(|(known, _)| *known < modified) {
                newest.insert(extension, (modified, path.clone()));
            }
        }
        let file = File {
            content_type,
            cache: if in_package { IMMUTABLE } else { SHORT },
            plain: std::fs::read(entry.path())?.into(),
            gzip: beside("gz"),
            brotli: beside("br"),
        };
        by_path.insert(path, file);
    }
    Ok(())
}

fn kind(name: &str) -> Option<(&'static str, &'static str)> {
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "css" => ("css", "text/css; charset=utf-8"),
        "js" => ("js", "text/javascript; charset=utf-8"),
        "wasm" => ("wasm", "application/wasm"),
        "svg" => ("svg", "image/svg+xml"),
        "txt" => ("txt", "text/plain; charset=utf-8"),
        "png" => ("png", "image/png"),
        "ico" => ("ico", "image/x-icon"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::offers;

    #[test]
    fn a_coding_is_taken_when_it_is_offered_and_not_forbidden() {
        assert!(offers("gzip, deflate, br", "br"));
        assert!(offers("br;q=0.5", "br"));
        assert!(!offers("br;q=0, gzip", "br"));
        assert!(!offers("gzip", "br"));
        assert!(!offers("brotli", "br"));
    }
}
