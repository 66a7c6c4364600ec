//! Tenant roles in words: what each is for, and what changing one gives and takes, from the policy's own table.

use crate::access::{TenantPermission, TenantRole};

/// The role of that name, as stored and as forms send it.
pub fn named(name: &str) -> Option<TenantRole> {
    TenantRole::ALL.into_iter().find(|role| role.name() == name)
}

/// With its article, to stand in a sentence: "an owner".
pub fn spoken(role: TenantRole) -> &'static str {
    match role {
        TenantRole::Owner => "an owner",
        TenantRole::Billing => "a billing manager",
        TenantRole::Member => "a member",
    }
}

/// What changing one role for the other gives and takes: whole sentences, none where both may the same.
pub fn effect(from: TenantRole, to: TenantRole) -> String {
    let only = |held: TenantRole, other: TenantRole| {
        listed(TenantPermission::ALL.iter().filter(|may| held.may(**may) && !other.may(**may)).map(|may| may.says()).collect())
    };
    let sentence = |what: &str, permissions: Option<String>| permissions.map(|list| format!("{what}: {list}."));
    let sentences = [sentence("Gains", only(to, from)), sentence("Loses", only(from, to))];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Everything the role may, as one sentence.
pub fn meaning(role: TenantRole) -> String {
    let may = listed(TenantPermission::ALL.iter().filter(|may| role.may(**may)).map(|may| may.says()).collect());
    may.map_or_else(String::new, |list| format!("May {list}."))
}

fn listed(mut words: Vec<&str>) -> Option<String> {
    let last = words.pop()?;
    Some(if words.is_empty() { last.to_owned() } else { format!("{}; and {last}", words.join("; ")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_what_it_gives_and_what_it_takes() {
        let up = effect(TenantRole::Member, TenantRole::Owner);
        assert!(up.starts_with("Gains: read this team's billing; "), "{up}");
        assert!(up.contains("and manage this team's people, roles and settings.") && !up.contains("Loses"), "{up}");
        let down = effect(TenantRole::Owner, TenantRole::Billing);
        assert_eq!(down, "Loses: manage this team's people, roles and settings.");
        for role in TenantRole::ALL {
            assert_eq!(effect(role, role), "");
            assert_eq!(named(role.name()), Some(role));
        }
        assert_eq!(named("root"), None);
    }
}
