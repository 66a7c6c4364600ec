//! Runs the server's own programs, `initdb` and `pg_ctl`, with no more rights than they need.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use tokio::process::Command;

use super::folder::Folder;
use super::places;

/// The user that a console run by root runs its server as, since Postgres refuses root: nobody.
const NOBODY: u32 = 65534;

pub(super) struct Programs {
    bin: PathBuf,
    servant: Option<u32>,
}

impl Programs {
    pub(super) fn find() -> Result<Self> {
        let servant = rustix::process::geteuid().is_root().then_some(NOBODY);
        let bin = places::find(servant)?;
        Ok(Self { bin, servant })
    }

    /// The user and group to run as, if not our own.
    pub(super) fn servant(&self) -> Option<u32> {
        self.servant
    }

    pub(super) async fn make_cluster(&self, folder: &Folder) -> Result<()> {
        let unfinished = folder.unfinished_cluster()?;
        let mut initdb = self.command("initdb", folder);
        initdb
            .arg("-D")
            .arg(&unfinished)
            .args(["-U", "postgres", "-A", "scram-sha-256", "--no-sync"])
            .args(["-E", "UTF8", "--locale=C.UTF-8", "--pwfile"])
            .arg(folder.password_file());
        run(initdb).await?;
        // Under its own name only when complete, so that a start that was cut short is simply made again.
        fs::rename(unfinished, folder.cluster())?;
        Ok(())
    }

    pub(super) async fn start(&self, folder: &Folder, port: u16) -> Result<()> {
        let log = folder.log()?;
        let mut pg_ctl = self.pg_ctl("start", folder);
        // No unix socket: its path would have to be short, and everything here speaks TCP.
        pg_ctl.arg("-l").arg(log).arg("-o").arg(format!("-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories=''"));
        run(pg_ctl).await.with_context(|| {
            let log = folder.last_log_lines();
            format!("Postgres did not start on port {port}\n{log}")
        })
    }

    pub(super) async fn is_running(&self, folder: &Folder) -> Result<bool> {
        let output = self.pg_ctl("status", folder).output().await?;
        Ok(output.status.success())
    }

    pub(super) async fn stop(&self, folder: &Folder) -> Result<()> {
        let mut fast = self.pg_ctl("stop", folder);
        fast.args(["-m", "fast"]);
        run(fast).await.with_context(|| {
            let log = folder.last_log_lines();
            format!("Postgres did not stop\n{log}")
        })
    }

    /// One that waits for the outcome.
    fn pg_ctl(&self, action: &str, folder: &Folder) -> Command {
        let mut command = self.command("pg_ctl", folder);
        command.args([action, "-w", "-t", "30", "-D"]);
        command.arg(folder.cluster());
        command
    }

    fn command(&self, program: &str, folder: &Folder) -> Command {
        let mut command = Command::new(self.bin.join(program));
        // Nothing of ours is for the server: no secrets, and no PGPORT that would steer it.
        command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/bin:/bin").current_dir(folder.path()).stdin(Stdio::null());
        if let Some(id) = self.servant {
            command.uid(id).gid(id);
        }
        command
    }
}

async fn run(mut command: Command) -> Result<()> {
    let output = command.output().await.with_context(|| {
        let program = command.as_std().get_program().display();
        format!("{program} could not be run")
    })?;
    if output.status.success() {
        return Ok(());
    }
    bail!("{} failed with {}: {}", command.as_std().get_program().display(), output.status, String::from_utf8_lossy(&output.stderr).trim())
}
