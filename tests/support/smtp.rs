//! The other end of the mail's way: takes what it is sent, and refuses whom the test says.

use std::sync::{Arc, Mutex};

use mailparse::MailHeaderMap as _;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};

/// A mail server on a port of its own, for as long as it is held.
pub struct Postbox {
    port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
    /// What is answered to a recipient that contains the first.
    refusals: Arc<Mutex<Vec<(String, String)>>>,
    serving: tokio::task::JoinHandle<()>,
}

/// A mail as it arrived.
#[derive(Clone, Debug)]
pub struct Taken {
    pub to: String,
    pub raw: Vec<u8>,
}

impl Postbox {
    pub async fn open() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (taken, refusals): (Arc<Mutex<Vec<Taken>>>, Arc<Mutex<Vec<(String, String)>>>) = Default::default();
        let (keep, refuse) = (taken.clone(), refusals.clone());
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, keep.clone(), refuse.clone()));
            }
        });
        Self { port, taken, refusals, serving }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// From now on recipients that contain `part` are answered so; with an empty answer they are taken again.
    pub fn answer(&self, part: &str, answer: &str) {
        let mut refusals = self.refusals.lock().expect("refusals");
        refusals.retain(|(known, _)| known != part);
        if !answer.is_empty() {
            refusals.push((part.to_owned(), answer.to_owned()));
        }
    }

    /// From here on nobody is there.
    pub async fn close(mut self) {
        self.serving.abort();
        let _ = (&mut self.serving).await;
    }

    pub fn mails(&self) -> Vec<Taken> {
        self.taken.lock().expect("mails").clone()
    }

    /// The only one there is.
    pub fn mail(&self) -> Taken {
        let mails = self.mails();
        assert_eq!(mails.len(), 1, "{mails:?}");
        mails.into_iter().next().expect("one mail")
    }
}

impl Drop for Postbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Taken {
    pub fn header(&self, name: &str) -> String {
        mailparse::parse_mail(&self.raw).expect("a mail").headers.get_first_value(name).unwrap_or_default()
    }

    /// How often a header stands there.
    pub fn headers(&self, name: &str) -> usize {
        mailparse::parse_mail(&self.raw).expect("a mail").headers.get_all_values(name).len()
    }

    pub fn text(&self) -> String {
        self.part("text/plain")
    }

    pub fn html(&self) -> String {
        self.part("text/html")
    }

    fn part(&self, kind: &str) -> String {
        let mail = mailparse::parse_mail(&self.raw).expect("a mail");
        let part = mail.parts().find(|part| part.ctype.mimetype == kind).unwrap_or_else(|| panic!("no {kind}"));
        part.get_body().expect("a body").replace("\r\n", "\n")
    }
}

async fn converse(stream: TcpStream, taken: Arc<Mutex<Vec<Taken>>>, refusals: Arc<Mutex<Vec<(String, String)>>>) -> Option<()> {
    let (reading, mut writing) = stream.into_split();
    let mut reading = BufReader::new(reading);
    writing.write_all(b"220 postbox ESMTP\r\n").await.ok()?;
    let mut to = String::new();
    loop {
        let mut line = Vec::new();
        if reading.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line).trim().to_owned();
        let answer = match line.to_uppercase().split([' ', ':']).next().unwrap_or_default() {
            "EHLO" => "250-postbox\r\n250 8BITMIME".to_owned(),
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let refusals = refusals.lock().expect("refusals");
                refusals
                    .iter()
                    .find(|(part, _)| to.contains(part.as_str()))
                    .map_or_else(|| "250 ok".to_owned(), |(_, answer)| answer.clone())
            }
            "DATA" => {
                writing.write_all(b"354 go on\r\n").await.ok()?;
                let raw = read_data(&mut reading).await?;
                taken.lock().expect("mails").push(Taken { to: to.clone(), raw });
                "250 taken".to_owned()
            }
            "QUIT" => "221 bye".to_owned(),
            _ => "250 ok".to_owned(),
        };
        writing.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}

/// Up to the lone dot, without the dots that were doubled (RFC 5321 §4.5.2).
async fn read_data(reading: &mut BufReader<tokio::net::tcp::OwnedReadHalf>) -> Option<Vec<u8>> {
    let mut raw = Vec::new();
    loop {
        let mut line = Vec::new();
        reading.read_until(b'\n', &mut line).await.ok()?;
        match line.as_slice() {
            b".\r\n" => return Some(raw),
            [b'.', rest @ ..] => raw.extend_from_slice(rest),
            [] => return None,
            line => raw.extend_from_slice(line),
        }
    }
}
