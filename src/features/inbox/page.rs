//! The Inbox page: what the person was told, newest first, and what of it they have read.

use leptos::prelude::*;

use super::server::{self, Item};
use crate::{
    error::AppError,
    ids::InboxItemId,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, form::PLACE},
        scope::AsUser,
    },
    ui::{Button, ButtonKind, EmptyState, Entries, Entry, Form, Icon, Notice, PageHeader, Pager, Tabs, Tone},
};

pub async fn show(mut visit: Visit<AsUser>) -> Result<Page, AppError> {
    let only_unread = visit.asked("show") == "unread";
    let after = visit.asked("after").parse::<InboxItemId>().ok();
    let listing = server::list(&mut visit.scope, only_unread, after).await?;
    let surroundings = visit.surroundings();
    let (reader, unread) = (visit.reader(), visit.scope.unread());
    let place = visit.scope.person().id.to_string();
    // Each form is sent once by itself, so each has a key of its own.
    let entries: Vec<Shown> = listing.items.into_iter().map(|item| Shown { key: visit.form_key(), place: place.clone(), item }).collect();
    // What came after this page was made has not been seen.
    let newest = entries.first().filter(|_| unread > 0 && after.is_none()).map(|shown| shown.item.id);
    let mark_all = newest.map(|newest| MarkAll { key: visit.form_key(), place, newest });
    let says = visit.refused.as_ref().map(|refused| refused.error.to_string());
    visit.scope.close().await?;
    Ok(Page::framed("Inbox", surroundings, move || {
        let here = if only_unread { paths::INBOX_UNREAD } else { paths::INBOX };
        view! {
            <PageHeader title="Inbox" purpose="What concerns you, from everywhere you are a member. Read items are kept for 180 days.">
                {mark_all.map(|form| view! { <MarkAllRead form=form/> })}
            </PageHeader>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <Tabs label="Which items" entries=tabs(unread) current=here/>
            <Items entries=entries only_unread=only_unread reader=reader/>
            <Pager first=after.map(|_| here.to_owned()) next=listing.next.map(|last| next_page(only_unread, last))/>
        }
    }))
}

pub async fn mark_read(mut submission: Submission<AsUser>) -> Result<FormAnswer, AppError> {
    check_place(&submission)?;
    let item: InboxItemId = submission.named("item")?;
    server::mark_read(&mut submission.scope, item).await?;
    finish(submission, "Marked as read.").await
}

pub async fn mark_all_read(mut submission: Submission<AsUser>) -> Result<FormAnswer, AppError> {
    check_place(&submission)?;
    let newest: InboxItemId =
        submission.fields.get("newest").parse().map_err(|_| AppError::Malformed("the form is damaged; open the page again"))?;
    server::mark_all_read(&mut submission.scope, newest).await?;
    finish(submission, "Everything is marked as read.").await
}

/// Rendered for one person, sent by another: someone else signed in in between.
fn check_place(submission: &Submission<AsUser>) -> Result<(), AppError> {
    if submission.fields.get(PLACE) == submission.scope.person().id.to_string() { Ok(()) } else { Err(AppError::WrongPlace) }
}

async fn finish(mut submission: Submission<AsUser>, says: &'static str) -> Result<FormAnswer, AppError> {
    let location = if submission.fields.get("show") == "unread" { paths::INBOX_UNREAD } else { paths::INBOX };
    submission.scope.answer_form(submission.form, location);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(location.to_owned()).saying(says))
}

fn tabs(unread: i64) -> Vec<(String, String)> {
    vec![("All".to_owned(), paths::INBOX.to_owned()), (format!("Unread ({unread})"), paths::INBOX_UNREAD.to_owned())]
}

fn next_page(only_unread: bool, last: InboxItemId) -> String {
    if only_unread { format!("{}&after={last}", paths::INBOX_UNREAD) } else { format!("{}?after={last}", paths::INBOX) }
}

/// An item, and what its form needs.
#[derive(Clone, Debug)]
struct Shown {
    key: String,
    place: String,
    item: Item,
}

#[derive(Clone, Debug)]
struct MarkAll {
    key: String,
    place: String,
    newest: InboxItemId,
}

#[component]
fn MarkAllRead(form: MarkAll) -> impl IntoView {
    view! {
        <Form action=paths::INBOX_READ_ALL key=form.key place=form.place>
            <input type="hidden" name="newest" value=form.newest.to_string()/>
            <Button>"Mark all as read"</Button>
        </Form>
    }
}

#[component]
fn Items(entries: Vec<Shown>, only_unread: bool, reader: Reader) -> impl IntoView {
    if entries.is_empty() {
        return empty(only_unread).into_any();
    }
    let entries = entries.into_iter().map(|shown| entry(shown, only_unread, &reader)).collect_view();
    view! { <Entries label="Inbox">{entries}</Entries> }.into_any()
}

fn empty(only_unread: bool) -> impl IntoView {
    let (title, explanation) = if only_unread {
        ("Nothing is unread", "What you have read is under All.")
    } else {
        (
            "Nothing yet",
            "Here you are told what concerns you: that you were made a member, that your role changed, that something ends soon.",
        )
    };
    view! { <EmptyState icon=Icon::Inbox title=title explanation=explanation/> }
}

fn entry(shown: Shown, only_unread: bool, reader: &Reader) -> impl IntoView + use<> {
    let Shown { key, place, item } = shown;
    let time = reader.shown(item.created_at);
    let is_new = item.read_at.is_none();
    let (title, paragraphs) = (item.title.clone(), item.paragraphs());
    let mark = is_new.then(|| view! { <MarkRead item=item.id title=item.title key=key place=place only_unread=only_unread/> });
    view! {
        <Entry title=title paragraphs=paragraphs href=item.link is_new=is_new time=(time.rfc3339, time.absolute, time.relative)>
            {mark}
        </Entry>
    }
}

#[component]
fn MarkRead(item: InboxItemId, title: String, key: String, place: String, only_unread: bool) -> impl IntoView {
    view! {
        <Form action=paths::inbox_read(item) key=key place=place>
            {only_unread.then(|| view! { <input type="hidden" name="show" value="unread"/> })}
            <Button kind=ButtonKind::Quiet>"Mark as read"<span class="visually-hidden">": " {title}</span></Button>
        </Form>
    }
}
