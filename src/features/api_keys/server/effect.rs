//! Which scopes mean something now: the control plane's own always, those of a module while it runs.

use crate::server::{credentials::Kind, modules, standing::Standing};

/// How scopes end that change nothing.
const READS: &str = ":read";

/// Why a key that holds the scope can do nothing with it now: a sentence. None where it can.
pub fn without_effect(name: &str, standing: &Standing) -> Option<String> {
    let module = modules::of_scope(name)?;
    let title = &module.manifest.name;
    if !standing.is_entitled(module) {
        return Some(format!("{name} has no effect while this account is not entitled to {title}."));
    }
    (!standing.is_enabled(module)).then(|| format!("{name} has no effect while {title} is off."))
}

/// Why a new key or token cannot ask for the scope, and what would help. None where it can.
pub fn why_not_offered(kind: Kind, name: &str, standing: &Standing) -> Option<String> {
    let Some(module) = modules::of_scope(name) else {
        // Agents read the control plane, and change nothing of it.
        let is_idle = kind == Kind::Mcp && !name.ends_with(READS);
        return is_idle.then(|| format!("{name} is not for agents: no tool asks for it. Leave it out, or create an API key."));
    };
    let title = &module.manifest.name;
    if !standing.is_entitled(module) {
        return Some(format!("{name} belongs to {title}, which this account is not entitled to. Leave it out."));
    }
    (!standing.is_enabled(module))
        .then(|| format!("{name} belongs to {title}, which is switched off here. Leave it out, or switch the module on first."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_modules_scopes_mean_something_while_it_runs() {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let with = |switches, entitlements| {
            let stored = json!({ "switches": switches, "entitlements": entitlements, "pauses": null });
            Standing::read("developer", stored, now).expect("a standing")
        };
        let (on, off) = (with(json!({}), json!({})), with(json!({ "tasks": false }), json!({})));
        let taken = with(json!({}), json!({ "module:tasks": 0 }));
        for scope in ["tasks:read", "members:read", "nothing:known"] {
            assert_eq!((without_effect(scope, &on), why_not_offered(Kind::Key, scope, &on)), (None, None), "{scope}");
        }
        assert_eq!(without_effect("tasks:read", &off).as_deref(), Some("tasks:read has no effect while Tasks is off."));
        assert!(why_not_offered(Kind::Mcp, "tasks:write", &off).is_some_and(|says| says.contains("switch the module on")));
        assert!(why_not_offered(Kind::Key, "tasks:write", &taken).is_some_and(|says| says.contains("not entitled")));
        assert_eq!(why_not_offered(Kind::Key, "members:read", &off), None);
    }

    #[test]
    fn agents_are_offered_what_a_tool_asks_for() {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        let stored = json!({ "switches": {}, "entitlements": {}, "pauses": null });
        let standing = Standing::read("developer", stored, now).expect("a standing");
        for (scope, is_offered) in [("tasks:write", true), ("members:read", true), ("members:write", false), ("credentials:write", false)] {
            assert_eq!(why_not_offered(Kind::Mcp, scope, &standing).is_none(), is_offered, "{scope}");
            assert_eq!(why_not_offered(Kind::Key, scope, &standing), None, "{scope}");
        }
    }
}
