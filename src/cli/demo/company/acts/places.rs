//! Teams and workspaces: made, archived, bounded by caps, their modules switched, and opened to support.

use anyhow::Context as _;

use crate::{
    access::workspace::ReadSpend,
    cli::demo::company::{Company, story::Act},
    features::billing::server::{Figures, of_workspace},
    money::Micros,
    server::scope::{Intent, WorkspaceScope},
};

const CENT: i64 = 10_000;

impl Company {
    pub(super) async fn change_places(&mut self, who: &'static str, act: &Act) -> anyhow::Result<()> {
        match act {
            Act::CreateTeam { name, from } => {
                let page = format!("{}/teams/new", self.path(from)?);
                let answer = self.send(who, &page, &page, |form| form.with("name", name)).await?;
                let slug = answer.location.split('/').nth(2).with_context(|| format!("{} leads to no team", answer.location))?;
                self.places.insert(name, format!("/t/{slug}"));
                Ok(())
            }
            Act::CreateWorkspace { team, word, name } => {
                let page = format!("{}/workspaces/new", self.path(team)?);
                let answer = self.send(who, &page, &page, |form| form.with("name", name).with("word", word)).await?;
                self.places.insert(word, answer.location);
                Ok(())
            }
            Act::Archive { place } => {
                let page = format!("{}/settings/archive", self.path(place)?);
                let phrase = format!("delete {}", self.slug(place)?);
                self.send_anew(who, &page, &page, |form| form.with("phrase", &phrase)).await.map(drop)
            }
            Act::SwitchOff { place, module } => {
                let page = format!("{}/modules/{module}/disable", self.path(place)?);
                self.send(who, &page, &page, |form| form).await.map(drop)
            }
            Act::SwitchOn { place, module } => {
                let page = format!("{}/modules/{module}", self.path(place)?);
                self.send(who, &page, &format!("{page}/enable"), |form| form).await.map(drop)
            }
            _ => anyhow::bail!("nobody does this to a place"),
        }
    }

    pub(super) async fn bound(&mut self, who: &'static str, act: &Act) -> anyhow::Result<()> {
        match act {
            Act::AccountCap { team, amount } => {
                let page = format!("{}/billing", self.path(team)?);
                let fill = |form: super::Form| form.with("of", "account").with("amount", amount).with("kind", "soft");
                self.send(who, &page, &format!("{page}/cap"), fill).await.map(drop)
            }
            Act::Cap { place, reached } => self.cap(who, place, *reached).await,
            Act::Support { place, reason, hours } => {
                let page = format!("{}/settings/support-access", self.path(place)?);
                self.send_anew(who, &page, &page, |form| form.with("reason", reason).with("lasting", hours)).await.map(drop)
            }
            _ => anyhow::bail!("nobody does this to a place"),
        }
    }

    /// In whole cents, as people think. What is paused already stays as it is.
    async fn cap(&mut self, who: &'static str, place: &str, reached: bool) -> anyhow::Result<()> {
        let figures = self.figures(who, place).await?;
        if reached && figures.pauses.iter().any(|pause| pause.ended_at.is_none()) {
            return Ok(());
        }
        let cents = figures.total.rounded().0 / CENT;
        let amount = Micros(if reached { cents } else { cents + 1 + cents / 8 } * CENT).entered();
        let page = format!("{}/settings/spend", self.path(place)?);
        let fill = |form: super::Form| form.choosing("of", "ws_").with("amount", &amount).with("kind", "hard");
        self.send(who, &page, &format!("{page}/cap"), fill).await.map(drop)
    }

    /// What the Spend page shows.
    async fn figures(&mut self, who: &'static str, place: &str) -> anyhow::Result<Figures> {
        let stoa = self.stoa.clone();
        let slug = self.slug(place)?;
        let request = self.browser(who).await?.context(&stoa);
        let mut scope = WorkspaceScope::<ReadSpend>::open(&stoa, &request, Some(&slug), Intent::Read, false).await?;
        let figures = of_workspace(&mut scope).await?;
        scope.close().await?;
        Ok(figures)
    }
}
