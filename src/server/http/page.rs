//! From a page's view to the answer: the document around it, its nonce, its status.

use axum::response::{Html, IntoResponse as _, Response};
use futures_util::StreamExt as _;
use http::{HeaderValue, StatusCode, header};
use leptos::{nonce::Nonce, prelude::*};
use leptos_integration_utils::{BoxedFnOnce, PinnedFuture, PinnedStream, build_response};

use super::request::RequestContext;
use crate::{
    server::Stoa,
    ui::{
        Notice, Theme, Tone,
        layout::{Assets, Bare, Document, Finding, Frame, Reading, Surroundings},
    },
};

/// Holds what is to be said once, on the page after a form.
pub const FLASH_COOKIE: &str = "stoa_flash";

type Content = Box<dyn FnOnce() -> AnyView + Send>;

pub struct Page {
    title: String,
    status: StatusCode,
    theme: Option<Theme>,
    around: Around,
    /// Where the browser goes on to by itself.
    next: Option<String>,
    content: Content,
}

/// What stands around a page's content.
enum Around {
    Console(Box<Surroundings>),
    /// Outside the console: signing in, errors.
    Card,
    /// Outside the console, and as wide: what anybody may read.
    Reading,
    /// Not even a document: a script puts it into a page that is there.
    Nothing,
}

impl Page {
    /// A page of the console. Everything it shows is loaded already.
    pub fn framed<V: IntoView + 'static>(
        title: impl Into<String>,
        surroundings: Surroundings,
        content: impl FnOnce() -> V + Send + 'static,
    ) -> Self {
        Self {
            title: title.into(),
            status: StatusCode::OK,
            theme: Some(surroundings.theme),
            around: Around::Console(Box::new(surroundings)),
            next: None,
            content: Box::new(move || content().into_any()),
        }
    }

    /// A page outside the console: a card in the middle.
    pub fn bare<V: IntoView + 'static>(title: impl Into<String>, content: impl FnOnce() -> V + Send + 'static) -> Self {
        Self {
            title: title.into(),
            status: StatusCode::OK,
            theme: None,
            around: Around::Card,
            next: None,
            content: Box::new(move || content().into_any()),
        }
    }

    /// A page that anybody may read, as wide as the console's.
    pub fn reading<V: IntoView + 'static>(title: impl Into<String>, content: impl FnOnce() -> V + Send + 'static) -> Self {
        Self { around: Around::Reading, ..Self::bare(title, content) }
    }

    /// A part of a page, which its script asked for.
    pub fn part<V: IntoView + 'static>(content: impl FnOnce() -> V + Send + 'static) -> Self {
        Self { around: Around::Nothing, ..Self::bare("", content) }
    }

    /// Goes on there at once: a navigation of its own, which `form-action` does not hold back as it does a form's redirect
    /// (docs/decisions/0008-sign-out-leaves-by-a-page.md). The page has the same as a link.
    #[must_use]
    pub fn going_on_to(mut self, url: &url::Url) -> Self {
        self.next = Some(format!("0; url={url}"));
        self
    }

    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }
}

/// Renders on the spot and whole: nothing in a page waits, since everything was loaded before.
pub async fn render(stoa: &Stoa, context: &RequestContext, page: Page) -> Response {
    let assets = stoa.files.assets().clone();
    let nonce = context.nonce.get().to_owned();
    let (status, next) = (page.status, page.next.as_deref().and_then(|next| HeaderValue::from_str(next).ok()));
    let theme = page.theme.or(context.theme).unwrap_or_default();
    let said = flash(context).filter(|_| matches!(page.around, Around::Console(_)) && status == StatusCode::OK);
    let flashed = said.is_some();
    let provided = Nonce::from_value(nonce.clone());
    let html = html_of(move || provide_context(provided), move || document(page, theme, assets, nonce, said)).await;
    let mut response = (status, Html(html)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(next) = next {
        response.headers_mut().insert(header::REFRESH, next);
    }
    if flashed && !context.prefetch {
        clear_flash(stoa, &mut response);
    }
    response
}

/// Not by way of `leptos_axum`: it answers piece by piece, and waits a turn of the runtime for the first.
async fn html_of<V: IntoView + 'static>(provide: impl FnOnce() + Send + 'static, view: impl FnOnce() -> V + Send + 'static) -> String {
    let (owner, pieces) = build_response(view, provide, in_order, true);
    let html = pieces.await.next().await.unwrap_or_default();
    owner.unset_with_forced_cleanup();
    html
}

fn document(page: Page, theme: Theme, assets: Assets, nonce: String, said: Option<String>) -> AnyView {
    let content = page.content;
    let body = match page.around {
        Around::Console(surroundings) => {
            let said = said.map(|text| view! { <Notice tone=Tone::Success>{text}</Notice> });
            view! { <Frame surroundings=*surroundings>{said}{content()}</Frame> }.into_any()
        }
        Around::Card => view! { <Bare>{content()}</Bare> }.into_any(),
        Around::Reading => view! { <Reading>{content()}</Reading> }.into_any(),
        Around::Nothing => return content(),
    };
    view! {
        <Document title=page.title theme=theme assets=assets nonce=nonce>
            {body}
        </Document>
    }
    .into_any()
}

fn in_order<V: IntoView + 'static>(view: V, chunks: BoxedFnOnce<PinnedStream<String>>, _: bool) -> PinnedFuture<PinnedStream<String>> {
    drop(chunks);
    Box::pin(async move {
        let html = without_markers(&view.to_html());
        Box::pin(futures_util::stream::once(std::future::ready(html))) as PinnedStream<String>
    })
}

const ISLAND: &str = "<leptos-island";
const ISLAND_END: &str = "</leptos-island>";

/// Leptos marks places in the text for the browser side to find again. Outside islands nothing looks for them, and
/// in a `<title>` they would be read as text. What people entered never looks like one: it is escaped.
pub fn without_markers(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find(ISLAND) {
        let end = rest[start..].find(ISLAND_END).map_or(rest.len(), |end| start + end + ISLAND_END.len());
        push_without_markers(&mut out, &rest[..start]);
        out.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    push_without_markers(&mut out, rest);
    out
}

/// Looks for what is rare in a page and part of each marker; looking for `<!>` as such takes longer.
fn push_without_markers(out: &mut String, mut rest: &str) {
    while let Some(at) = rest.find('!') {
        let (until, after) = rest.split_at(at + 1);
        if let (Some(before), Some(after)) = (until.strip_suffix("<!"), after.strip_prefix('>')) {
            out.push_str(before);
            rest = after;
        } else {
            out.push_str(until);
            rest = after;
        }
    }
    out.push_str(rest);
}

/// Says something once, on the next page.
pub fn set_flash(stoa: &Stoa, response: &mut Response, text: &str) {
    let value: String = percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    set_cookie(stoa, response, FLASH_COOKIE, &value, 60, true);
}

fn clear_flash(stoa: &Stoa, response: &mut Response) {
    set_cookie(stoa, response, FLASH_COOKIE, "", 0, true);
}

/// A cookie of the console: lax, for all of its paths, secure where the console is.
pub fn set_cookie(stoa: &Stoa, response: &mut Response, name: &str, value: &str, max_age_seconds: i64, http_only: bool) {
    let cookie = cookie::Cookie::build((name.to_owned(), value.to_owned()))
        .path("/")
        .http_only(http_only)
        .same_site(cookie::SameSite::Lax)
        .secure(stoa.config.public_urls.is_https())
        .max_age(time::Duration::seconds(max_age_seconds))
        .build();
    if let Ok(value) = HeaderValue::from_str(&cookie.to_string()) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// What the last form said, where the cookie still says it.
fn flash(context: &RequestContext) -> Option<String> {
    let text = context.flash.as_deref()?;
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// Every element in every state.
pub async fn gallery(
    axum::extract::State(stoa): axum::extract::State<Stoa>,
    axum::extract::Extension(context): axum::extract::Extension<RequestContext>,
) -> Response {
    let surroundings = Surroundings {
        person_name: "Ada Lovelace".to_owned(),
        person_email: "ada@example.com".to_owned(),
        theme: context.theme.unwrap_or_default(),
        tenant: None,
        workspace: None,
        rail: Vec::new(),
        current: crate::paths::GALLERY.to_owned(),
        switcher: Vec::new(),
        unread: 3,
        banner: Some("A band across every page while support looks in.".to_owned()),
        finding: Finding { address: crate::paths::SEARCH.to_owned(), place: None, is_apple: false, shortcuts: Vec::new() },
        form_key: String::new(),
    };
    let page = Page::framed("Gallery", surroundings, || view! { <crate::ui::Gallery/> });
    render(&stoa, &context, page).await
}

#[cfg(test)]
mod tests {
    use super::without_markers;

    #[test]
    fn markers_go_and_stay_where_an_island_needs_them() {
        assert_eq!(
            without_markers("<p>a<!></p><leptos-island><b>x<!></b></leptos-island><i><!>y</i>"),
            "<p>a</p><leptos-island><b>x<!></b></leptos-island><i>y</i>"
        );
        assert_eq!(without_markers("<leptos-island>open<!>"), "<leptos-island>open<!>");
        assert_eq!(without_markers("<!DOCTYPE html><p>Yes!<!><!>!<!!></p><!>"), "<!DOCTYPE html><p>Yes!!<!!></p>");
    }
}
