//! The Mail page of a workspace: its last mails, newest first.

use leptos::prelude::*;

use crate::{
    access::workspace::ReadAudit,
    error::AppError,
    features::members::page::people_tabs,
    ids::MailId,
    paths,
    server::{
        Reader,
        http::{Page, Visit},
        mail::{self, Listed, Status},
        scope::InWorkspace,
    },
    ui::{Choice, Column, EmptyState, FilterBar, FilterSelect, Icon, Notice, PageHeader, Pager, StatusBadge, Table, Time, Tone},
};

pub async fn show(mut visit: Visit<InWorkspace<ReadAudit>>) -> Result<Page, AppError> {
    let status = Status::parse(visit.asked("status"));
    let after = visit.asked("after").parse::<MailId>().ok();
    let (tenant, workspace) = (visit.scope.tenant().id, visit.scope.workspace().clone());
    let listing = mail::list(&mut visit.scope, tenant, workspace.id, status, after).await?;
    let surroundings = visit.surroundings();
    let role = visit.scope.role();
    let (reader, is_configured) = (visit.reader(), visit.scope.stoa().config.mail.is_some());
    visit.scope.close().await?;
    let here = paths::mail_list(&workspace.slug);
    let next = listing.next.map(|last| address(&here, status, Some(last)));
    Ok(Page::framed("Mail", surroundings, move || {
        view! {
            <PageHeader title="Mail" purpose="What was mailed on this workspace's behalf in the last 90 days, and whether it went. What a mail said is not kept."/>
            {people_tabs(&workspace.slug, role, &here)}
            {(!is_configured).then(|| view! { <Notice tone=Tone::Info>"This installation sends no mail. Links can be copied instead, and everyone has an inbox here."</Notice> })}
            <FilterBar action=here.clone() clear=status.map(|_| here.clone())>
                <FilterSelect name="status" label="Status" choices=choices() value=status.map_or("", Status::name)/>
            </FilterBar>
            <Mails mails=listing.mails is_filtered={status.is_some() || after.is_some()} reader=reader/>
            <Pager first=after.map(|_| address(&here, status, None)) next=next/>
        }
    }))
}

fn address(here: &str, status: Option<Status>, after: Option<MailId>) -> String {
    let parts = [status.map(|status| format!("status={}", status.name())), after.map(|after| format!("after={after}"))];
    let query = parts.into_iter().flatten().collect::<Vec<_>>().join("&");
    if query.is_empty() { here.to_owned() } else { format!("{here}?{query}") }
}

fn choices() -> Vec<Choice> {
    std::iter::once(Choice::new("", "Any")).chain(Status::ALL.into_iter().map(|status| Choice::new(status.name(), label(status)))).collect()
}

fn label(status: Status) -> &'static str {
    match status {
        Status::Queued => "Waiting",
        Status::Sent => "Sent",
        Status::Failed => "Failed",
        Status::Superseded => "Taken back",
    }
}

fn tone(status: Status) -> Tone {
    match status {
        Status::Queued => Tone::Info,
        Status::Sent => Tone::Success,
        Status::Failed => Tone::Danger,
        Status::Superseded => Tone::Neutral,
    }
}

/// `invitation.mail` as a person reads it.
fn subject(kind: &str) -> String {
    let words = kind.trim_end_matches(".mail").replace(['.', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[component]
fn Mails(mails: Vec<Listed>, is_filtered: bool, reader: Reader) -> impl IntoView {
    if mails.is_empty() {
        let (title, explanation) = if is_filtered {
            ("No such mail", "Choose another status, or see all of them.")
        } else {
            ("No mail yet", "What is mailed to people who are invited here, and whether it went, will be listed here.")
        };
        return view! { <EmptyState icon=Icon::Mail title=title explanation=explanation/> }.into_any();
    }
    let columns = vec![
        Column::text("To"),
        Column::text("What"),
        Column::text("Status"),
        Column::number("Attempts"),
        Column::text("Last problem"),
        Column::text("Wanted"),
        Column::text("Sent"),
    ];
    let rows = mails.into_iter().map(|mail| row(mail, &reader)).collect_view();
    view! { <Table caption="Mails" columns=columns>{rows}</Table> }.into_any()
}

fn row(mail: Listed, reader: &Reader) -> impl IntoView + use<> {
    let wanted = reader.shown(mail.created_at);
    let sent = mail.sent_at.map(|at| reader.shown(at));
    view! {
        <tr>
            <th scope="row">{mail.recipient}</th>
            <td>{subject(&mail.kind)}</td>
            <td><StatusBadge tone=tone(mail.status) text=label(mail.status)/></td>
            <td class="number">{mail.attempts}</td>
            <td>{mail.last_error.unwrap_or_else(|| "–".to_owned())}</td>
            <td><Time rfc3339=wanted.rfc3339 absolute=wanted.absolute shown=wanted.relative/></td>
            <td>{sent.map_or_else(|| "–".into_any(), |at| view! { <Time rfc3339=at.rfc3339 absolute=at.absolute shown=at.relative/> }.into_any())}</td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_words() {
        assert_eq!(subject("invitation.mail"), "Invitation");
        assert_eq!(subject("key_expiry.mail"), "Key expiry");
        assert_eq!(subject(""), "");
    }

    #[test]
    fn the_filter_stays_from_page_to_page() {
        let after = MailId(uuid::Uuid::nil());
        assert_eq!(address("/x", None, None), "/x");
        assert_eq!(address("/x", Some(Status::Failed), Some(after)), format!("/x?status=failed&after={after}"));
    }
}
