//! Load from this machine to this machine: plain HTTP/1.1 connections kept open, each asking again when answered.

use std::{
    io::BufRead as _,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use http::{HeaderMap, HeaderName, header};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::server::chance;

/// What is asked, and how it has to be answered.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    /// Names and values, beside `host`.
    pub headers: Vec<(&'static str, String)>,
    /// In JSON: with one it is a POST, and else a GET.
    pub body: Option<String>,
    /// A header that is different each time.
    pub fresh: Option<&'static str>,
    pub status: u16,
}

impl Asked {
    /// A GET.
    pub fn get(path: String, headers: Vec<(&'static str, String)>, status: u16) -> Self {
        Self { path, headers, body: None, fresh: None, status }
    }

    /// The whole text but for the header that is different each time and for what follows it, and these.
    fn parts(&self, at: SocketAddr) -> (String, String) {
        let method = if self.body.is_some() { "POST" } else { "GET" };
        let headers = self.headers.iter().fold(String::new(), |text, (name, value)| text + name + ": " + value + "\r\n");
        let body = self.body.as_deref().unwrap_or_default();
        let described = match &self.body {
            Some(body) => format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()),
            None => String::new(),
        };
        (format!("{method} {} HTTP/1.1\r\nhost: {at}\r\n{headers}{described}", self.path), format!("\r\n{body}"))
    }

    fn request(&self, parts: &(String, String)) -> String {
        let (head, rest) = parts;
        match self.fresh {
            Some(name) => format!("{head}{name}: {:032x}\r\n{rest}", u128::from_ne_bytes(chance::bytes())),
            None => format!("{head}{rest}"),
        }
    }
}

/// What one run showed.
#[derive(Clone, Debug)]
pub struct Figures {
    pub requests_per_second: f64,
    pub median_milliseconds: f64,
    pub p99_milliseconds: f64,
}

impl Figures {
    fn of(mut times: Vec<Duration>, elapsed: Duration) -> anyhow::Result<Self> {
        times.sort_unstable();
        let count = u32::try_from(times.len()).context("fewer requests than 2^32")?;
        Ok(Self {
            requests_per_second: f64::from(count) / elapsed.as_secs_f64(),
            median_milliseconds: percentile(&times, 50),
            p99_milliseconds: percentile(&times, 99),
        })
    }
}

/// In milliseconds: the shortest time that so many in a hundred do not exceed. Zero where there is none.
fn percentile(sorted: &[Duration], share: usize) -> f64 {
    let rank = (sorted.len() * share).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
}

/// Asks over `connections` for `duration` and counts.
///
/// # Errors
/// The first answer with another status than the one that is to come ends the run.
pub async fn run(at: SocketAddr, asked: &Asked, connections: u16, duration: Duration) -> anyhow::Result<Figures> {
    let asked = Arc::new(asked.clone());
    let started = Instant::now();
    let until = started + duration;
    let tasks: Vec<_> = (0..connections).map(|_| tokio::spawn(ask_until(at, asked.clone(), until))).collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    Figures::of(times, started.elapsed())
}

/// Asks once, and returns the answer's body.
pub async fn fetch(at: SocketAddr, asked: &Asked) -> anyhow::Result<String> {
    Ok(fetch_whole(at, asked).await?.1)
}

/// The same with what its head says, but for what every server says by itself.
pub async fn fetch_whole(at: SocketAddr, asked: &Asked) -> anyhow::Result<(HeaderMap, String)> {
    let mut stream = TcpStream::connect(at).await?;
    stream.write_all(asked.request(&asked.parts(at)).as_bytes()).await?;
    let mut buffer = Vec::new();
    let head = read_answer(&mut stream, &mut buffer, asked.status).await?;
    let text = String::from_utf8_lossy(&buffer);
    let (lines, body) = text.split_at_checked(head.bytes).context("a head and a body")?;
    let mut headers = HeaderMap::new();
    for (name, value) in lines.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        headers.append(name.parse::<HeaderName>()?, value.parse()?);
    }
    for by_itself in [header::CONTENT_LENGTH, header::DATE, header::TRANSFER_ENCODING] {
        headers.remove(by_itself);
    }
    Ok((headers, body.to_owned()))
}

async fn ask_until(at: SocketAddr, asked: Arc<Asked>, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    let mut times = Vec::new();
    let mut buffer = Vec::with_capacity(64 * 1024);
    let parts = asked.parts(at);
    while Instant::now() < until {
        let request = asked.request(&parts);
        let since = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        read_answer(&mut stream, &mut buffer, asked.status).await?;
        times.push(since.elapsed());
    }
    Ok(times)
}

/// Reads one answer, head and body, by its length or to the last chunk.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>, status: u16) -> anyhow::Result<Head> {
    buffer.clear();
    let head = loop {
        if let Some(head) = Head::read(buffer)? {
            break head;
        }
        more(stream, buffer).await?;
    };
    if head.status != status {
        bail!("answered {} in place of {status}", head.status);
    }
    while !head.is_whole(buffer) {
        more(stream, buffer).await?;
    }
    Ok(head)
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<()> {
    if stream.read_buf(buffer).await? == 0 {
        bail!("the connection ended within an answer");
    }
    Ok(())
}

/// What of an answer's head says where the answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// Of the body, in bytes; none where it comes in chunks.
    length: Option<usize>,
    /// Its own size, with the empty line.
    bytes: usize,
}

impl Head {
    /// None as long as not all of it is there.
    fn read(buffer: &[u8]) -> anyhow::Result<Option<Self>> {
        let mut head = Self { status: 0, length: None, bytes: 0 };
        loop {
            let rest = &buffer[head.bytes..];
            let line = &rest[..(&*rest).skip_until(b'\n')?];
            let Some(text) = line.strip_suffix(b"\r\n") else { return Ok(None) };
            if head.bytes == 0 {
                head.status = status(text).with_context(|| format!("no answer of HTTP/1.1: {}", text.escape_ascii()))?;
            } else if let Some(length) = length(text) {
                head.length = Some(length?);
            }
            head.bytes += line.len();
            if text.is_empty() {
                return Ok(Some(head));
            }
        }
    }

    /// Whether the buffer, from the head's first byte on, holds all of the answer.
    fn is_whole(self, buffer: &[u8]) -> bool {
        match self.length {
            Some(length) => buffer.len() >= self.bytes + length,
            // The head's own end stands before the last chunk of an empty body.
            None => buffer[self.bytes - 2..].ends_with(b"\r\n0\r\n\r\n"),
        }
    }
}

fn status(line: &[u8]) -> Option<u16> {
    std::str::from_utf8(line.strip_prefix(b"HTTP/1.1 ")?.get(..3)?).ok()?.parse().ok()
}

/// What a header says of the body's length; none where it says something else.
fn length(line: &[u8]) -> Option<anyhow::Result<usize>> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    let read = || std::str::from_utf8(value)?.trim().parse().context("a length is a number");
    name.eq_ignore_ascii_case(NAME).then(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> Option<Head> {
        Head::read(text.as_bytes()).expect("a head or the beginning of one")
    }

    #[test]
    fn a_head_says_where_its_answer_ends() {
        let text = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 5\r\nx: y\r\n\r\n";
        let whole = head(text).expect("a whole head");
        assert_eq!(whole, Head { status: 401, length: Some(5), bytes: text.len() });
        assert!(!whole.is_whole(format!("{text}abcd").as_bytes()));
        assert!(whole.is_whole(format!("{text}abcde").as_bytes()));
        assert_eq!(head(&text[..text.len() - 1]), None);
        assert_eq!(head(""), None);
    }

    #[test]
    fn chunks_end_with_an_empty_one() {
        let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let whole = head(text).expect("a whole head");
        assert_eq!(whole.length, None);
        assert!(!whole.is_whole(text.as_bytes()));
        assert!(!whole.is_whole(format!("{text}3\r\nabc\r\n").as_bytes()));
        assert!(whole.is_whole(format!("{text}3\r\nabc\r\n0\r\n\r\n").as_bytes()));
        assert!(whole.is_whole(format!("{text}0\r\n\r\n").as_bytes()));
    }

    #[test]
    fn what_is_no_answer_is_said() {
        for text in ["SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n"] {
            assert!(Head::read(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<Duration> = (1..=200).map(Duration::from_millis).collect();
        let of = |times: &[Duration], share| format!("{:.0}", percentile(times, share));
        assert_eq!(of(&times, 50), "100");
        assert_eq!(of(&times, 99), "198");
        assert_eq!(of(&times, 100), "200");
        assert_eq!(of(&times[..1], 99), "1");
        assert_eq!(of(&times[..3], 50), "2");
        assert_eq!(of(&[], 50), "0");
    }

    #[test]
    fn figures_count_what_was_answered_in_the_time_it_took() {
        let figures = Figures::of(vec![Duration::from_millis(3), Duration::from_millis(1)], Duration::from_secs(4)).expect("figures");
        assert_eq!(format!("{:.2} {:.0}", figures.requests_per_second, figures.p99_milliseconds), "0.50 3");
    }

    #[test]
    fn a_request_is_what_was_asked() {
        let at = "127.0.0.1:80".parse().expect("an address");
        let mut asked = Asked::get("/a?b".to_owned(), vec![("accept", "text/html".to_owned())], 200);
        assert_eq!(asked.request(&asked.parts(at)), "GET /a?b HTTP/1.1\r\nhost: 127.0.0.1:80\r\naccept: text/html\r\n\r\n");
        asked.body = Some("{}".to_owned());
        asked.fresh = Some("key");
        let (one, other) = (asked.request(&asked.parts(at)), asked.request(&asked.parts(at)));
        assert!(one.starts_with("POST /a?b ") && one.contains("content-length: 2\r\nkey: ") && one.ends_with("\r\n\r\n{}"), "{one}");
        assert!(one != other && one.len() == other.len(), "{one} {other}");
    }
}
