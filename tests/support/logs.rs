//! What the server logged, for tests that say something must be in the log, or must not.

use std::{
    io::Write,
    sync::{Mutex, Once},
};

use stoa::server::telemetry;
use tracing_subscriber::{fmt::format::FmtSpan, layer::SubscriberExt as _, util::SubscriberInitExt as _};

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static START: Once = Once::new();

struct Capture;

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.lock().expect("lines").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Keeps every log line of this process from here on, as the server writes them (JSON).
pub fn capture() {
    START.call_once(|| {
        tracing_subscriber::fmt().json().flatten_event(true).with_max_level(tracing::Level::DEBUG).with_writer(|| Capture).init();
    });
}

/// Keeps everything that anything in this process says or traces, down to the last level: lines, and spans with their
/// fields as they begin and end. To be asked before anything else captures.
pub fn capture_traces() {
    START.call_once(|| {
        // What somebody would ask for who wants a library's secrets out.
        let asked = telemetry::filter(
            "trace,lettre::transport::smtp::client::async_connection=trace,tower_http::csrf::service=trace,rmcp::service=trace",
        );
        let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_span_events(FmtSpan::FULL).with_writer(|| Capture);
        tracing_subscriber::registry().with(asked).with(telemetry::held_back()).with(lines).init();
    });
}

/// All that was captured, as it was written.
pub fn everything() -> Vec<u8> {
    LINES.lock().expect("lines").clone()
}

/// The captured lines that hold all of `words`.
pub fn lines_with(words: &[&str]) -> Vec<String> {
    let text = String::from_utf8_lossy(&LINES.lock().expect("lines")).into_owned();
    text.lines().filter(|line| words.iter().all(|word| line.contains(word))).map(str::to_owned).collect()
}
