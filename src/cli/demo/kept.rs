//! The demonstration's own secrets: made once and kept with its data, so that a key which was made before a restart works
//! after it, and what was signed goes on.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::server::chance;

/// The secret of that name in a folder: 32 bytes in base64, made where they are not there. Nobody but its owner may read
/// the file.
pub fn kept(folder: &Path, name: &str) -> anyhow::Result<String> {
    let path = folder.join(name);
    match fs::read_to_string(&path) {
        Ok(secret) if !secret.trim().is_empty() => return Ok(secret.trim().to_owned()),
        Ok(_) => bail!("{} is empty; remove it, and start with --fresh", path.display()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    }
    DirBuilder::new().recursive(true).mode(0o711).create(folder).with_context(|| folder.display().to_string())?;
    let secret = STANDARD.encode(chance::bytes::<32>());
    // Whole or not at all: half of a secret would be taken for one.
    let unfinished = folder.join(format!("{name}.new"));
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, &path)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_is_made_once_and_is_its_owners_alone() {
        let folder = std::env::temp_dir().join(format!("stoa-kept-{}", std::process::id()));
        let made = kept(&folder, "pepper").expect("a pepper");
        assert_eq!(kept(&folder, "pepper").expect("the same"), made);
        assert_ne!(kept(&folder, "audit-key").expect("a key"), made);
        assert_eq!(STANDARD.decode(&made).expect("base64").len(), 32);
        let permissions = fs::metadata(folder.join("pepper")).expect("a file").permissions().mode();
        assert_eq!(permissions & 0o777, 0o600);
        fs::write(folder.join("pepper"), "").expect("emptied");
        assert!(kept(&folder, "pepper").is_err());
        fs::remove_dir_all(folder).expect("removed");
    }
}
