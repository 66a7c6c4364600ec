//! Load from this machine to this machine: plain HTTP/1.1 connections kept open, each asking again when answered.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What one run showed.
#[derive(Clone, Debug)]
pub struct Figures {
    pub requests_per_second: f64,
    pub median_milliseconds: f64,
    pub p99_milliseconds: f64,
    /// Bytes of the last answer's body.
    pub body: usize,
}

/// Asks for `path` over `connections` for `duration` and counts.
pub async fn run(at: SocketAddr, path: &str, cookie: &str, connections: usize, duration: Duration) -> anyhow::Result<Figures> {
    let request: Arc<str> = format!("GET {path} HTTP/1.1\r\nhost: {at}\r\ncookie: {cookie}\r\naccept: text/html\r\n\r\n").into();
    let started = Instant::now();
    let until = started + duration;
    let tasks: Vec<_> = (0..connections).map(|_| tokio::spawn(ask(at, request.clone(), until))).collect();
    let mut times = Vec::new();
    let mut body = 0;
    for task in tasks {
        let (taken, last) = task.await??;
        times.extend(taken);
        body = last;
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: usize| {
        times.get((times.len() * share / 100).min(times.len().saturating_sub(1))).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    let count = u32::try_from(times.len()).context("fewer requests than 2^32")?;
    Ok(Figures { requests_per_second: f64::from(count) / seconds, median_milliseconds: at(50), p99_milliseconds: at(99), body })
}

async fn ask(at: SocketAddr, request: Arc<str>, until: Instant) -> anyhow::Result<(Vec<Duration>, usize)> {
    let mut stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    let mut times = Vec::new();
    let mut buffer = Vec::with_capacity(64 * 1024);
    let mut body = 0;
    while Instant::now() < until {
        let asked = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        body = read_answer(&mut stream, &mut buffer).await?;
        times.push(asked.elapsed());
    }
    Ok((times, body))
}

/// Reads one answer, by its length or to the last chunk, and returns the size of its body.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<usize> {
    buffer.clear();
    let head = loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            break end + 4;
        }
        more(stream, buffer).await?;
    };
    let headers = String::from_utf8_lossy(&buffer[..head]).to_ascii_lowercase();
    if !headers.starts_with("http/1.1 200") {
        bail!("answered {}", headers.lines().next().unwrap_or_default());
    }
    if let Some(length) = headers.lines().find_map(|line| line.strip_prefix("content-length: ")) {
        let length: usize = length.trim().parse()?;
        while buffer.len() < head + length {
            more(stream, buffer).await?;
        }
        return Ok(length);
    }
    while !buffer.ends_with(b"\r\n0\r\n\r\n") {
        more(stream, buffer).await?;
    }
    Ok(buffer.len() - head)
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    if stream.read_buf(buffer).await? == 0 {
        bail!("the connection ended within an answer");
    }
    Ok(())
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
