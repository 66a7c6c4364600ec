//! The rules of membership: who may make whom what, and what a role gains and loses by becoming another.

use crate::{
    access::{Extent, WorkspacePermission, WorkspaceRole},
    error::Refused,
};

/// Whether someone with the role `actor` may turn `from` into `to`; None is "no member". Nobody acts on more than their
/// own level, and only those who may manage owners make or unmake one.
///
/// # Errors
/// The permission that is missing.
pub fn judge(actor: WorkspaceRole, from: Option<WorkspaceRole>, to: Option<WorkspaceRole>) -> Result<(), Refused> {
    let needs = |permission| Err(Refused::Workspace(permission));
    if !actor.may(WorkspacePermission::ManageMembers) {
        return needs(WorkspacePermission::ManageMembers);
    }
    let touches_owner = from == Some(WorkspaceRole::Owner) || to == Some(WorkspaceRole::Owner);
    let is_above = [from, to].into_iter().flatten().any(|role| is_above(role, actor));
    if is_above || (touches_owner && !actor.may(WorkspacePermission::ManageOwners)) {
        return needs(WorkspacePermission::ManageOwners);
    }
    Ok(())
}

/// The roles that someone may give to a member who is `from` now.
pub fn roles_to_give(actor: WorkspaceRole, from: Option<WorkspaceRole>) -> Vec<WorkspaceRole> {
    WorkspaceRole::ALL.into_iter().filter(|to| judge(actor, from, Some(*to)).is_ok()).collect()
}

/// Whether one role is more than another: `admin` than `member`.
pub fn is_above(role: WorkspaceRole, other: WorkspaceRole) -> bool {
    level(role) > level(other)
}

fn level(role: WorkspaceRole) -> u8 {
    match role {
        WorkspaceRole::Owner => 3,
        WorkspaceRole::Admin => 2,
        WorkspaceRole::Member => 1,
        WorkspaceRole::Readonly => 0,
    }
}

/// What a role is for, in a sentence.
pub fn meaning(role: WorkspaceRole) -> &'static str {
    match role {
        WorkspaceRole::Owner => "Everything, and alone decides who is an owner.",
        WorkspaceRole::Admin => "Manages members, credentials, modules, webhooks and settings.",
        WorkspaceRole::Member => "Works in it; sees the credentials and the spend that are theirs.",
        WorkspaceRole::Readonly => "Reads everything, the audit log too, and changes nothing: for auditors.",
    }
}

/// A role by its stored name.
pub fn role_named(name: &str) -> Option<WorkspaceRole> {
    WorkspaceRole::ALL.into_iter().find(|role| role.name() == name)
}

/// What changes for a member whose role becomes another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// To follow "may".
    pub gains: Vec<String>,
    /// To follow "may no longer".
    pub loses: Vec<String>,
}

/// Read off the policy's own table.
pub fn effect(from: WorkspaceRole, to: WorkspaceRole) -> Effect {
    let mut effect = Effect::default();
    for permission in WorkspacePermission::ALL.iter().copied() {
        let (before, after) = (from.extent(permission), to.extent(permission));
        if reach(after) > reach(before) {
            effect.gains.push(format!("{}{}", permission.says(), within(after)));
        } else if reach(after) < reach(before) {
            effect.loses.push(format!("{}{}", permission.says(), but(after)));
        }
    }
    effect
}

fn reach(extent: Extent) -> u8 {
    match extent {
        Extent::Nothing => 0,
        Extent::Own | Extent::Reading => 1,
        Extent::Everything => 2,
    }
}

fn within(extent: Extent) -> &'static str {
    match extent {
        Extent::Own => " (their own)",
        Extent::Reading => " (to read)",
        Extent::Nothing | Extent::Everything => "",
    }
}

fn but(extent: Extent) -> &'static str {
    match extent {
        Extent::Own => " (but their own)",
        Extent::Reading => " (but to read)",
        Extent::Nothing | Extent::Everything => "",
    }
}

/// Things of one kind that a member made in a workspace, and that are never left without somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Of one: "pending invitation".
    pub kind: &'static str,
    /// What to call each, for people.
    pub names: Vec<String>,
    /// Id and version of each: what tells this inventory from a later one.
    pub marks: Vec<String>,
}

impl Made {
    pub fn count(&self) -> i64 {
        i64::try_from(self.names.len()).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use WorkspaceRole::{Admin, Member, Owner, Readonly};

    use super::*;

    /// The rule as it is written, one line a role of who acts: what they may touch at all.
    #[test]
    fn nobody_acts_above_their_own_level() {
        let written: [(WorkspaceRole, &[WorkspaceRole]); 4] =
            [(Owner, &[Owner, Admin, Member, Readonly]), (Admin, &[Admin, Member, Readonly]), (Member, &[]), (Readonly, &[])];
        for (actor, may_touch) in written {
            let roles = || WorkspaceRole::ALL.into_iter().map(Some).chain([None]);
            for (from, to) in roles().flat_map(|from| roles().map(move |to| (from, to))) {
                let expected = !may_touch.is_empty() && [from, to].into_iter().flatten().all(|role| may_touch.contains(&role));
                assert_eq!(judge(actor, from, to).is_ok(), expected, "{actor} turns {from:?} into {to:?}");
            }
        }
    }

    #[test]
    fn the_refusal_names_what_is_missing() {
        let missing = |actor, from, to| judge(actor, from, to).expect_err("refused").permission();
        assert_eq!(missing(Admin, None, Some(Owner)), "ManageOwners");
        assert_eq!(missing(Admin, Some(Owner), None), "ManageOwners");
        assert_eq!(missing(Member, None, Some(Readonly)), "ManageMembers");
    }

    #[test]
    fn an_effect_is_the_difference_of_two_columns_of_the_table() {
        assert_eq!(effect(Admin, Admin), Effect::default());
        let up = effect(Member, Readonly);
        assert!(up.gains.contains(&"read and export the audit log".to_owned()), "{up:?}");
        assert!(up.gains.contains(&"read credentials".to_owned()), "{up:?}");
        assert_eq!(up.loses, ["use the playground (but to read)", "add and change records"]);
        let down = effect(Owner, Member);
        assert!(down.gains.is_empty());
        assert!(down.loses.contains(&"read credentials (but their own)".to_owned()), "{down:?}");
        assert!(down.loses.contains(&"make or unmake an owner".to_owned()), "{down:?}");
        assert_eq!(effect(Readonly, Owner).loses, Vec::<String>::new());
    }
}
