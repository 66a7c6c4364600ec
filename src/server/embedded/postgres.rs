//! Supervises the Postgres under `stoa demo`: makes its cluster, starts it, hands out addresses, stops it.

mod folder;
mod places;
mod programs;

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use sqlx::{Connection as _, PgConnection};
use tokio::time::{Instant, sleep};

use folder::Folder;
use programs::Programs;

/// How long a started server may take to answer its first question.
const PATIENCE: Duration = Duration::from_secs(15);

pub struct Options {
    /// The folder that holds the cluster; made when it is not there.
    pub data: PathBuf,
    /// Throw away what an earlier demonstration left.
    pub fresh: bool,
    /// Without it, the port of the last time if that is free, else any free one.
    pub port: Option<u16>,
}

/// A running server. Dropping it leaves the server up; the next start on the same folder stops it first.
pub struct Cluster {
    programs: Programs,
    folder: Folder,
    password: String,
    port: u16,
    version: String,
}

impl Cluster {
    pub async fn start(options: Options) -> Result<Self> {
        let programs = Programs::find()?;
        let folder = Folder::open(&options.data, programs.servant())?;
        stop_left_behind(&programs, &folder).await?;
        if options.fresh {
            folder.clear()?;
        }
        let password = folder.password()?;
        if !folder.cluster().is_dir() {
            programs.make_cluster(&folder).await?;
        }
        let port = start_on_a_port(&programs, &folder, options.port).await?;
        let superuser = address("postgres", &password, port, "postgres");
        match first_answer(&superuser).await {
            Ok(version) => Ok(Self { programs, folder, password, port, version }),
            Err(error) => {
                let log = folder.last_log_lines();
                // The first error says more than that of a server which will not stop either.
                let _ = programs.stop(&folder).await;
                Err(error.context(format!("Postgres started but does not answer\n{log}")))
            }
        }
    }

    /// Of the cluster's superuser, for the named database.
    pub fn superuser_url(&self, database: &str) -> String {
        self.url_for("postgres", &self.password, database)
    }

    pub fn url_for(&self, role: &str, password: &str, database: &str) -> String {
        address(role, password, self.port, database)
    }

    /// Such as `18.6`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Ends open transactions, writes everything down and waits until the server is gone.
    pub async fn stop(self) -> Result<()> {
        self.programs.stop(&self.folder).await
    }
}

/// A console that was killed leaves its server running, or leaves the note of a server that is gone.
async fn stop_left_behind(programs: &Programs, folder: &Folder) -> Result<()> {
    let cluster = folder.cluster();
    let note = cluster.join("postmaster.pid");
    let Ok(text) = fs::read_to_string(&note) else {
        return Ok(());
    };
    let process: u32 = text.lines().next().and_then(|line| line.trim().parse().ok()).unwrap_or_default();
    if let Ok(home) = fs::read_link(format!("/proc/{process}/cwd"))
        && home != cluster
    {
        // The number belongs to another program by now; `pg_ctl` would take that one for the server and signal it.
        fs::remove_file(note)?;
    } else if programs.is_running(folder).await? {
        programs.stop(folder).await?;
    }
    Ok(())
}

async fn start_on_a_port(programs: &Programs, folder: &Folder, wanted: Option<u16>) -> Result<u16> {
    let wanted = wanted.filter(|port| *port != 0);
    if let Some(port) = wanted {
        ensure!(is_free(port), "port {port} on 127.0.0.1 is in use; name another one for Postgres, or none");
    }
    let mut port = match wanted.or_else(|| folder.last_port().filter(|port| is_free(*port))) {
        Some(port) => port,
        None => free_port()?,
    };
    let mut tries_left = 2;
    while let Err(error) = programs.start(folder, port).await {
        // Worth another try only if some other program was quicker to take the port.
        if wanted.is_some() || tries_left == 0 || is_free(port) {
            return Err(error);
        }
        tries_left -= 1;
        port = free_port()?;
    }
    folder.keep_port(port)?;
    Ok(port)
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Waits for the server's first answer, which is its version.
async fn first_answer(url: &str) -> Result<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match ask_version(url).await {
            Err(_) if Instant::now() < deadline => sleep(Duration::from_millis(50)).await,
            outcome => return outcome,
        }
    }
}

async fn ask_version(url: &str) -> Result<String> {
    let mut connection = PgConnection::connect(url).await?;
    let _one: i32 = sqlx::query_scalar("select 1").fetch_one(&mut connection).await?;
    let version: String = sqlx::query_scalar("show server_version").fetch_one(&mut connection).await?;
    connection.close().await?;
    // Distributions add their own: `15.18 (Debian 15.18-0+deb12u1)`.
    let number = version.split_whitespace().next();
    Ok(number.context("the server has no version")?.to_owned())
}

fn address(role: &str, password: &str, port: u16, database: &str) -> String {
    let [role, password, database] = [role, password, database].map(percent_encoded);
    format!("postgres://{role}:{password}@127.0.0.1:{port}/{database}")
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;

    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_holds_any_password() {
        assert_eq!(address("stoa_app", "p@ss/w%rd é", 5432, "stoa"), "postgres://stoa_app:p%40ss%2Fw%25rd%20%C3%A9@127.0.0.1:5432/stoa");
    }
}
