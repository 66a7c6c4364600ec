//! What can be allowed beside a plan, and how much of it: read from the command line, and said again.

use crate::server::{
    modules::{self, Module},
    plans::AUDIT_DAYS_LEAST,
    standing::CALLS_PER_MINUTE,
};

/// How many live workspaces a tenant may have.
pub const WORKSPACES: &str = "workspaces";

/// For how many days rows of audit logs are kept at most.
const AUDIT_DAYS: &str = "audit_days";

/// What can be allowed.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    Module(&'static Module),
    /// How many live workspaces; of the tenant alone.
    Workspaces,
    /// Of each workspace, with all its credentials together.
    CallsPerMinute,
    /// Of all logs of the tenant.
    AuditDays,
}

impl Key {
    /// # Errors
    /// What is wrong with it, and which there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            WORKSPACES => return Ok(Self::Workspaces),
            CALLS_PER_MINUTE => return Ok(Self::CallsPerMinute),
            AUDIT_DAYS => return Ok(Self::AuditDays),
            _ => {}
        }
        let known: Vec<&str> = modules::list().iter().map(Module::key).collect();
        let module = text.strip_prefix("module:").and_then(modules::find).map(Self::Module);
        module.ok_or_else(|| {
            format!(
                "{text} cannot be allowed; these can: {WORKSPACES}, {CALLS_PER_MINUTE}, {AUDIT_DAYS}, and module:KEY with one of {}",
                known.join(", ")
            )
        })
    }

    /// As stored.
    pub fn name(self) -> String {
        match self {
            Self::Module(module) => format!("module:{}", module.key()),
            Self::Workspaces => WORKSPACES.to_owned(),
            Self::CallsPerMinute => CALLS_PER_MINUTE.to_owned(),
            Self::AuditDays => AUDIT_DAYS.to_owned(),
        }
    }

    /// `on` or `off` of a module, a whole number or `unlimited` of the others; none is unlimited.
    ///
    /// # Errors
    /// What would be right.
    pub fn value(self, text: &str) -> Result<Option<i64>, String> {
        match (self, text) {
            (Self::Module(_), "on") => Ok(Some(1)),
            (Self::Module(_), "off") => Ok(Some(0)),
            (Self::Module(_), _) => Err(format!("{text} is not a value of {}: say on or off", self.name())),
            (_, "unlimited") => Ok(None),
            (Self::AuditDays, _) => match text.parse::<u16>() {
                Ok(days) if days >= AUDIT_DAYS_LEAST => Ok(Some(days.into())),
                _ => Err(format!("{text} is not a value of {AUDIT_DAYS}: say {AUDIT_DAYS_LEAST} days or more, or unlimited")),
            },
            _ => match text.parse::<u32>() {
                Ok(number) => Ok(Some(number.into())),
                Err(_) => Err(format!("{text} is not a value of {}: say a whole number, or unlimited", self.name())),
            },
        }
    }
}

/// As it is read: "on", "off", "40", "unlimited".
pub fn says(key: &str, allowed: Option<i64>) -> String {
    match (key.starts_with("module:"), allowed) {
        (true, Some(0)) => "off".to_owned(),
        (true, _) => "on".to_owned(),
        (false, Some(number)) => number.to_string(),
        (false, None) => "unlimited".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_value_are_read_or_explained() {
        let value = |key: &str, text: &str| Key::parse(key).and_then(|key| key.value(text));
        assert_eq!(value("module:cms", "on"), Ok(Some(1)));
        assert_eq!(value("module:cms", "off"), Ok(Some(0)));
        assert_eq!(value("workspaces", "40"), Ok(Some(40)));
        assert_eq!(value("calls_per_minute", "unlimited"), Ok(None));
        assert_eq!(value("audit_days", "30"), Ok(Some(30)));
        for (key, text, says) in [
            ("audit_days", "29", "say 30 days or more, or unlimited"),
            ("module:nothing", "on", "module:KEY with one of activity_log, tasks"),
            ("seats", "4", "workspaces, calls_per_minute"),
            ("module:cms", "yes", "say on or off"),
            ("workspaces", "-1", "say a whole number, or unlimited"),
        ] {
            let problem = value(key, text).expect_err(key);
            assert!(problem.contains(says), "{problem}");
        }
        assert_eq!([says("module:cms", Some(0)), says("workspaces", None), says("workspaces", Some(3))], ["off", "unlimited", "3"]);
    }
}
