//! The Sessions page: every place where the person is signed in, and the ways to end that.

use leptos::prelude::*;

use super::server::{self, Live, SHOWN_MAX, Which};
use crate::{
    error::AppError,
    paths,
    server::{
        Reader,
        http::{FormAnswer, Page, Submission, Visit, form::PLACE},
        scope::AsUser,
        sessions::cookie_name,
    },
    ui::{Actions, Button, ButtonKind, Column, DangerAct, DangerZone, Form, Notice, PageHeader, StatusBadge, Table, Time, Tone},
};

/// What a row's form names its session by.
const SESSION: &str = "session";

pub async fn show(mut visit: Visit<AsUser>) -> Result<Page, AppError> {
    let live = server::list(&mut visit.scope).await?;
    let surroundings = visit.surroundings();
    let reader = visit.reader();
    let place = visit.scope.person().id.to_string();
    let says = visit.refused.as_ref().map(|refused| refused.error.to_string());
    let is_cut = i64::try_from(live.len()).is_ok_and(|shown| shown >= SHOWN_MAX);
    let others = live.iter().filter(|session| !session.is_this).count();
    // A key for each form: whoever goes back and ends another one means another one.
    let keyed = live.into_iter().map(|session| (visit.form_key(), session)).collect();
    let ends = Ends { place: place.clone(), others_key: visit.form_key(), all_key: visit.form_key(), others };
    visit.scope.close().await?;
    Ok(Page::framed("Sessions", surroundings, move || {
        view! {
            <PageHeader title="Sessions" purpose="Where you are signed in. End what you do not know; it is over with its next click."/>
            {says.map(|says| view! { <Notice tone=Tone::Warning>{says}</Notice> })}
            <SessionTable keyed=keyed place=place reader=reader/>
            {is_cut.then(|| view! { <p class="muted">"Only the sessions that were used last are shown. Ending the others ends the rest as well."</p> })}
            <EndMany ends=ends/>
        }
    }))
}

pub async fn end_one(mut submission: Submission<AsUser>) -> Result<FormAnswer, AppError> {
    ask_whose(&submission)?;
    let handle = submission.fields.get(SESSION).to_owned();
    server::end(&mut submission.scope, Which::One(&handle)).await?;
    submission.scope.answer_form(submission.form, paths::SESSIONS);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(paths::SESSIONS.to_owned()).saying("The session is ended."))
}

pub async fn end_others(mut submission: Submission<AsUser>) -> Result<FormAnswer, AppError> {
    ask_whose(&submission)?;
    let ended = server::end(&mut submission.scope, Which::Others).await?;
    submission.scope.answer_form(submission.form, paths::SESSIONS);
    submission.scope.commit().await?;
    let says = match ended {
        0 => "There was no other session.".to_owned(),
        1 => "The other session is ended.".to_owned(),
        many => format!("{many} other sessions are ended."),
    };
    Ok(FormAnswer::to(paths::SESSIONS.to_owned()).saying(says))
}

/// Signs out here as well.
pub async fn end_all(mut submission: Submission<AsUser>) -> Result<FormAnswer, AppError> {
    ask_whose(&submission)?;
    let cookie = cookie_name(submission.scope.stoa().config.public_urls.is_https());
    server::end(&mut submission.scope, Which::All).await?;
    submission.scope.answer_form(submission.form, paths::SIGNED_OUT);
    submission.scope.commit().await?;
    Ok(FormAnswer::to(paths::SIGNED_OUT.to_owned()).with_cookie(cookie, "", 0))
}

/// Rendered for one person, sent by another: someone else signed in in between.
fn ask_whose(submission: &Submission<AsUser>) -> Result<(), AppError> {
    if submission.fields.get(PLACE) == submission.scope.person().id.to_string() { Ok(()) } else { Err(AppError::WrongPlace) }
}

#[component]
fn SessionTable(keyed: Vec<(String, Live)>, place: String, reader: Reader) -> impl IntoView {
    let rows = keyed.into_iter().map(|(key, session)| row(session, key, &place, &reader)).collect_view();
    let columns = vec![
        Column::text("Device"),
        Column::text("Signed in from"),
        Column::text("Signed in"),
        Column::text("Last seen"),
        Column::text("Last act"),
        Column::text("Workspaces reached"),
        Column::actions("End"),
    ];
    view! { <Table caption="Your sessions" columns=columns>{rows}</Table> }
}

fn row(session: Live, key: String, place: &str, reader: &Reader) -> impl IntoView + use<> {
    let (signed_in, seen) = (reader.shown(session.signed_in_at), reader.shown(session.last_seen_at));
    let act = session.last_act.map(|(says, at)| (says, reader.shown(at)));
    let act = act.map(
        |(says, at)| view! { {says} " " <span class="muted"><Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/></span> },
    );
    let this = session.is_this.then(|| view! { " " <StatusBadge tone=Tone::Success text="this one"/> });
    let device = session.device.clone();
    let end = (!session.is_this).then(|| view! { <EndOne key=key place=place.to_owned() handle=session.handle device=session.device/> });
    view! {
        <tr>
            <th scope="row">{device}{this}</th>
            <td>{session.ip.unwrap_or_else(|| "unknown".to_owned())}</td>
            <td><Time rfc3339=signed_in.rfc3339 absolute=signed_in.absolute shown=signed_in.relative/></td>
            <td><Time rfc3339=seen.rfc3339 absolute=seen.absolute shown=seen.relative/></td>
            <td>{act}</td>
            <td><Places reached=session.reached elsewhere=session.reached_elsewhere/></td>
            <td class="actions-cell">{end}</td>
        </tr>
    }
}

#[component]
fn Places(reached: Vec<server::Reached>, elsewhere: usize) -> impl IntoView {
    if reached.is_empty() && elsewhere == 0 {
        return view! { <span class="muted">"none yet"</span> }.into_any();
    }
    let hidden = match elsewhere {
        0 => None,
        1 => Some("1 that you can no longer open".to_owned()),
        many => Some(format!("{many} that you can no longer open")),
    };
    let separator = (!reached.is_empty() && hidden.is_some()).then_some(", ");
    let links = reached
        .into_iter()
        .enumerate()
        .map(|(index, place)| {
            let before = (index > 0).then_some(", ");
            view! { {before} <a class="link" href=paths::overview(place.slug)>{place.name}</a> }
        })
        .collect_view();
    view! { {links}{separator}<span class="muted">{hidden}</span> }.into_any()
}

#[component]
fn EndOne(key: String, place: String, handle: String, device: String) -> impl IntoView {
    view! {
        <Form action=format!("{}/end", paths::SESSIONS) key=key place=place>
            <input type="hidden" name=SESSION value=handle/>
            <Button kind=ButtonKind::Quiet>"End"<span class="visually-hidden">" the session on "{device}</span></Button>
        </Form>
    }
}

#[derive(Clone, Debug)]
struct Ends {
    place: String,
    others_key: String,
    all_key: String,
    others: usize,
}

#[component]
fn EndMany(ends: Ends) -> impl IntoView {
    let Ends { place, others_key, all_key, others } = ends;
    let no_others = (others == 0).then(|| "There is no other session.".to_owned());
    let everywhere = place.clone();
    view! {
        <DangerZone>
            <DangerAct title="End all others" explanation="Signs you out of every browser but this one. Nothing else changes; you can sign in there again.">
                <Form action=format!("{}/end-others", paths::SESSIONS) key=others_key place=place>
                    <Actions><Button kind=ButtonKind::Danger disabled_because=no_others>"End all others"</Button></Actions>
                </Form>
            </DangerAct>
            <DangerAct title="End all" explanation="Signs you out of every browser, this one too.">
                <Form action=format!("{}/end-all", paths::SESSIONS) key=all_key place=everywhere>
                    <Actions><Button kind=ButtonKind::Danger>"End all and sign out"</Button></Actions>
                </Form>
            </DangerAct>
        </DangerZone>
    }
}
