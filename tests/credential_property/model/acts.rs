//! What people and keys do to credentials, and to what bounds them: each says whether it is carried out.

use chrono::TimeDelta;
use stoa::access::WorkspaceRole::{self, Owner};

use super::{By, Key, Model, SCOPES, Scopes, Secret, Status, answers_for, height, lesser, manages, may_change};

impl Model {
    pub fn make(&mut self, by: By, steward: Option<usize>, scopes: &Scopes, days: Option<i64>) -> bool {
        self.made(by, steward, scopes, days).map(|key| self.keys.push(key)).is_some()
    }

    fn made(&self, by: By, steward: Option<usize>, scopes: &Scopes, days: Option<i64>) -> Option<Key> {
        let actor = self.actor(by, "credentials:write")?;
        let steward = steward.unwrap_or(actor.person);
        let role = self.may_name(&actor, steward)?;
        let is_right = |scope: &&str| answers_for(role, scope) && self.is_offered(scope);
        let mut expires_at = self.now + TimeDelta::days(days.unwrap_or(90));
        if let Some(by) = actor.key.map(|key| &self.keys[key]) {
            (scopes.is_subset(&by.scopes) && (days.is_none() || expires_at <= by.expires_at)).then_some(())?;
            expires_at = expires_at.min(by.expires_at);
        }
        (!scopes.is_empty() && scopes.iter().all(is_right)).then(|| Key {
            scopes: scopes.clone(),
            steward,
            max_role: lesser(role, actor.role),
            status: Status::Active,
            expires_at,
            secrets: vec![Secret { ends_at: None, is_leaked: false }],
        })
    }

    pub fn narrow(&mut self, by: By, key: usize, scopes: &Scopes) -> bool {
        let is_done = self.on(by, key).is_some() && !scopes.is_empty() && scopes.is_subset(&self.keys[key].scopes);
        if is_done {
            self.keys[key].scopes.clone_from(scopes);
        }
        is_done
    }

    pub fn rotate(&mut self, by: By, key: usize, overlap: i64) -> bool {
        let ends_at = self.keys[key].expires_at;
        let is_over = self.keys[key].status == Status::Active && ends_at <= self.now;
        let Some(actor) = self.on(by, key).filter(|_| !is_over) else { return false };
        if actor.key.is_some_and(|by| ends_at > self.keys[by].expires_at) {
            return false;
        }
        let (now, known) = (self.now, &mut self.keys[key]);
        for secret in &mut known.secrets {
            let is_current = secret.ends_at.is_none() && !secret.is_leaked;
            let end = if is_current { now + TimeDelta::days(overlap) } else { now };
            secret.ends_at = Some(secret.ends_at.map_or(end, |before| before.min(end)));
        }
        known.secrets.push(Secret { ends_at: None, is_leaked: false });
        known.max_role = lesser(known.max_role, actor.role);
        true
    }

    pub fn hand_over(&mut self, by: By, key: usize, to: usize) -> bool {
        let Some(actor) = self.on(by, key) else { return false };
        let known = &self.keys[key];
        if known.steward == to {
            return true;
        }
        let Some(role) = self.may_name(&actor, to) else { return false };
        if !known.scopes.iter().all(|scope| answers_for(role, scope)) {
            return false;
        }
        let former = self.roles[known.steward].expect("no key is without a steward");
        let known = &mut self.keys[key];
        known.max_role = [former, role, actor.role].into_iter().fold(known.max_role, lesser);
        known.steward = to;
        true
    }

    pub fn quarantine(&mut self, by: By, key: usize) -> bool {
        let is_done = self.on(by, key).is_some();
        if is_done {
            self.keys[key].status = Status::Quarantined;
        }
        is_done
    }

    pub fn lift(&mut self, person: usize, key: usize) -> bool {
        let now = self.now;
        let works = |secret: &Secret| secret.is_leaked && secret.ends_at.is_none_or(|end| end > now);
        let is_stopped = self.keys[key].status == Status::Quarantined;
        if self.on(By::Person(person), key).is_none() || (is_stopped && self.keys[key].secrets.iter().any(works)) {
            return false;
        }
        self.keys[key].status = Status::Active;
        true
    }

    pub fn revoke(&mut self, by: By, key: usize) -> bool {
        // Of one that is over already, too.
        let is_done = self.over(by, key).is_some();
        if is_done {
            self.keys[key].status = Status::Revoked;
        }
        is_done
    }

    /// Somebody who found a secret reports it: whoever asks is answered alike.
    pub fn report(&mut self, key: usize, secret: usize) {
        let (now, is_archived, known) = (self.now, self.archived_at.is_some(), &mut self.keys[key]);
        let is_over = known.status == Status::Revoked || known.expires_at <= now || is_archived;
        let found = &mut known.secrets[secret];
        if is_over || found.is_leaked || found.ends_at.is_some_and(|end| end <= now) {
            return;
        }
        found.is_leaked = true;
        known.status = Status::Quarantined;
    }

    pub fn switch(&mut self, by: By, module: usize, on: bool) -> bool {
        let is_done = self.actor(by, "modules:write").is_some() && (!on || self.is_entitled(module));
        if is_done {
            self.enabled[module] = on;
        }
        is_done
    }

    pub fn change_role(&mut self, by: By, of: usize, to: WorkspaceRole) -> bool {
        let (Some(actor), Some(from)) = (self.actor(by, "members:write"), self.roles[of]) else { return false };
        let leaves_none = from == Owner && to != Owner && self.is_only_owner(of);
        let is_too_wide = actor.key.is_some_and(|key| self.widens(key, of, from, to));
        let is_done = may_change(actor.role, from, Some(to)) && !leaves_none && !is_too_wide;
        if is_done {
            self.roles[of] = Some(to);
        }
        is_done
    }

    /// Whether the key would help somebody to more than it has itself: to make keys, or to use those that they answer for.
    fn widens(&self, by: usize, of: usize, from: WorkspaceRole, to: WorkspaceRole) -> bool {
        let held = &self.keys[by].scopes;
        let lacks_any = SCOPES.iter().any(|(scope, ..)| !held.contains(scope));
        let rises = height(to) > height(from) && (to == Owner || (manages(to) && lacks_any));
        let is_alive = |key: &&Key| key.steward == of && key.status != Status::Revoked && key.expires_at > self.now;
        let wakes = |scope: &&str| !held.contains(scope) && answers_for(to, scope) && !answers_for(from, scope);
        rises || self.keys.iter().filter(is_alive).any(|key| key.scopes.iter().any(wakes))
    }

    fn is_only_owner(&self, person: usize) -> bool {
        self.roles[person] == Some(Owner) && self.roles.iter().filter(|role| **role == Some(Owner)).count() == 1
    }

    /// Out of the workspace: what they answered for goes to `heir`, or ends.
    pub fn go(&mut self, by: usize, of: usize, heir: Option<usize>) -> bool {
        let (Some(actor), Some(from)) = (self.roles[by].filter(|_| self.archived_at.is_none()), self.roles[of]) else { return false };
        if self.is_only_owner(of) || (by != of && !may_change(actor, from, None)) {
            return false;
        }
        let now = self.now;
        let theirs = |key: &&mut Key| key.steward == of && key.status != Status::Revoked;
        let Some(heir) = heir else {
            self.keys.iter_mut().filter(theirs).for_each(|key| key.status = Status::Revoked);
            self.roles[of] = None;
            return true;
        };
        let Some(role) = self.roles[heir] else { return false };
        let is_out = |key: &Key| key.expires_at > now && !key.scopes.iter().all(|scope| answers_for(role, scope));
        if self.keys.iter_mut().filter(theirs).any(|key| is_out(key)) {
            return false;
        }
        let most = lesser(from, role);
        for key in self.keys.iter_mut().filter(theirs) {
            key.steward = heir;
            key.max_role = lesser(key.max_role, most);
        }
        self.roles[of] = None;
        true
    }

    /// Out of the whole team, as its owner says: what they answered for ends.
    pub fn go_from_team(&mut self, of: usize) -> bool {
        if of == 0 || !self.in_team[of] || self.is_only_owner(of) {
            return false;
        }
        self.keys.iter_mut().filter(|key| key.steward == of).for_each(|key| key.status = Status::Revoked);
        (self.roles[of], self.in_team[of]) = (None, false);
        true
    }

    pub fn archive(&mut self, person: usize) -> bool {
        let is_done = self.roles[person].is_some_and(manages) && self.archived_at.is_none();
        if is_done {
            self.archived_at = Some(self.now);
            self.keys.iter_mut().for_each(|key| key.status = Status::Revoked);
            self.allowed.iter_mut().for_each(|(workspace, _)| *workspace = None);
        }
        is_done
    }

    pub fn restore(&mut self, person: usize) -> bool {
        let is_in_time = self.archived_at.is_some_and(|at| self.now < at + TimeDelta::days(30));
        let is_done = is_in_time && self.roles[person] == Some(Owner);
        if is_done {
            self.archived_at = None;
        }
        is_done
    }
}
