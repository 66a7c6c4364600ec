//! How each act is done: the page is opened, its form filled in and sent, as its person would.

mod keys;
mod operator;
mod people;
mod places;

use anyhow::Context as _;
use http::StatusCode;

use super::{
    Company,
    browser::{Answer, Browser},
    cast,
    markup::{self, Form},
    story::{Act, OPERATOR, Scene},
};

/// What acts refuse themselves with where the page that leads on is not as they know it.
const ELSEWHERE: &str = "the console's pages have changed: the demonstration's company does not find its way";

impl Company {
    pub(super) async fn perform(&mut self, scene: &Scene) -> anyhow::Result<()> {
        let outcome = match scene.who {
            OPERATOR => self.as_operator(&scene.act).await,
            who => self.as_person(who, &scene.act).await,
        };
        outcome.with_context(|| format!("{}, {}: {:?}", scene.at.format("%-d %b %H:%M"), scene.who, scene.act))
    }

    async fn as_person(&mut self, who: &'static str, act: &Act) -> anyhow::Result<()> {
        match act {
            Act::LookAround => self.look_around(who).await,
            Act::Open { place, page } => self.try_page(who, place, page).await,
            Act::CreateTeam { .. } | Act::CreateWorkspace { .. } | Act::Archive { .. } | Act::SwitchOff { .. } | Act::SwitchOn { .. } => {
                self.change_places(who, act).await
            }
            Act::AccountCap { .. } | Act::Cap { .. } | Act::Support { .. } => self.bound(who, act).await,
            Act::CreateKey { .. }
            | Act::CreateToken { .. }
            | Act::Narrow { .. }
            | Act::Rotate { .. }
            | Act::Quarantine { .. }
            | Act::Revoke { .. }
            | Act::Limit { .. } => self.keep_keys(who, act).await,
            _ => self.change_people(who, act).await,
        }
    }

    /// Whoever has not joined yet does not come either.
    async fn look_around(&mut self, who: &'static str) -> anyhow::Result<()> {
        if !self.people.contains_key(who) {
            return Ok(());
        }
        let router = self.router.clone();
        let browser = self.browser(who).await?;
        let page = browser.visit(&router, "/").await?;
        for text in ["Usage", "Members"] {
            if let Some(link) = markup::link(&page, text) {
                browser.visit(&router, &link).await?;
            }
        }
        Ok(())
    }

    /// What is refused is refused; nobody is surprised.
    async fn try_page(&mut self, who: &'static str, place: &str, page: &str) -> anyhow::Result<()> {
        let path = format!("{}/{page}", self.path(place)?);
        let router = self.router.clone();
        let answer = self.browser(who).await?.open(&router, &path).await?;
        anyhow::ensure!(matches!(answer.status, StatusCode::OK | StatusCode::FORBIDDEN), "{path}: {}", answer.status);
        Ok(())
    }

    /// Fills in a form and sends it, by somebody who came before.
    async fn send(&mut self, who: &'static str, page: &str, action: &str, fill: impl FnOnce(Form) -> Form) -> anyhow::Result<Answer> {
        let router = self.router.clone();
        let browser = self.browser(who).await?;
        let form = fill(browser.form(&router, page, action).await?);
        browser.submit(&router, &form).await
    }

    /// The same, by somebody who proves who they are first.
    async fn send_anew(&mut self, who: &'static str, page: &str, action: &str, fill: impl FnOnce(Form) -> Form) -> anyhow::Result<Answer> {
        let stoa = self.stoa.clone();
        self.known(who)?.come_anew(&stoa).await?;
        self.send(who, page, action, fill).await
    }

    /// Where the link of that text on a page leads.
    async fn follow(&mut self, who: &'static str, page: &str, text: &str) -> anyhow::Result<String> {
        let router = self.router.clone();
        let body = self.browser(who).await?.visit(&router, page).await?;
        markup::link(&body, text).with_context(|| format!("{page} has no link {text}; {ELSEWHERE}"))
    }

    async fn browser(&mut self, who: &'static str) -> anyhow::Result<&mut Browser> {
        let stoa = self.stoa.clone();
        let browser = self.known(who)?;
        browser.come(&stoa).await?;
        Ok(browser)
    }

    fn known(&mut self, who: &'static str) -> anyhow::Result<&mut Browser> {
        let member = cast::member(who).with_context(|| format!("{who} is not in the cast"))?;
        Ok(self.people.entry(who).or_insert_with(|| Browser::of(member)))
    }

    /// `/w/{slug}` of a workspace, `/t/{slug}` of a team.
    pub(super) fn path(&self, place: &str) -> anyhow::Result<String> {
        self.places.get(place).cloned().with_context(|| format!("{place} is not there yet"))
    }

    pub(super) fn slug(&self, place: &str) -> anyhow::Result<String> {
        self.path(place).map(|path| path.rsplit('/').next().unwrap_or_default().to_owned())
    }
}
