//! The life of an API key, from its page. Secrets are taken from the one page that shows them.

use anyhow::Context as _;

use crate::cli::demo::company::{Company, markup, story::Act};

impl Company {
    pub(super) async fn keep_keys(&mut self, who: &'static str, act: &Act) -> anyhow::Result<()> {
        match act {
            Act::CreateKey { place, key, steward, scopes, days } => self.create(who, place, "api-keys", (key, steward, scopes, days)).await,
            Act::CreateToken { place, token, steward, scopes, days } => {
                self.create(who, place, "mcp-clients", (token, steward, scopes, days)).await
            }
            Act::Narrow { place, key, scopes } => {
                let path = self.key(who, place, key).await?;
                self.send(who, &path, &format!("{path}/narrow"), |form| form.with_all("scopes", scopes)).await.map(drop)
            }
            Act::Rotate { place, key, overlap_days } => {
                let path = self.key(who, place, key).await?;
                let answer = self.send_anew(who, &path, &format!("{path}/rotate"), |form| form.with("overlap_days", overlap_days)).await?;
                self.take(key, &answer.body)
            }
            Act::Quarantine { place, key, reason } => {
                let path = self.key(who, place, key).await?;
                self.send(who, &path, &format!("{path}/quarantine"), |form| form.with("reason", reason)).await.map(drop)
            }
            Act::Revoke { place, key, reason } => {
                let page = self.key(who, place, key).await? + "/revoke";
                self.send_anew(who, &page, &page, |form| form.with("phrase", key).with("reason", reason)).await.map(drop)
            }
            Act::Limit { place, key, calls } => {
                let path = self.key(who, place, key).await?;
                self.send(who, &path, &format!("{path}/limits"), |form| form.with("calls_per_minute", calls)).await.map(drop)
            }
            _ => anyhow::bail!("nobody does this to a key"),
        }
    }

    /// A key or a token, by the page that lists it.
    async fn create(
        &mut self,
        who: &'static str,
        place: &str,
        list: &str,
        (key, steward, scopes, days): (&'static str, &str, &[&str], &str),
    ) -> anyhow::Result<()> {
        let page = format!("{}/{list}/new", self.path(place)?);
        let fill = |form: markup::Form| {
            form.with("name", key).with_all("scopes", scopes).choosing("steward", steward).with("expires_in_days", days)
        };
        let answer = self.send(who, &page, &page, fill).await?;
        self.take(key, &answer.body)
    }

    fn take(&mut self, key: &'static str, page: &str) -> anyhow::Result<()> {
        let secret = markup::secret(page).with_context(|| format!("no secret of {key} is shown"))?;
        self.secrets.entry(key).or_default().push(secret);
        Ok(())
    }

    /// The key's page.
    async fn key(&mut self, who: &'static str, place: &str, key: &str) -> anyhow::Result<String> {
        self.follow(who, &format!("{}/api-keys", self.path(place)?), key).await
    }
}
