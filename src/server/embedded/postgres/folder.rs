//! The demonstration's data folder: what lies where, who owns it, and when it may be used or emptied.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use super::places::first_closed;

const MARKER: &str = "stoa demo data\n";
const MARKER_FILE: &str = "marker";
const LOCK_FILE: &str = "lock";

/// The folder stays ours; only what the server writes belongs to its user, the `servant`.
pub(super) struct Folder {
    path: PathBuf,
    servant: Option<u32>,
    /// Held as long as the value lives: two consoles must not stop each other's server.
    _lock: File,
}

impl Folder {
    pub(super) fn open(path: &Path, servant: Option<u32>) -> Result<Self> {
        let path = prepare(path).with_context(|| format!("data folder {}", path.display()))?;
        if servant.is_some() {
            open_to_everyone(&path)?;
        }
        let lock = File::options().create(true).truncate(false).write(true).open(path.join(LOCK_FILE))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another `stoa demo` is using {}", path.display())
            }
            Err(TryLockError::Error(error)) => return Err(error.into()),
        }
        Ok(Self { path, servant, _lock: lock })
    }

    /// Deletes everything but the marker and the lock. No server may be running on it.
    pub(super) fn clear(&self) -> Result<()> {
        for entry in fs::read_dir(&self.path)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == MARKER_FILE || name == LOCK_FILE {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What Postgres calls `PGDATA`; there as soon as it is complete.
    pub(super) fn cluster(&self) -> PathBuf {
        self.path.join("postgres")
    }

    /// An empty folder of the servant's, to make the cluster in.
    pub(super) fn unfinished_cluster(&self) -> Result<PathBuf> {
        let path = self.path.join("postgres.new");
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        DirBuilder::new().mode(0o700).create(&path)?;
        self.hand_over(&path)?;
        Ok(path)
    }

    pub(super) fn password_file(&self) -> PathBuf {
        self.path.join("password")
    }

    /// The superuser's, made up once and kept.
    pub(super) fn password(&self) -> Result<String> {
        let path = self.password_file();
        if let Ok(kept) = fs::read_to_string(&path)
            && !kept.is_empty()
        {
            return Ok(kept);
        }
        ensure!(!self.cluster().exists(), "{} is gone, and with it the way into this data; start afresh", path.display());
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| anyhow!("no randomness: {error}"))?;
        let password = format!("{:032x}", u128::from_ne_bytes(bytes));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(&path)?.write_all(password.as_bytes())?;
        self.hand_over(&path)?;
        Ok(password)
    }

    /// The server's log, which the servant may write.
    pub(super) fn log(&self) -> Result<PathBuf> {
        let path = self.path.join("postgres.log");
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600).open(&path)?;
        self.hand_over(&path)?;
        Ok(path)
    }

    /// For an error's last paragraph; empty when there is no log.
    pub(super) fn last_log_lines(&self) -> String {
        let end = read_end(&self.path.join("postgres.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&end);
        let lines: Vec<&str> = text.lines().collect();
        let last = &lines[lines.len().saturating_sub(12)..];
        last.join("\n")
    }

    pub(super) fn last_port(&self) -> Option<u16> {
        let text = fs::read_to_string(self.path.join("port")).ok()?;
        text.trim().parse().ok()
    }

    pub(super) fn keep_port(&self, port: u16) -> Result<()> {
        fs::write(self.path.join("port"), format!("{port}\n"))?;
        Ok(())
    }

    fn hand_over(&self, path: &Path) -> Result<()> {
        if self.servant.is_some() {
            chown(path, self.servant, self.servant)?;
        }
        Ok(())
    }
}

/// Makes the folder if need be and marks it as ours, unless there is something of someone else's in it.
fn prepare(path: &Path) -> Result<PathBuf> {
    DirBuilder::new().recursive(true).mode(0o711).create(path)?;
    let path = fs::canonicalize(path)?;
    let marker = path.join(MARKER_FILE);
    if fs::read_dir(&path)?.next().is_none() {
        fs::write(&marker, MARKER)?;
    }
    let is_marked = fs::read_to_string(marker).is_ok_and(|text| text == MARKER);
    ensure!(is_marked, "it is not empty and `stoa demo` did not make it, so it is neither used nor deleted; name another folder");
    Ok(path)
}

/// Lets every user pass through to what is theirs. The folders above are not ours to open.
fn open_to_everyone(path: &Path) -> Result<()> {
    let mode = fs::metadata(path)?.permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o011))?;
    if let Some(closed) = first_closed(path) {
        bail!(
            "run by root, the demonstration's Postgres runs as a user without rights, who cannot pass {}; \
             name a data folder elsewhere",
            closed.display()
        );
    }
    Ok(())
}

fn read_end(path: &Path) -> Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(4096)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(end)
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::Folder;

    #[test]
    fn a_folder_of_someone_elses_is_left_alone() -> anyhow::Result<()> {
        let path = env::temp_dir().join(format!("stoa-folder-theirs-{}", process::id()));
        fs::create_dir_all(&path)?;
        fs::write(path.join("thesis.txt"), "all I have")?;
        let opened = Folder::open(&path, None);
        fs::remove_file(path.join("thesis.txt"))?;
        fs::remove_dir(&path)?;
        assert!(opened.is_err());
        Ok(())
    }

    #[test]
    fn a_folder_is_used_by_one_at_a_time_and_emptied_but_for_its_marker() -> anyhow::Result<()> {
        let path = env::temp_dir().join(format!("stoa-folder-ours-{}", process::id()));
        let folder = Folder::open(&path, None)?;
        assert!(Folder::open(&path, None).is_err());
        assert_eq!(folder.password()?, folder.password()?);
        folder.keep_port(5432)?;
        assert_eq!(folder.last_port(), Some(5432));
        folder.clear()?;
        assert_eq!(folder.last_port(), None);
        drop(folder);
        Folder::open(&path, None)?;
        fs::remove_dir_all(&path)?;
        Ok(())
    }
}
