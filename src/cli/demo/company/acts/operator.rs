//! What the operator does from the command line: the first team, plans, and what is allowed beside them.

use anyhow::Context as _;
use chrono::TimeDelta;

use crate::{
    access::{TenantRole, WorkspaceRole},
    cli::demo::company::{
        Company,
        cast::{ADAM, ARIA, MIA, OLIVIA, member},
        find_user,
        story::{Act, northwind},
    },
    features::{
        billing::server::{
            self as billing,
            entitlements::{self, Key, NewEntitlement},
            find_tenant,
        },
        inbox::{self, server::Notice},
        members, teams, workspaces,
    },
    ids::{TenantId, UserId},
    paths,
    server::{chance, events::Actor, http::request::RequestContext, plans, scope::ServiceScope},
};

const FIRST: [(&str, TenantRole, WorkspaceRole); 4] = [
    (OLIVIA, TenantRole::Owner, WorkspaceRole::Owner),
    (ADAM, TenantRole::Member, WorkspaceRole::Admin),
    (MIA, TenantRole::Member, WorkspaceRole::Member),
    (ARIA, TenantRole::Member, WorkspaceRole::Readonly),
];
const WORKSPACES: [(&str, &str); 2] = [(northwind::PRODUCTION, "Northwind Production"), (northwind::STAGING, "Northwind Staging")];

impl Company {
    pub(super) async fn as_operator(&mut self, act: &Act) -> anyhow::Result<()> {
        match act {
            Act::Found => self.found().await,
            Act::Welcome => self.welcome().await,
            Act::Plan { team, plan, reason } => self.give_plan(team, plan, reason).await,
            Act::Allow { team, key, value, reason, days } => self.allow(team, key, value, reason, *days).await,
            _ => anyhow::bail!("the operator does no such thing"),
        }
    }

    /// The first four come by themselves and are put into their team.
    async fn found(&mut self) -> anyhow::Result<()> {
        let tenant = TenantId(chance::uuid(self.stoa.clock.now()));
        let mut people = Vec::new();
        for (name, team_role, role) in FIRST {
            self.browser(name).await?;
            people.push((name, self.user(name).await?, team_role, role));
        }
        let mut scope = self.operating(tenant, "stoa demo").await?;
        teams::server::create(&mut scope, teams::server::TEAM, northwind::TEAM).await?;
        for (name, user, role, _) in &people {
            teams::server::add(&mut scope, *user, name, *role).await?;
        }
        for (word, name) in WORKSPACES {
            let workspace = workspaces::server::create(&mut scope, word, name).await?;
            for (person, user, _, role) in &people {
                members::server::add(&mut scope, tenant, workspace, *user, person, *role).await?;
            }
        }
        scope.commit().await?;
        self.find_first_places().await
    }

    /// As its owner finds them: by clicking.
    async fn find_first_places(&mut self) -> anyhow::Result<()> {
        let teams = self.follow(OLIVIA, paths::HOME, "Teams").await?;
        let list = self.follow(OLIVIA, &teams, northwind::TEAM).await?;
        for (word, name) in WORKSPACES {
            let path = self.follow(OLIVIA, &list, name).await?;
            self.places.insert(word, path);
        }
        self.places.insert(northwind::TEAM, list.trim_end_matches("/workspaces").to_owned());
        Ok(())
    }

    async fn give_plan(&mut self, team: &str, plan: &str, reason: &str) -> anyhow::Result<()> {
        let plan = plans::find(plan, self.stoa.clock.now()).with_context(|| format!("there is no plan {plan}"))?;
        let tenant = self.tenant(team).await?;
        let mut scope = self.operating(tenant, "stoa plan set").await?;
        billing::set_plan(&mut scope, plan, reason).await?;
        Ok(scope.commit().await?)
    }

    async fn allow(&mut self, team: &str, key: &str, value: &str, reason: &str, days: i64) -> anyhow::Result<()> {
        let key = Key::parse(key).map_err(anyhow::Error::msg)?;
        let until = Some(self.stoa.clock.now() + TimeDelta::days(days));
        let new = NewEntitlement {
            workspace: None,
            allowed: key.value(value).map_err(anyhow::Error::msg)?,
            key,
            reason: reason.to_owned(),
            until,
        };
        let tenant = self.tenant(team).await?;
        let mut scope = self.operating(tenant, "stoa entitlement set").await?;
        entitlements::set(&mut scope, &new).await?;
        Ok(scope.commit().await?)
    }

    /// In the present: it is what they find when they come, and mailed as everything is from now on.
    async fn welcome(&self) -> anyhow::Result<()> {
        let tenant = self.tenant(northwind::TEAM).await?;
        let request = RequestContext::internal(&self.present.clock, "cli", "stoa demo");
        let mut scope = ServiceScope::open_service(&self.present, &request, Actor::operator(), tenant, "demo").await?;
        let notice = Notice {
            kind: "tenant.member_added",
            tenant: Some(tenant),
            workspace: None,
            title: format!("You are in {}", northwind::TEAM),
            body: format!(
                "You were made a member of {} and of its workspaces.\n\nLook at your profile: your name is what your colleagues see.",
                northwind::TEAM
            ),
            link: Some(paths::PROFILE.to_owned()),
        };
        for (name, ..) in FIRST {
            let user = self.user(name).await?;
            inbox::server::tell(&mut scope, user, &notice).await?;
        }
        Ok(scope.commit().await?)
    }

    async fn user(&self, name: &str) -> anyhow::Result<UserId> {
        let subject = member(name).context("they are in the cast")?.subject;
        find_user(&self.stoa, subject).await?.with_context(|| format!("{name} did not come yet"))
    }

    async fn tenant(&self, team: &str) -> anyhow::Result<TenantId> {
        find_tenant(&self.stoa, &self.slug(team)?).await?.with_context(|| format!("{team} is there"))
    }

    async fn operating(&self, tenant: TenantId, command: &str) -> anyhow::Result<ServiceScope> {
        let request = RequestContext::internal(&self.stoa.clock, "cli", command);
        Ok(ServiceScope::open_service(&self.stoa, &request, Actor::operator(), tenant, "demo").await?)
    }
}
