//! Finds a Postgres server on this machine: ours first, then the system's.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// The folder of the server's programs. With `servant`, only one that a user without rights can reach.
pub(super) fn find(servant: Option<u32>) -> Result<PathBuf> {
    if let Some(named) = folder_in("STOA_POSTGRES_BIN") {
        if is_server(&named, servant) {
            return Ok(named);
        }
        bail!("STOA_POSTGRES_BIN is {}, where there is no Postgres server that may be run", named.display());
    }
    candidates().into_iter().find(|bin| is_server(bin, servant)).context(
        "no Postgres server found: run `make setup`, or `apt-get install postgresql`, \
             or set STOA_POSTGRES_BIN to the folder that holds `initdb`, `pg_ctl` and `postgres`",
    )
}

/// The first folder on the way to this path, or the path itself, that not every user may pass.
pub(super) fn first_closed(path: &Path) -> Option<&Path> {
    let is_closed = |folder: &&Path| mode(folder).is_none_or(|mode| mode & 0o001 == 0);
    path.ancestors().filter(is_closed).last()
}

fn candidates() -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Some(release) = env::current_exe().ok().and_then(|exe| {
        let unpacked = exe.parent()?.parent()?;
        Some(unpacked.join("postgres"))
    }) {
        found.extend(bins_under(&release, 4));
    }
    if let Some(tools) = tools() {
        for fetched in newest_first(&tools, "postgres-") {
            found.extend(bins_under(&fetched, 4));
        }
    }
    for installed in newest_first(Path::new("/usr/lib/postgresql"), "") {
        found.push(installed.join("bin"));
    }
    if let Some(path) = variable("PATH") {
        found.extend(env::split_paths(&path));
    }
    found
}

/// Where `make setup` puts what it fetches; the same rule as in `scripts/environment`.
fn tools() -> Option<PathBuf> {
    folder_in("STOA_TOOLS").or_else(|| {
        if rustix::process::geteuid().is_root() {
            return Some(PathBuf::from("/var/cache/stoa/tools"));
        }
        let cache = folder_in("XDG_CACHE_HOME").or_else(|| Some(folder_in("HOME")?.join(".cache")))?;
        Some(cache.join("stoa/tools"))
    })
}

fn folder_in(name: &str) -> Option<PathBuf> {
    variable(name).map(PathBuf::from)
}

fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn bins_under(root: &Path, depth: usize) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for folder in folders_in(root) {
        if folder.file_name() == Some(OsStr::new("bin")) {
            found.push(folder);
        } else if depth > 0 {
            found.extend(bins_under(&folder, depth - 1));
        }
    }
    found
}

fn newest_first(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let version = |folder: &Path| -> Option<Vec<u32>> {
        let number = folder.file_name()?.to_str()?.strip_prefix(prefix)?;
        number.split('.').map(|part| part.parse().ok()).collect()
    };
    let mut found: Vec<_> = folders_in(parent).into_iter().filter_map(|folder| Some((version(&folder)?, folder))).collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}

fn folders_in(parent: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn is_server(bin: &Path, servant: Option<u32>) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| {
        fs::canonicalize(bin.join(program)).is_ok_and(|program| {
            let runs = mode(&program).is_some_and(|mode| mode & 0o111 != 0);
            program.is_file() && runs && (servant.is_none() || first_closed(&program).is_none())
        })
    })
}

fn mode(path: &Path) -> Option<u32> {
    let metadata = fs::metadata(path).ok()?;
    Some(metadata.permissions().mode())
}

#[cfg(test)]
mod tests {
    use std::{env, fs, process};

    use super::newest_first;

    #[test]
    fn the_newest_version_comes_first_by_number() -> anyhow::Result<()> {
        let tools = env::temp_dir().join(format!("stoa-places-{}", process::id()));
        for name in ["postgres-9.6", "postgres-18.6.3", "postgres-18.10", "node-24", "postgres-x"] {
            fs::create_dir_all(tools.join(name))?;
        }
        let found = newest_first(&tools, "postgres-");
        fs::remove_dir_all(&tools)?;
        let expected = ["postgres-18.10", "postgres-18.6.3", "postgres-9.6"];
        assert_eq!(found, expected.map(|name| tools.join(name)));
        Ok(())
    }
}
