//! Inviting, joining, other roles, leaving and being removed.

use anyhow::Context as _;
use chrono::TimeDelta;

use crate::{
    cli::demo::company::{Company, cast, markup, story::Act},
    paths,
};

impl Company {
    pub(super) async fn change_people(&mut self, who: &'static str, act: &Act) -> anyhow::Result<()> {
        match act {
            Act::Invite { place, people, role, days } => self.invite(who, place, people, role, *days).await,
            Act::Accept { place } => self.accept(who, place).await,
            Act::ChangeRole { place, of, role } => {
                let path = self.follow(who, &format!("{}/members", self.path(place)?), of).await?;
                self.send_anew(who, &path, &format!("{path}/role"), |form| form.with("role", role)).await.map(drop)
            }
            Act::Remove { place, whom } => {
                let path = self.follow(who, &format!("{}/members", self.path(place)?), whom).await?;
                let page = format!("{path}/remove");
                self.send_anew(who, &page, &page, |form| form.with("fate", "hand_over")).await.map(drop)
            }
            Act::Leave { place } => {
                let page = format!("{}/members/leave", self.path(place)?);
                self.send_anew(who, &page, &page, |form| form).await.map(drop)
            }
            Act::TeamRole { team, of, role } => {
                let path = self.follow(who, &format!("{}/people", self.path(team)?), of).await?;
                self.send_anew(who, &path, &format!("{path}/role"), |form| form.with("role", role)).await.map(drop)
            }
            _ => anyhow::bail!("nobody does this here"),
        }
    }

    /// History sends no mail: the links are shown to whoever invites, who passes them on.
    async fn invite(
        &mut self,
        who: &'static str,
        place: &'static str,
        people: &[&'static str],
        role: &str,
        days: Option<i64>,
    ) -> anyhow::Result<()> {
        let page = format!("{}/members/invite", self.path(place)?);
        let addresses: Vec<&str> = people.iter().map(|person| cast::member(person).map_or(*person, |member| member.email)).collect();
        let ends = days.map(|days| (self.stoa.clock.now() + TimeDelta::days(days)).format("%Y-%m-%d").to_string());
        let fill =
            |form: markup::Form| form.with("addresses", &addresses.join("\n")).with("role", role).with("ends", &ends.unwrap_or_default());
        let answer = self.send_anew(who, &page, &page, fill).await?;
        let links = markup::invitations(&answer.body);
        anyhow::ensure!(links.len() == people.len(), "{} invited, {} links", people.len(), links.len());
        self.letters.extend(people.iter().map(|person| (*person, place)).zip(links));
        Ok(())
    }

    async fn accept(&mut self, who: &'static str, place: &'static str) -> anyhow::Result<()> {
        let link = self.letters.remove(&(who, place)).with_context(|| format!("{who} was not invited to {place}"))?;
        let router = self.router.clone();
        // Opened by a stranger, who signs in then.
        self.known(who)?.open(&router, &link).await?;
        self.send(who, paths::INVITATION, paths::INVITATION, |form| form).await.map(drop)
    }
}
