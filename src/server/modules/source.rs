//! Where manifests come from: those that are shipped, and the files of the operator's own folder.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use toml::Spanned;

use super::{ManifestError, Module};

/// A manifest is shorter than this; whatever is longer is none.
const BYTES_MAX: u64 = 1024 * 1024;

/// One file, as it was found.
#[derive(Clone, Debug)]
pub struct Source {
    /// As errors name it: `modules/tasks.toml`, or an operator's file under its folder as configured.
    pub place: String,
    pub text: String,
    pub is_shipped: bool,
}

impl Source {
    pub fn shipped(file: &str, text: &str) -> Self {
        Self { place: format!("modules/{file}"), text: text.to_owned(), is_shipped: true }
    }

    /// Where it says a key, for errors: `FILE: line 3`; the file alone where it does not.
    pub fn place_of(&self, key: &str) -> String {
        line_of(&self.text, key).map_or_else(|| self.place.clone(), |line| format!("{}: line {line}", self.place))
    }
}

/// The line on which the value of a key outside any table stands.
pub fn line_of(text: &str, key: &str) -> Option<usize> {
    let values: BTreeMap<String, Spanned<toml::Value>> = toml::from_str(text).ok()?;
    let start = values.get(key)?.span().start;
    Some(text[..start.min(text.len())].matches('\n').count() + 1)
}

/// Where a module declares a resource, or a field of it by that name: `FILE: line 3`.
pub fn line_of_name(module: &Module, resource: &str, name: &str) -> String {
    let declared = module.manifest.declared.iter().find(|declared| declared.name.get_ref() == resource);
    let span = declared.map(|declared| {
        let field = declared.fields.iter().find(|field| field.name.get_ref() == name);
        field.map_or_else(|| declared.name.span(), |field| field.name.span())
    });
    let Source { place, text, .. } = &module.source;
    span.map_or_else(|| place.clone(), |span| format!("{place}: line {}", text[..span.start.min(text.len())].matches('\n').count() + 1))
}

/// Every `*.toml` of a folder, by its name; hidden ones are an editor's.
///
/// # Errors
/// What cannot be read, by its path.
pub fn files_of(folder: &Path) -> Result<Vec<Source>, ManifestError> {
    let unreadable = |path: &Path, error: &io::Error| ManifestError::new(&path.display().to_string(), format!("cannot be read: {error}"));
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(folder, &error))? {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|extension| extension == "toml") && !is_hidden {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read(path).map_err(|error| unreadable(path, &error))).collect()
}

fn read(path: &Path) -> io::Result<Source> {
    let about = fs::metadata(path)?;
    if !about.is_file() || about.len() > BYTES_MAX {
        return Err(io::Error::other(format!("it is no file of at most {BYTES_MAX} bytes")));
    }
    Ok(Source { place: path.display().to_string(), text: fs::read_to_string(path)?, is_shipped: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_by_name_and_hidden_ones_do_not() {
        let folder = std::env::temp_dir().join(format!("stoa-sources-{}", uuid::Uuid::from_bytes(crate::server::chance::bytes())));
        fs::create_dir(&folder).expect("a folder");
        for (name, text) in [("b.toml", "b = 1"), ("a.toml", "a = 1"), (".#a.toml", "="), ("notes.txt", "=")] {
            fs::write(folder.join(name), text).expect("written");
        }
        let found = files_of(&folder).expect("files");
        let names: Vec<String> = found.iter().map(|source| source.place.clone()).collect();
        assert_eq!(names, ["a.toml", "b.toml"].map(|name| folder.join(name).display().to_string()));
        fs::write(folder.join("c.toml"), [0xFF, 0xFE]).expect("written");
        let error = files_of(&folder).expect_err("not text").to_string();
        assert!(error.contains("c.toml: cannot be read"), "{error}");
        fs::remove_dir_all(&folder).expect("removed");
        let error = files_of(&folder).expect_err("no folder").to_string();
        assert!(error.starts_with(&folder.display().to_string()), "{error}");
    }

    #[test]
    fn a_key_is_found_on_its_line() {
        let text = "# key = 1\nname = \"\"\"\nkey = 2\n\"\"\"\nkey = \"a\"\n[[resource]]\nnoun = \"a\"\n";
        assert_eq!((line_of(text, "key"), line_of(text, "name"), line_of(text, "noun")), (Some(5), Some(2), None));
    }
}
