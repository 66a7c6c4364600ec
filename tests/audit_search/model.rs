//! Rows by chance, and what a line says of one: told in plain words, apart from the SQL that is held to it.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use stoa::{
    ids::{ApiKeyId, AuditId, RequestId, UserId},
    server::chance,
};
use uuid::Uuid;

use crate::support::{Console, Team};

const NAMES: [&str; 5] = ["Ada Lovelace", "Öl \"Shop\"", "50%_off", "Grace", "back\\slash"];
const ACTIONS: [&str; 6] =
    ["workspace.renamed", "member.added", "member.removed", "record.task.created", "record.contact.updated", "module.enabled"];
const CHANNELS: [&str; 3] = ["console", "api", "system"];
const OUTCOMES: [&str; 3] = ["succeeded", "denied", "failed"];
const ADDRESSES: [&str; 3] = ["192.0.2.7", "192.0.2.200", "2001:db8::1"];
/// Parts of what stands in rows, and what stands in none.
const PARTS: [&str; 9] = ["ada", "ÖL", "\"shop\"", "%_", "slash", "e", "added", "Nothing", "name"];

/// The same for the same seed (`STOA_PROPERTY_SEED`).
pub struct Chance {
    pub seed: u64,
    state: u64,
    at: DateTime<Utc>,
}

impl Chance {
    pub fn seeded() -> Self {
        let seed = std::env::var("STOA_PROPERTY_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
        Self { seed, state: seed, at: "2026-11-21T02:00:00Z".parse().expect("a time") }
    }

    fn below(&mut self, most: usize) -> usize {
        // SplitMix64.
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).expect("small")
    }

    fn of<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[self.below(values.len())]
    }

    fn rarely<'a>(&mut self, value: &'a str) -> Option<&'a str> {
        (self.below(3) > 0).then_some(value)
    }

    /// One of a few ids, whole and as the registry writes them.
    fn uuid(&mut self) -> Uuid {
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + self.below(3) as u128)
    }

    fn actor(&mut self) -> String {
        if self.below(4) == 0 { "operator".to_owned() } else { UserId(self.uuid()).to_string() }
    }

    fn target(&mut self) -> String {
        match self.below(4) {
            0 => "tasks".to_owned(),
            1 => "ReadAudit".to_owned(),
            _ => UserId(self.uuid()).to_string(),
        }
    }

    fn credential(&mut self) -> String {
        if self.below(2) == 0 { format!("ses_{:016x}", self.below(3)) } else { ApiKeyId(self.uuid()).to_string() }
    }

    /// Of the morning of the rows.
    fn request(&mut self) -> String {
        let at = self.at + TimeDelta::milliseconds(i64::try_from(self.below(3)).expect("small"));
        let millis = u128::try_from(at.timestamp_millis()).expect("after 1970");
        RequestId(Uuid::from_u128((millis << 80) | (7 << 76) | (2 << 62))).to_string()
    }

    /// One to four conditions.
    pub fn line(&mut self) -> Vec<Asked> {
        let mut asked: Vec<Asked> = Vec::new();
        for _ in 0..=self.below(4) {
            let name = self.of(&[
                "",
                "actor",
                "action",
                "target",
                "credential",
                "channel",
                "outcome",
                "module",
                "request",
                "ip",
                "before",
                "after",
            ]);
            let value = match name {
                "actor" => [self.actor(), self.of(&PARTS).to_owned()][self.below(2)].clone(),
                "target" => [self.target(), self.of(&PARTS).to_owned()][self.below(2)].clone(),
                "action" => self.of(&["member.", "record.", "member.added", "workspace.renamed", "member"]).to_owned(),
                "credential" => self.credential(),
                "channel" => self.of(&CHANNELS).to_owned(),
                "outcome" => self.of(&OUTCOMES).to_owned(),
                "module" => self.of(&["tasks", "crm"]).to_owned(),
                "request" => self.request(),
                "ip" => self.of(&["192.0.2.7", "192.0.2.0/24", "2001:db8::/32", "10.0.0.1"]).to_owned(),
                _ => self.of(&PARTS).to_owned(),
            };
            let left_out = self.below(3) == 0;
            // Of what a row has one of, two are refused.
            if left_out || asked.iter().all(|other| other.name != name || other.left_out) {
                asked.push(Asked { name, value, left_out });
            }
        }
        asked
    }
}

pub struct Asked {
    name: &'static str,
    value: String,
    left_out: bool,
}

impl Asked {
    pub fn spelt(&self) -> String {
        let sign = if self.left_out { "-" } else { "" };
        let name = if self.name.is_empty() { String::new() } else { format!("{}:", self.name) };
        format!("{sign}{name}\"{}\"", self.value.replace('\\', "\\\\").replace('"', "\\\""))
    }

    pub fn lets(&self, row: &Kept) -> bool {
        self.fits(row) != self.left_out
    }

    fn fits(&self, row: &Kept) -> bool {
        let value = self.value.as_str();
        let holds = |text: Option<&String>| text.is_some_and(|text| text.to_lowercase().contains(&value.to_lowercase()));
        let is = |text: Option<&String>| text.is_some_and(|text| text == value);
        let is_whole = value.split_once('_').is_some_and(|(_, rest)| rest.len() == 26);
        let changed = |part: &str| row.changes().iter().any(|change| holds(change[part].as_str().map(str::to_owned).as_ref()));
        match self.name {
            "actor" => {
                is(Some(&row.actor_id))
                    || is(row.on_behalf_of_id.as_ref())
                    || (!is_whole && (holds(Some(&row.actor_name)) || holds(row.on_behalf_of_name.as_ref())))
            }
            "target" => is(Some(&row.target_id)) || (!is_whole && holds(row.target_name.as_ref())),
            "action" if value.ends_with('.') => row.action.starts_with(value),
            "action" => row.action == value,
            "credential" => is(row.credential_id.as_ref()),
            "channel" => row.channel == value,
            "outcome" => row.outcome == value,
            "module" => {
                let resource = if value == "tasks" { "task" } else { "contact" };
                row.action.starts_with(&format!("record.{resource}.")) || (row.target_type == "module" && row.target_id == value)
            }
            "request" => is(row.request_id.as_ref()),
            "ip" => {
                let network: ipnet::IpNet =
                    value.parse().unwrap_or_else(|_| ipnet::IpNet::from(value.parse::<std::net::IpAddr>().expect("one")));
                row.ip.as_ref().is_some_and(|ip| network.contains(&ip.parse::<std::net::IpAddr>().expect("an address")))
            }
            "before" | "after" => changed(self.name),
            _ => {
                let read = [Some(&row.action), Some(&row.actor_name), Some(&row.actor_id), row.on_behalf_of_name.as_ref()];
                let more = [row.on_behalf_of_id.as_ref(), row.target_name.as_ref(), Some(&row.target_id), row.reason.as_ref()];
                read.into_iter().chain(more).any(holds) || ["field", "before", "after"].into_iter().any(changed)
            }
        }
    }
}

/// A row as it is in the database.
#[derive(Debug, sqlx::FromRow)]
pub struct Kept {
    pub id: AuditId,
    pub action: String,
    pub actor_id: String,
    pub actor_name: String,
    pub on_behalf_of_id: Option<String>,
    pub on_behalf_of_name: Option<String>,
    pub credential_id: Option<String>,
    pub channel: String,
    pub target_type: String,
    pub target_id: String,
    pub target_name: Option<String>,
    pub outcome: String,
    pub reason: Option<String>,
    pub request_id: Option<String>,
    pub ip: Option<String>,
    pub changes: Option<String>,
}

impl Kept {
    fn changes(&self) -> Vec<Value> {
        self.changes.as_deref().map(|text| serde_json::from_str(text).expect("changes")).unwrap_or_default()
    }
}

/// All rows of a log, newest first.
pub async fn kept(console: &Console, log: Uuid) -> Vec<Kept> {
    let mut owner = console.database.connect("stoa_owner").await;
    sqlx::query_as(
        "select id, action, actor_id, actor_name, on_behalf_of_id, on_behalf_of_name, credential_id, channel, target_type, target_id,
             target_name, outcome, reason, request_id, ip, changes::text as changes
         from audit_event where log_id = $1 order by occurred_at desc, id desc",
    )
    .bind(log)
    .fetch_all(&mut owner)
    .await
    .expect("rows")
}

/// So many rows by chance, several of them in the same moment.
pub async fn fill(console: &Console, team: &Team, chance: &mut Chance, rows: usize) {
    let mut owner = console.database.connect("stoa_owner").await;
    for _ in 0..rows {
        let at = chance.at + TimeDelta::minutes(i64::try_from(chance.below(300)).expect("small"));
        let (before, after) = (chance.of(&NAMES), chance.of(&NAMES));
        let changes =
            serde_json::json!([{ "field": "name", "before": before, "after": after }, { "field": "on", "before": null, "after": "e" }]);
        let changes = (chance.below(2) == 0).then(|| changes.to_string());
        let module = chance.below(5) == 0;
        let (behalf, behalf_name, credential) = (chance.actor(), chance.of(&NAMES), chance.credential());
        let (target_name, reason, request, ip) = (chance.of(&NAMES), chance.of(&NAMES), chance.request(), chance.of(&ADDRESSES));
        sqlx::query(
            "insert into audit_event (
                 tenant_id, occurred_at, id, log_id, workspace_id, action, actor_type, actor_id, actor_name, on_behalf_of_id, on_behalf_of_name,
                 credential_id, channel, target_type, target_id, target_name, outcome, reason, request_id, ip, changes,
                 salts, leaf_version, leaf_hash)
             values ($1, $2, $3, $4, $4, $5, 'user', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19::json, '', 1, sha256(''))",
        )
        .bind(team.tenant.0)
        .bind(at)
        .bind(chance::uuid(at))
        .bind(team.workspace.0)
        .bind(chance.of(&ACTIONS))
        .bind(chance.actor())
        .bind(chance.of(&NAMES))
        .bind(chance.rarely(&behalf))
        .bind(chance.rarely(behalf_name))
        .bind(chance.rarely(&credential))
        .bind(chance.of(&CHANNELS))
        .bind(if module { "module" } else { "workspace" })
        .bind(chance.target())
        .bind(chance.rarely(target_name))
        .bind(chance.of(&OUTCOMES))
        .bind(chance.rarely(reason))
        .bind(chance.rarely(&request))
        .bind(chance.rarely(ip))
        .bind(changes)
        .execute(&mut owner)
        .await
        .expect("a row");
    }
}

/// So many rows at once, a millisecond apart from that moment on.
pub async fn many(owner: &mut sqlx::PgConnection, team: &Team, from: &str, rows: i32) {
    sqlx::query(
        "insert into audit_event (
             tenant_id, occurred_at, id, log_id, workspace_id, action, actor_type, actor_id, actor_name, channel,
             target_type, target_id, outcome, salts, leaf_version, leaf_hash)
         select $1, $3::timestamptz + place * interval '1 millisecond', gen_random_uuid(), $2, $2, 'record.filled',
             'system', 'test', 'Test', 'system', 'record', place::text, 'succeeded', '', 1, sha256('')
         from generate_series(1, $4) as place",
    )
    .bind(team.tenant.0)
    .bind(team.workspace.0)
    .bind(from.parse::<DateTime<Utc>>().expect("a time"))
    .bind(rows)
    .execute(owner)
    .await
    .expect("filled");
}
