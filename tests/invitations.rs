//! Inviting: one or many, an answer for each, and links whose secret is shown once and kept nowhere.

use chrono::TimeDelta;

use crate::support::{Answer, Console, Person, Team, logs, people::link_in};

async fn act(console: &Console, team: &Team, by: &Person, email: &str, verb: &str) -> Answer {
    let id = console.invitation_id(email).await;
    let version = console.database.text("select version::text from invitation where id = $1", id.0).await;
    let path = format!("/w/{}/members/invitations/{id}/{verb}", team.slug);
    by.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug), ("version", &version)]).await
}

#[tokio::test]
async fn the_secret_is_in_the_one_answer_and_nowhere_else() {
    logs::capture();
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let key = console.form_key();
    let path = format!("/w/{}/members/invite", team.slug);
    let fields = [("form", key.as_str()), ("place", team.slug.as_str()), ("addresses", "Grace <grace@Example.com>"), ("role", "member")];
    let answer = team.admin.browser.post(&path, &fields).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "no-store"), "{}", answer.text());
    let link = link_in(&answer);
    let secret = link.rsplit('_').next().expect("a secret").to_owned();
    assert_eq!(secret.len(), 49);

    let again = team.admin.browser.post(&path, &fields).await;
    assert_eq!(again.location(), format!("/w/{}/members/invitations", team.slug), "sent twice, it is not shown again");
    assert_eq!(console.actors_of(team.workspace, "invitation.created").await, ["Acme Admin"]);
    let list = team.auditor.browser.get(again.location()).await;
    assert!(list.text().contains("grace@example.commemberAcme AdminLink copiedin 7 days"), "{}", list.text());
    let page = team
        .auditor
        .browser
        .get(&format!("/w/{}/members/invitations/{}", team.slug, console.invitation_id("grace@example.com").await))
        .await;
    assert_eq!((page.status.as_u16(), page.count("main form")), (200, 0), "an auditor sees it and has nothing to press");

    let stranger = console.a_stranger();
    stranger.get(&link).await;
    stranger.get("/invitation").await;
    assert_eq!(logs::lines_with(&[&secret[..43]]), Vec::<String>::new(), "the secret is in the log");
    let mut owner = console.database.connect("stoa_owner").await;
    for table in ["invitation", "audit_event", "outbox", "form_answer", "mail", "job", "inbox_item"] {
        let sql = format!("select count(*) from {table} where {table}::text like '%' || $1 || '%'");
        let found: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(&secret[..43]).fetch_one(&mut owner).await.expect("a count");
        assert_eq!(found, 0, "{table}");
    }
    assert_eq!(console.database.count("select count(*) from invitation where octet_length(secret_hash) = 32").await, 1);
}

#[tokio::test]
async fn each_line_gets_its_own_answer_and_what_can_be_done_is_done() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    console.joins(&team, "Ida", stoa::access::WorkspaceRole::Member).await;
    console.invited(&team, "known@example.com", "member").await;
    console.change("update tenant set allowed_domains = '{example.com}' where tenant_id = $1", team.tenant.0).await;
    let pasted =
        "new@example.com; \"Doe, Jane\" <jane@example.com>\nIDA@example.com, KNOWN@example.com\nnew@EXAMPLE.com\nx@elsewhere.org\nnonsense";
    let answer = console.invites(&team, &team.owner, pasted, "readonly").await;
    assert_eq!(answer.status, 200);
    let text = answer.text();
    for says in [
        "2 of 7 invited",
        "IDA@example.comMemberIs a member already.",
        "KNOWN@example.comAlready invitedIs invited already.",
        "new@example.comRepeatedStands here twice.",
        "x@elsewhere.orgNot allowedIs outside the domains",
        "nonsenseNot an addressIt has no @.",
    ] {
        assert!(text.contains(says), "{says}: {text}");
    }
    assert_eq!(answer.body.matches("/invitations/stoa_inv_live_").count() / 2, 2, "a link for each, to read and to copy");
    assert_eq!(console.database.count("select count(*) from invitation where role = 'readonly'").await, 2);
    assert_eq!(console.actors_of(team.workspace, "invitation.created").await.len(), 3);
}

#[tokio::test]
async fn where_nothing_can_be_done_the_form_stays_with_what_was_entered() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let many = (0..51).map(|number| format!("p{number}@x.org")).collect::<Vec<_>>().join("\n");
    for (pasted, role, says) in [
        ("", "member", "There is no address"),
        ("nonsense\nada@", "member", "ada@: Something is missing"),
        (many.as_str(), "member", "These are 51 addresses. Invite 50"),
        ("a@x.org", "emperor", "This role is not known"),
    ] {
        let answer = console.invites(&team, &team.owner, pasted, role).await;
        assert_eq!(answer.status, 422, "{says}");
        assert!(answer.text().contains(says), "{says}: {}", answer.text());
        assert!(answer.body.contains(pasted), "what was entered is kept");
    }
    assert_eq!(console.database.count("select count(*) from invitation").await, 0);
}

#[tokio::test]
async fn nobody_invites_above_their_own_level() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for (person, role, status) in [
        (&team.owner, "owner", 200),
        (&team.admin, "owner", 403),
        (&team.admin, "admin", 200),
        (&team.member, "readonly", 403),
        (&team.auditor, "readonly", 403),
    ] {
        let before = console.database.count("select count(*) from invitation").await;
        let answer = console.invites(&team, person, &format!("{role}-by-{}@x.org", person.user), role).await;
        assert_eq!(answer.status, status, "{} invites {role}: {}", person.name, answer.text());
        let after = console.database.count("select count(*) from invitation").await;
        assert_eq!(after - before, i64::from(status == 200));
    }
    let page = team.admin.browser.get(&format!("/w/{}/members/invite", team.slug)).await;
    assert_eq!(page.count("main input[name=role]"), 3, "owner is not on offer");
    // Nor do they handle an invitation to more than they are.
    let email = format!("owner-by-{}@x.org", team.owner.user);
    for verb in ["link", "revoke"] {
        assert_eq!(act(&console, &team, &team.admin, &email, verb).await.status, 403, "{verb}");
        assert_eq!(act(&console, &team, &team.auditor, &email, verb).await.status, 403, "{verb}");
    }
    assert_eq!(console.actors_of(team.workspace, "invitation.revoked").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_personal_account_says_how_to_become_a_team() {
    let console = Console::start().await;
    let ada = console.signed_in_as("Ada").await;
    let workspace = ada.browser.get("/").await.location().to_owned();
    let slug = workspace.trim_start_matches("/w/").to_owned();
    let page = ada.browser.get(&format!("{workspace}/members/invite")).await;
    assert_eq!((page.status.as_u16(), page.count("main form")), (200, 0));
    assert_eq!(page.count("main a[href^='/t/personal-'][href$='/settings/team']"), 1, "{}", page.text());
    let fields = [("form", console.form_key()), ("place", slug), ("addresses", "a@x.org".to_owned()), ("role", "member".to_owned())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(ada.browser.post(&format!("{workspace}/members/invite"), &fields).await.status, 409);
    assert_eq!(console.database.count("select count(*) from invitation").await, 0);
}

#[tokio::test]
async fn a_new_link_kills_the_one_before_and_lives_for_seven_days() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let old = console.invited(&team, "grace@example.com", "member").await;
    console.hands.advance(TimeDelta::days(6));
    for person in [&team.admin, &team.owner, &team.auditor] {
        let session = console.new_session(person.user, &person.name).await;
        person.browser.set_cookie("stoa_session", &session);
    }
    let id = console.invitation_id("grace@example.com").await;
    let answer = act(&console, &team, &team.admin, "grace@example.com", "link").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let new = link_in(&answer);
    assert_ne!(old, new);
    assert_eq!(console.actors_of(team.workspace, "invitation.link_created").await, ["Acme Admin"]);
    let changes = console
        .database
        .text("select changes::text from audit_event where action = 'invitation.link_created' and log_id = $1", team.workspace.0)
        .await;
    assert!(changes.contains("invited_by") && changes.contains("2026-12-04"), "whoever makes a link vouches for it: {changes}");

    let stranger = console.a_stranger();
    stranger.get(&old).await;
    assert_eq!(stranger.get("/invitation").await.status, 404);
    stranger.get(&new).await;
    assert_eq!(stranger.get("/invitation").await.status, 200);
    console.hands.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    assert_eq!(stranger.get("/invitation").await.status, 200);
    console.hands.advance(TimeDelta::seconds(1));
    let expired = stranger.get("/invitation").await;
    assert_eq!(expired.status, 410);
    assert!(expired.text().contains("expired") && expired.text().contains("Ask Acme Admin"), "{}", expired.text());

    let session = console.new_session(team.owner.user, "Acme Owner").await;
    team.owner.browser.set_cookie("stoa_session", &session);
    let list = team.owner.browser.get(&format!("/w/{}/members/invitations", team.slug)).await;
    assert!(list.text().contains("Expired"), "{}", list.text());
    assert_eq!(act(&console, &team, &team.owner, "grace@example.com", "link").await.status, 200, "an expired one comes back to life");
    // Two who make a link at once: one of them is told.
    let path = format!("/w/{}/members/invitations/{id}/link", team.slug);
    let late = team.owner.browser.post(&path, &[("form", &console.form_key()), ("place", &team.slug), ("version", "1")]).await;
    assert_eq!(late.status, 409);
    assert!(late.text().contains("changed by someone else"), "{}", late.text());
}

#[tokio::test]
async fn a_revoked_invitation_is_over_and_the_address_can_be_invited_again() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    let link = console.invited(&team, "grace@example.com", "member").await;
    assert_eq!(act(&console, &team, &team.admin, "grace@example.com", "revoke").await.status, 303);
    assert_eq!(console.actors_of(team.workspace, "invitation.revoked").await, ["Acme Admin"]);
    let stranger = console.a_stranger();
    stranger.get(&link).await;
    let page = stranger.get("/invitation").await;
    assert_eq!(page.status, 410);
    assert!(page.text().contains("revoked"), "{}", page.text());
    for verb in ["link", "mail", "revoke"] {
        let status = act(&console, &team, &team.admin, "grace@example.com", verb).await.status.as_u16();
        assert!(matches!(status, 404 | 409), "{verb}: {status}");
    }
    console.invited(&team, "grace@example.com", "admin").await;
}

#[tokio::test]
async fn invitations_of_elsewhere_are_not_there() {
    let console = Console::start().await;
    let (acme, zenith) = (console.team("Acme").await, console.team("Zenith").await);
    console.invited(&zenith, "grace@example.com", "member").await;
    let id = console.invitation_id("grace@example.com").await;
    for tail in ["", "/link", "/mail", "/revoke"] {
        let path = format!("/w/{}/members/invitations/{id}{tail}", acme.slug);
        let answer = if tail.is_empty() {
            acme.owner.browser.get(&path).await
        } else {
            acme.owner.browser.post(&path, &[("form", &console.form_key()), ("place", &acme.slug), ("version", "1")]).await
        };
        assert_eq!(answer.status, 404, "{tail}");
        assert!(!answer.body.contains("grace"), "{tail}");
    }
    assert_eq!(console.database.count("select count(*) from invitation where status = 'pending' and link_version = 1").await, 1);
}

#[tokio::test]
async fn two_who_invite_the_same_address_at_once_make_one_invitation() {
    let console = Console::start().await;
    let team = console.team("Acme").await;
    for round in 0..10 {
        let address = format!("grace{round}@example.com");
        let (one, two) =
            tokio::join!(console.invites(&team, &team.owner, &address, "member"), console.invites(&team, &team.admin, &address, "member"));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 422], "round {round}: {} / {}", one.text(), two.text());
    }
    assert_eq!(console.database.count("select count(*) from invitation").await, 10);
    assert_eq!(console.actors_of(team.workspace, "invitation.created").await.len(), 10);
}

#[tokio::test]
async fn with_mail_the_link_is_made_when_the_mail_is_sent() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    let answer = console.invites(&team, &team.admin, "Grace <grace@example.com>", "member").await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("A mail with the link is on its way.") && !answer.body.contains("stoa_inv_"), "{}", answer.text());
    assert_eq!(
        console.database.count("select count(*) from invitation where secret_hash is not null").await,
        0,
        "no secret waits anywhere"
    );
    let list = format!("/w/{}/members/invitations", team.slug);
    assert!(team.auditor.browser.get(&list).await.text().contains("Mail on its way"));
    console.work_off().await;
    let mail = postbox.mail();
    assert_eq!((mail.to.as_str(), mail.header("Subject").as_str()), ("grace@example.com", "Acme Admin invites you to Acme Shop"));
    let link = mailed_link(&mail.text());
    assert!(team.auditor.browser.get(&list).await.text().contains("Mailed"));
    assert_eq!(console.actors_of(team.workspace, "invitation.link_created").await, ["Stoa"]);
    let grace = console.signed_in_as("Grace").await;
    assert_eq!(console.accepts(&grace, &link).await.status, 303);
    console.work_off().await;
    assert_eq!(postbox.mails().len(), 2, "one invitation, and what the inviter is told");
}

#[tokio::test]
async fn a_mail_whose_link_was_replaced_is_not_sent() {
    let (console, postbox) = Console::start_with_mail().await;
    let team = console.team("Acme").await;
    for email in ["copied@example.com", "revoked@example.com", "resent@example.com"] {
        assert_eq!(console.invites(&team, &team.owner, email, "member").await.status, 200);
    }
    let copied = link_in(&act(&console, &team, &team.owner, "copied@example.com", "link").await);
    assert_eq!(act(&console, &team, &team.owner, "revoked@example.com", "revoke").await.status, 303);
    assert_eq!(act(&console, &team, &team.owner, "resent@example.com", "mail").await.status, 303);
    console.work_off().await;
    assert_eq!(postbox.mail().to, "resent@example.com", "and only once");
    assert_eq!(console.database.count("select count(*) from mail where status = 'superseded'").await, 3);
    let stranger = console.a_stranger();
    stranger.get(&copied).await;
    assert_eq!(stranger.get("/invitation").await.status, 200, "what was copied still opens");

    // Resending kills the link that went before, from that moment on.
    stranger.get(&mailed_link(&postbox.mail().text())).await;
    assert_eq!(stranger.get("/invitation").await.status, 200);
    assert_eq!(act(&console, &team, &team.owner, "resent@example.com", "mail").await.status, 303);
    assert_eq!(stranger.get("/invitation").await.status, 404);
    postbox.answer("resent", "550 5.1.1 no such user");
    console.work_off().await;
    let list = team.owner.browser.get(&format!("/w/{}/members/invitations", team.slug)).await;
    assert!(list.text().contains("Mail failed"), "{}", list.text());
    console.hands.advance(TimeDelta::minutes(10));
    assert_eq!(act(&console, &team, &team.admin, "resent@example.com", "mail").await.status, 303, "and can be sent once more");
}

fn mailed_link(text: &str) -> String {
    let start = text.find("/invitations/").expect("a link");
    text[start..].split_whitespace().next().expect("a link").to_owned()
}
