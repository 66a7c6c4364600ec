//! A browser without scripting: it keeps cookies, follows nothing by itself, and speaks to the router directly.

use std::{collections::BTreeMap, net::SocketAddr, sync::Mutex};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
    response::Response,
};
use scraper::{Html, Selector};
use tower::ServiceExt as _;

pub struct Browser {
    router: Router,
    cookies: Mutex<BTreeMap<String, String>>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    pub fn new(router: Router) -> Self {
        Self { router, cookies: Mutex::default() }
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().expect("cookies").insert(name.to_owned(), value.to_owned());
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().expect("cookies").get(name).cloned()
    }

    pub fn cookie_names(&self) -> Vec<String> {
        self.cookies.lock().expect("cookies").keys().cloned().collect()
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path).body(Body::empty()).expect("a request")).await
    }

    /// As a browser posts a form of this console.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&");
        self.post_raw(path, body.into_bytes()).await
    }

    pub async fn post_raw(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    /// A request that carries this browser's cookies.
    pub fn request(&self, method: Method, path: &str) -> axum::http::request::Builder {
        let cookies = self.cookies.lock().expect("cookies");
        let line = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "127.0.0.1:3000");
        if !line.is_empty() {
            request = request.header(header::COOKIE, line);
        }
        request
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.answer(request).await;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        self.keep_cookies(&parts.headers);
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(bytes.to_vec()).expect("text") }
    }

    /// The answer as it begins.
    pub async fn answer(&self, mut request: Request<Body>) -> Response {
        let peer: SocketAddr = ([127, 0, 0, 1], 40_000).into();
        if request.extensions().get::<ConnectInfo<SocketAddr>>().is_none() {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        self.router.clone().oneshot(request).await.expect("the router answers")
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().expect("cookies");
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("a cookie");
            let (name, rest) = line.split_once('=').expect("a cookie");
            let value = rest.split(';').next().unwrap_or_default();
            if rest.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().expect("text"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// What a person reads, in order.
    pub fn text(&self) -> String {
        let page = Html::parse_document(&self.body);
        let main = Selector::parse("main").expect("a selector");
        page.select(&main).flat_map(|element| element.text()).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// How many elements a selector finds.
    pub fn count(&self, selector: &str) -> usize {
        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse(selector).expect("a selector")).count()
    }

    /// Where the links lead that a selector finds.
    pub fn links(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(selector).expect("a selector");
        page.select(&selector).filter_map(|link| link.value().attr("href")).map(str::to_owned).collect()
    }

    /// Where the link or button of that text leads.
    pub fn link(&self, text: &str) -> String {
        let page = Html::parse_document(&self.body);
        page.select(&Selector::parse("main a").expect("a selector"))
            .find(|link| link.text().collect::<String>().trim() == text)
            .and_then(|link| link.value().attr("href"))
            .unwrap_or_else(|| panic!("no link {text} in {}", self.text()))
            .to_owned()
    }

    /// The value of the first field of that name within `<main>`.
    pub fn field(&self, name: &str) -> String {
        let page = Html::parse_document(&self.body);
        let selector = Selector::parse(&format!("main [name={name}]")).expect("a selector");
        page.select(&selector)
            .next()
            .and_then(|field| field.value().attr("value"))
            .unwrap_or_else(|| panic!("no field {name} in {}", self.text()))
            .to_owned()
    }
}

pub fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}
