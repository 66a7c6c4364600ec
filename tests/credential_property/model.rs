//! What a credential may do, worked out again in the fewest words: plain sets and a table of its own, and nothing of the
//! product's code that decides the same.

mod acts;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use stoa::access::WorkspaceRole::{self, Admin, Member, Owner, Readonly};

/// The control plane's scopes and those of two modules, with the least that a steward has to be: whether members and
/// auditors may answer for it, beside owners and admins.
pub const SCOPES: [(&str, bool, bool); 15] = [
    ("members:read", true, true),
    ("members:write", false, false),
    ("credentials:read", false, true),
    ("credentials:write", false, false),
    ("settings:read", false, true),
    ("settings:write", false, false),
    ("modules:read", true, true),
    ("modules:write", false, false),
    ("usage:read", true, true),
    ("billing:read", false, true),
    ("audit:read", false, true),
    ("activity:read", true, true),
    ("activity:write", true, false),
    ("tasks:read", true, true),
    ("tasks:write", true, false),
];
pub const MODULES: [(&str, &str); 2] = [("activity_log", "activity:"), ("tasks", "tasks:")];

pub type Scopes = BTreeSet<&'static str>;

/// Whether somebody of this role can answer for the scope.
pub fn answers_for(role: WorkspaceRole, scope: &str) -> bool {
    let (_, member, auditor) = SCOPES.into_iter().find(|(name, ..)| *name == scope).expect("a scope");
    match role {
        Owner | Admin => true,
        Member => member,
        Readonly => auditor,
    }
}

/// Owners and admins manage: credentials, members, modules, settings.
pub fn manages(role: WorkspaceRole) -> bool {
    matches!(role, Owner | Admin)
}

/// Members and auditors each reach what the others do not.
fn is_within(less: WorkspaceRole, more: WorkspaceRole) -> bool {
    less == more || more == Owner || (more == Admin && less != Owner)
}

/// The lesser one, and the first where neither is.
pub fn lesser(one: WorkspaceRole, other: WorkspaceRole) -> WorkspaceRole {
    if is_within(other, one) { other } else { one }
}

fn height(role: WorkspaceRole) -> u8 {
    match role {
        Owner => 3,
        Admin => 2,
        Member => 1,
        Readonly => 0,
    }
}

/// Who is somebody's place to change: nobody above oneself, and owners by owners alone.
fn may_change(actor: WorkspaceRole, from: WorkspaceRole, to: Option<WorkspaceRole>) -> bool {
    manages(actor) && height(from) <= height(actor) && to.is_none_or(|to| height(to) <= height(actor))
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    Quarantined,
    Revoked,
}

#[derive(Clone, Debug)]
pub struct Secret {
    pub ends_at: Option<DateTime<Utc>>,
    pub is_leaked: bool,
}

#[derive(Clone, Debug)]
pub struct Key {
    pub scopes: Scopes,
    /// Of the people, by their place among them.
    pub steward: usize,
    pub max_role: WorkspaceRole,
    pub status: Status,
    pub expires_at: DateTime<Utc>,
    pub secrets: Vec<Secret>,
}

/// Who does something: one of the people in the console, or a key over the API with its newest secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Person(usize),
    Key(usize),
}

/// Whoever acts, as far as it lets them: their role, and what bounds them where they are a key.
struct Actor {
    person: usize,
    role: WorkspaceRole,
    key: Option<usize>,
}

#[derive(Clone, Debug)]
pub struct Model {
    pub now: DateTime<Utc>,
    /// What each of the people is to the workspace.
    pub roles: [Option<WorkspaceRole>; 4],
    pub in_team: [bool; 4],
    pub archived_at: Option<DateTime<Utc>>,
    /// Of each module, what the operator says of the workspace and of the whole account.
    pub allowed: [(Option<bool>, Option<bool>); 2],
    pub enabled: [bool; 2],
    pub keys: Vec<Key>,
}

/// What a secret is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Answers,
    /// 401, with a part of what it says.
    Unauthorized(&'static str),
    /// The status and the code.
    Refused(u16, &'static str),
}

impl Model {
    pub fn new(now: DateTime<Utc>) -> Self {
        let roles = [Some(Owner), Some(Admin), Some(Member), Some(Readonly)];
        Self { now, roles, in_team: [true; 4], archived_at: None, allowed: Default::default(), enabled: [true; 2], keys: Vec::new() }
    }

    pub fn is_entitled(&self, module: usize) -> bool {
        let (workspace, account) = self.allowed[module];
        workspace.or(account).unwrap_or(true)
    }

    /// Whether a new key may ask for it.
    fn is_offered(&self, scope: &str) -> bool {
        let module = MODULES.iter().position(|(_, prefix)| scope.starts_with(prefix));
        module.is_none_or(|module| self.is_entitled(module) && self.enabled[module])
    }

    /// What a call with this secret of the key comes to before anything is asked of it.
    pub fn standing(&self, key: usize, secret: usize) -> Expected {
        let key = &self.keys[key];
        if key.secrets[secret].ends_at.is_some_and(|end| end <= self.now) {
            return Expected::Unauthorized("not known");
        }
        match key.status {
            _ if self.archived_at.is_some() => Expected::Unauthorized("archived"),
            Status::Revoked => Expected::Unauthorized("revoked"),
            Status::Quarantined => Expected::Unauthorized("quarantined"),
            Status::Active if key.expires_at <= self.now => Expected::Unauthorized("expired"),
            Status::Active => Expected::Answers,
        }
    }

    /// What it is answered where the operation asks for this scope and, of both roles that bound a key, for this.
    pub fn call(&self, key: usize, secret: usize, scope: &str, allows: fn(WorkspaceRole) -> bool) -> Expected {
        let standing = self.standing(key, secret);
        let module = MODULES.iter().position(|(_, prefix)| scope.starts_with(prefix));
        let known = &self.keys[key];
        let steward = self.roles[known.steward];
        match (standing, module) {
            (Expected::Answers, Some(module)) if !self.is_entitled(module) => Expected::Refused(403, "module_not_entitled"),
            (Expected::Answers, Some(module)) if !self.enabled[module] => Expected::Refused(403, "module_not_enabled"),
            (Expected::Answers, _) if !known.scopes.contains(scope) => Expected::Refused(403, "missing_required_scope"),
            (Expected::Answers, _) if !steward.is_some_and(allows) || !allows(known.max_role) => Expected::Refused(403, "policy_denied"),
            (standing, _) => standing,
        }
    }

    /// Whoever acts on credentials, members or modules, as `scope` names it for keys; none where they may not.
    fn actor(&self, by: By, scope: &str) -> Option<Actor> {
        match by {
            By::Person(person) => {
                let role = self.roles[person].filter(|role| manages(*role) && self.archived_at.is_none())?;
                Some(Actor { person, role, key: None })
            }
            By::Key(key) => {
                let newest = self.keys[key].secrets.len() - 1;
                (self.call(key, newest, scope, manages) == Expected::Answers).then_some(())?;
                let person = self.keys[key].steward;
                Some(Actor { person, role: lesser(self.roles[person]?, self.keys[key].max_role), key: Some(key) })
            }
        }
    }

    /// Whoever acts on this key: none that holds more is within a key's reach.
    fn over(&self, by: By, key: usize) -> Option<Actor> {
        let actor = self.actor(by, "credentials:write")?;
        actor.key.is_none_or(|by| self.keys[key].scopes.is_subset(&self.keys[by].scopes)).then_some(actor)
    }

    /// The same, as long as the key can be changed.
    fn on(&self, by: By, key: usize) -> Option<Actor> {
        self.over(by, key).filter(|_| self.keys[key].status != Status::Revoked)
    }

    fn may_name(&self, actor: &Actor, steward: usize) -> Option<WorkspaceRole> {
        self.roles[steward].filter(|role| steward == actor.person || is_within(*role, actor.role))
    }
}
