//! The real program as a process of its own: a node on the database of a test, with modules of an operator's.

use std::{
    fs,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use uuid::Uuid;

use super::Console;

/// A folder of manifests that goes with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        let path = std::env::temp_dir().join(format!("stoa-modules-{}", Uuid::from_bytes(stoa::server::chance::bytes())));
        fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    pub fn with(file: &str, text: &str) -> Self {
        let folder = Self::new();
        folder.write(file, text);
        folder
    }

    pub fn write(&self, file: &str, text: &str) {
        fs::write(self.0.join(file), text).expect("written");
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// The program with the settings of the console's own node.
pub fn program(console: &Console, modules: Option<&Folder>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stoa"));
    command
        .env("STOA_LISTEN", "127.0.0.1:0")
        .env("STOA_PUBLIC_URLS__CONSOLE", "http://127.0.0.1:3000")
        .env("STOA_DATABASE__URL", console.database.app_url())
        .env("STOA_DATABASE__MAX_CONNECTIONS", "5")
        .env("STOA_IDENTITY__ISSUER", "http://127.0.0.1:1/nobody")
        .env("STOA_IDENTITY__CLIENT_ID", "console")
        .env("STOA_SECRETS__PEPPER", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
        .env("STOA_SECRETS__AUDIT_KEY", super::AUDIT_KEY);
    if let Some(folder) = modules {
        command.env("STOA_MODULES__DIRECTORY", folder.path());
    }
    command
}

/// Runs a command to its end.
pub fn run(console: &Console, modules: Option<&Folder>, arguments: &[&str]) -> (bool, String) {
    let Output { status, stdout, stderr } = program(console, modules).args(arguments).output().expect("the command runs");
    (status.success(), format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr)))
}

/// `stoa serve`, until it is dropped.
pub struct Node {
    child: Child,
    /// Hands every request to the process.
    pub router: Router,
    said: Lines,
    printed: Lines,
}

/// What came out of a process so far.
type Lines = Arc<Mutex<Vec<String>>>;

fn gather(stream: impl io::Read + Send + 'static, mut look: impl FnMut(&str) + Send + 'static) -> Lines {
    let lines = Lines::default();
    let heard = lines.clone();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            look(&line);
            heard.lock().expect("lines").push(line);
        }
    });
    lines
}

impl Node {
    pub fn start(console: &Console, modules: Option<&Folder>) -> Self {
        Self::run(program(console, modules))
    }

    /// With settings of its own.
    pub fn start_with(console: &Console, settings: &[(&str, &str)]) -> Self {
        let mut program = program(console, None);
        program.envs(settings.iter().copied());
        Self::run(program)
    }

    fn run(mut program: Command) -> Self {
        let mut child = program.arg("serve").stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let (send, address) = std::sync::mpsc::channel();
        let said = gather(child.stderr.take().expect("standard error"), move |line| {
            if let Some((_, rest)) = line.split_once("\"listening\":\"") {
                drop(send.send(rest.split('"').next().unwrap_or_default().to_owned()));
            }
        });
        let printed = gather(child.stdout.take().expect("standard output"), |_| {});
        let address = address.recv_timeout(Duration::from_mins(1));
        let address = address.unwrap_or_else(|_| panic!("it does not listen: {:?}", said.lock().expect("lines")));
        Self { child, router: Router::new().fallback(move |request| hand_on(address.clone(), request)), said, printed }
    }

    pub fn said(&self) -> String {
        self.said.lock().expect("lines").join("\n")
    }

    /// What it wrote to standard output.
    pub fn printed(&self) -> Vec<String> {
        self.printed.lock().expect("lines").clone()
    }

    /// Waits until it is so, which the node brings about by itself.
    pub async fn until(&self, is_so: impl Fn(&Self) -> bool, what: &str) {
        let started = Instant::now();
        while !is_so(self) {
            assert!(started.elapsed() < Duration::from_secs(40), "{what}: {}", self.said());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What it answers to `path`, asked again until it is that status: what other nodes do is noticed within a second.
    pub async fn becomes(&self, path: &str, status: StatusCode) {
        let started = Instant::now();
        loop {
            let answer = super::Browser::new(self.router.clone()).get(path).await;
            if answer.status == status {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(40), "{path} stays {}: {}", answer.status, self.said());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// As a service manager stops it; it takes its leave.
    pub fn stop(mut self) {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(stopped.is_ok_and(|status| status.success()));
        self.child.wait().expect("it ends");
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn hand_on(address: String, request: Request) -> Response {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(30));
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let sent = client.build().expect("a client").request(parts.method, format!("http://{address}{path}")).headers(parts.headers).body(body);
    let answer = match sent.send().await {
        Ok(answer) => answer,
        Err(error) => return (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    };
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        *headers = answer.headers().clone();
        headers.remove("content-encoding");
        headers.remove("transfer-encoding");
    }
    response.body(Body::from(answer.bytes().await.expect("a body"))).expect("a response")
}
