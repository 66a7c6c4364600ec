//! One of everything that an address can name, so that an answer "not there" means refused and never merely absent.

use stoa::{
    access::WorkspaceRole,
    features::{
        billing::server::ledger,
        inbox::server::{Notice, tell},
        members, workspaces,
    },
    ids::{
        ApiKeyId, AuditId, AuditStreamId, ConsentId, InboxItemId, InvitationId, MembershipId, RecordId, ReductionId, RetentionRuleId,
        TenantId, TopUpId, WorkspaceId,
    },
    server::{events::Actor, proof},
};
use uuid::Uuid;

use super::{Console, Team};
use crate::audit_views::save;

/// What the addresses of one team and of one of its workspaces name.
pub struct Things {
    pub slug: String,
    pub tenant_slug: String,
    pub key: ApiKeyId,
    client: ApiKeyId,
    member: MembershipId,
    /// Somebody's place in the team.
    place: MembershipId,
    row: AuditId,
    tenant_row: AuditId,
    invitation: InvitationId,
    consent: ConsentId,
    item: InboxItemId,
    /// Saved views of its owner and of everybody, in the log of the workspace and in that of the tenant.
    views: [String; 4],
    /// Audit streams of the workspace's log and of the tenant's.
    streams: [AuditStreamId; 2],
    /// One that runs, without a job.
    reduction: ReductionId,
    /// One that nobody has paid.
    top_up: TopUpId,
    /// By which nothing of what there is goes.
    rule: RetentionRuleId,
    /// One of every resource, with the beginning of its addresses.
    records: Vec<(String, RecordId)>,
}

impl Things {
    /// A path of the live table, with every parameter filled in.
    pub fn address(&self, path: &str) -> String {
        self.address_at(&self.tenant_slug, &self.slug, path)
    }

    /// The same things, under the slugs of another place.
    pub fn address_at(&self, tenant_slug: &str, slug: &str, path: &str) -> String {
        let in_tenant = path.starts_with("/t/");
        let filled = path
            .replace("{tenant}", tenant_slug)
            .replace("{workspace}", slug)
            .replace("{member}", &if in_tenant { self.place } else { self.member }.to_string())
            .replace("{row}", &if in_tenant { self.tenant_row } else { self.row }.to_string())
            .replace("{invitation}", &self.invitation.to_string())
            .replace("{key}", &self.key.to_string())
            .replace("{client}", &self.client.to_string())
            .replace("{of}", &self.key.to_string())
            // The first entry of its ledger, and its first invoice.
            .replace("{number}", "1")
            .replace("{consent}", &self.consent.to_string())
            .replace("{item}", &self.item.to_string())
            .replace("{view}", &self.views[usize::from(in_tenant) * 2 + usize::from(!path.contains("/views/"))])
            .replace("{stream}", &self.streams[usize::from(in_tenant)].to_string())
            .replace("{reduction}", &self.reduction.to_string())
            .replace("{top_up}", &self.top_up.to_string())
            .replace("{rule}", &self.rule.to_string())
            // Every workspace has the same modules: what it names is here too.
            .replace("{module}", "tasks")
            .replace("{record}", &self.record(path))
            .replace("{code}", "validation_failed")
            .replace("{noun}", "tasks")
            .replace("{token}", "stoa_inv_live_nobody")
            // By ids, which nobody signed.
            .replace("{tenant_id}", &TenantId(Uuid::nil()).to_string())
            .replace("{workspace_id}", &WorkspaceId(Uuid::nil()).to_string())
            .replace("{asset_id}", &RecordId(Uuid::nil()).to_string());
        // What these are asked for stands in the query.
        let filled = match path.rsplit('/').next() {
            Some("records.jsonl" | "preview" | "export") if path.contains("/data/") || path.starts_with("/reductions/") => {
                filled + "?act=purge&resource=task&days=90"
            }
            _ => filled,
        };
        assert!(!filled.contains('{'), "what {filled} names is not among the things of a test's team: put one there");
        filled
    }

    /// The record that the address is about.
    fn record(&self, path: &str) -> String {
        let about = |first: &str| path == first || path.strip_prefix(first).is_some_and(|rest| rest.starts_with('/'));
        self.records.iter().find(|(first, _)| about(first)).map_or_else(|| "{record}".to_owned(), |(_, id)| id.to_string())
    }
}

/// Whether the path names something below a tenant or a workspace that another one does not have.
pub fn names_a_thing(path: &str) -> bool {
    path.replace("{tenant}", "").replace("{workspace}", "").replace("{module}", "").contains('{')
}

impl Console {
    /// Puts one of everything into the team's workspace, made by its owner; of people, its member.
    pub async fn things(&self, team: &Team) -> Things {
        let email = format!("guest@{}.example.com", team.slug);
        assert_eq!(self.invites(team, &team.owner, &email, "member").await.status, 200);
        let key = self.client(&team.owner, &team.slug, &["members:read", "credentials:read"]).await.key;
        let client = self.agent(&team.owner, &team.slug, &["members:read"]).await.key;
        let path = format!("/w/{}/settings/support-access", team.slug);
        let fields = [("form", &*self.form_key()), ("place", &team.slug), ("reason", "One of everything"), ("lasting", "24")];
        let granted = team.owner.browser.post(&path, &fields).await;
        assert_eq!(granted.status, 303, "{}", granted.text());
        let path = format!("/w/{}/settings/spend/cap", team.slug);
        let of = key.to_string();
        let fields = [("form", &*self.form_key()), ("place", &team.slug), ("of", &of), ("amount", "100"), ("kind", "soft")];
        assert_eq!(team.owner.browser.post(&path, &fields).await.status, 303);
        let mut scope = self.service(team).await;
        let notice = Notice {
            kind: "test.told",
            tenant: Some(team.tenant),
            workspace: None,
            title: "One of everything".to_owned(),
            body: String::new(),
            link: None,
        };
        tell(&mut scope, team.owner.user, &notice).await.expect("told");
        scope.commit().await.expect("committed");
        self.one_invoice(team).await;
        let views = self.views(team).await;
        let streams = self.streams(team).await;
        let reduction = self.reduction(team).await;
        let top_up = self.top_up(team).await;
        let rule = self.rule(team).await;
        let of = |sql: &'static str, id: Uuid| async move { self.database.text(sql, id).await.parse::<Uuid>().expect("an id") };
        let records = self.one_record_each(&team.owner, &team.slug).await;
        // What can be proven is.
        proof::seal_now(&self.stoa).await.expect("sealed");
        Things {
            slug: team.slug.clone(),
            tenant_slug: team.tenant_slug.clone(),
            key,
            client,
            member: self.member_id(team.workspace, team.member.user).await,
            place: MembershipId(
                of(
                    "select tenant_membership.id::text from tenant_membership join app_user on app_user.id = user_id
                     where tenant_id = $1 and app_user.name like '% Member'",
                    team.tenant.0,
                )
                .await,
            ),
            row: AuditId(of("select id::text from audit_event where log_id = $1 limit 1", team.workspace.0).await),
            tenant_row: AuditId(of("select id::text from audit_event where log_id = $1 limit 1", team.tenant.0).await),
            invitation: self.invitation_id(&email).await,
            consent: ConsentId(of("select id::text from support_consent where workspace_id = $1", team.workspace.0).await),
            views,
            streams,
            reduction,
            top_up,
            rule,
            records,
            item: InboxItemId(of("select id::text from inbox_item where user_id = $1 limit 1", team.owner.user.0).await),
        }
    }

    /// And entries, of which what its plan includes is the first.
    async fn one_invoice(&self, team: &Team) {
        ledger::settle(&self.stoa, team.tenant, &Actor::operator(), self.stoa.clock.now()).await.expect("granted");
        let issued = "insert into invoice (tenant_id, number, period, issued_at, tenant_name, plan, plan_name, price_micros, usage_micros,
                          included_micros, prepaid_micros, waived_micros, adjusted_micros, due_micros, first_entry, last_entry)
                      values ($1, 1, '2026-10-01', '2026-11-01T00:05:00Z', 'Acme', 'builder', 'Builder', 99, 0, 0, 0, 0, 0, 99, 1, 1)
                      on conflict do nothing";
        self.change(issued, team.tenant.0).await;
        self.change("update ledger_head set last_invoice = 1 where tenant_id = $1", team.tenant.0).await;
    }

    async fn views(&self, team: &Team) -> [String; 4] {
        let (log, account) = (format!("/w/{}/audit-log", team.slug), format!("/t/{}/audit-log", team.tenant_slug));
        let mut views = Vec::new();
        for (place, log) in [(&team.slug, log), (&team.tenant_slug, account)] {
            for kind in ["views", "shared-views"] {
                let name = format!("One of everything, {}", team.slug);
                views.push(save(self, &team.owner, place, &format!("{log}/{kind}"), &name).await);
            }
        }
        views.try_into().expect("four")
    }

    async fn streams(&self, team: &Team) -> [AuditStreamId; 2] {
        let mut owner = self.database.connect("stoa_owner").await;
        let mut streams = Vec::new();
        for workspace in [Some(team.workspace.0), None] {
            let id = stoa::server::chance::uuid(self.stoa.clock.now());
            // Far ahead of its log, so that nothing is sent.
            let sql = "insert into audit_stream (tenant_id, workspace_id, id, name, url, next_seq, secret_salt, secret_pepper,
                           secret_made_at, due_at, created_at, updated_at)
                       values ($1, $2, $3, 'One of everything', 'https://siem.example.com/in', 1000000, '', 'gone', $4, $4, $4, $4)";
            let made = sqlx::query(sql).bind(team.tenant.0).bind(workspace).bind(id).bind(self.stoa.clock.now()).execute(&mut owner).await;
            made.expect("a stream");
            streams.push(AuditStreamId(id));
        }
        streams.try_into().expect("two")
    }

    async fn reduction(&self, team: &Team) -> ReductionId {
        let id = stoa::server::chance::uuid(self.stoa.clock.now());
        let sql = "insert into reduction (tenant_id, workspace_id, id, act, module, resource, basis, before, expected, user_id, asked_by,
                       started_at, touched_at, part_resources, part_fields)
                   values ($1, $2, $3, 'purge', 'tasks', 'task', 'archived', '2026-01-01', 1, $4, 'One of everything', $5, $5, '{}', '{}')";
        let mut owner = self.database.connect("stoa_owner").await;
        let made = sqlx::query(sql).bind(team.tenant.0).bind(team.workspace.0).bind(id).bind(team.owner.user.0).bind(self.stoa.clock.now());
        made.execute(&mut owner).await.expect("a reduction");
        ReductionId(id)
    }

    async fn top_up(&self, team: &Team) -> TopUpId {
        let id = stoa::server::chance::uuid(self.stoa.clock.now());
        let sql = "insert into top_up (tenant_id, id, provider, is_live, micros, asked_by, asked_at, state)
                   values ($1, $2, 'stripe', false, 25000000, $3, $4, 'asked')";
        let mut owner = self.database.connect("stoa_owner").await;
        let made = sqlx::query(sql).bind(team.tenant.0).bind(id).bind(team.owner.user.0).bind(self.stoa.clock.now());
        made.execute(&mut owner).await.expect("a top-up");
        TopUpId(id)
    }

    async fn rule(&self, team: &Team) -> RetentionRuleId {
        let (id, now) = (stoa::server::chance::uuid(self.stoa.clock.now()), self.stoa.clock.now());
        let sql =
            "insert into record_retention (tenant_id, workspace_id, id, act, module, resource, basis, days, set_by, set_by_name, set_at,
                       shown_at, next_run_at)
                   values ($1, $2, $3, 'purge', 'tasks', 'task', 'archived', 3650, $4, 'One of everything', $5, $5, $5 + interval '1 day')";
        let mut owner = self.database.connect("stoa_owner").await;
        let made = sqlx::query(sql).bind(team.tenant.0).bind(team.workspace.0).bind(id).bind(team.owner.user.0).bind(now);
        made.execute(&mut owner).await.expect("a rule");
        RetentionRuleId(id)
    }

    /// One more workspace of the team with the same people in the same roles, which the team stands for from now on.
    /// Returns the one before.
    pub async fn next_workspace(&self, team: &mut Team) -> (WorkspaceId, String) {
        let mut scope = self.service(team).await;
        let workspace = workspaces::server::create(&mut scope, "next", "Next").await.expect("a workspace");
        let people: Vec<(_, _, WorkspaceRole)> =
            team.people().into_iter().map(|(person, role)| (person.user, person.name.clone(), role)).collect();
        for (user, name, role) in people {
            members::server::add(&mut scope, team.tenant, workspace, user, &name, role).await.expect("added");
        }
        scope.commit().await.expect("committed");
        let slug = self.database.text("select slug from workspace where workspace_id = $1", workspace.0).await;
        (std::mem::replace(&mut team.workspace, workspace), std::mem::replace(&mut team.slug, slug))
    }
}
