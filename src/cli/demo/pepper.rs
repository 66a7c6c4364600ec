//! What the demonstration's secrets are hashed with: made once and kept with its data, so that a key which was made before
//! a restart works after it.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
};

use anyhow::{Context as _, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::server::chance;

const FILE: &str = "pepper";

/// The pepper that is kept in a folder, which is made where it is not there. Nobody but its owner may read the file.
pub fn kept(folder: &Path) -> anyhow::Result<String> {
    let path = folder.join(FILE);
    match fs::read_to_string(&path) {
        Ok(pepper) if !pepper.trim().is_empty() => return Ok(pepper.trim().to_owned()),
        Ok(_) => bail!("{} is empty; remove it, and start with --fresh", path.display()),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    }
    DirBuilder::new().recursive(true).mode(0o711).create(folder).with_context(|| folder.display().to_string())?;
    let pepper = STANDARD.encode(chance::bytes::<32>());
    // Whole or not at all: half of a pepper would be taken for one.
    let unfinished = folder.join("pepper.new");
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(pepper.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, &path)?;
    Ok(pepper)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn it_is_made_once_and_is_its_owners_alone() {
        let folder = std::env::temp_dir().join(format!("stoa-pepper-{}", std::process::id()));
        let made = kept(&folder).expect("a pepper");
        assert_eq!(kept(&folder).expect("the same"), made);
        assert_eq!(STANDARD.decode(&made).expect("base64").len(), 32);
        let permissions = fs::metadata(folder.join(FILE)).expect("a file").permissions().mode();
        assert_eq!(permissions & 0o777, 0o600);
        fs::write(folder.join(FILE), "").expect("emptied");
        assert!(kept(&folder).is_err());
        fs::remove_dir_all(folder).expect("removed");
    }
}
