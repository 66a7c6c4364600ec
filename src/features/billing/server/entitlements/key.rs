//! What can be allowed beside a plan, and how much of it: read from the command line, and said again.

use crate::server::{
    modules::{self, Module},
    standing::CALLS_PER_MINUTE,
};

/// How many live workspaces a tenant may have.
pub const WORKSPACES: &str = "workspaces";

/// What can be allowed.
#[derive(Clone, Copy, Debug)]
pub enum Key {
    Module(&'static Module),
    /// How many live workspaces; of the tenant alone.
    Workspaces,
    /// Of each workspace, with all its credentials together.
    CallsPerMinute,
}

impl Key {
    /// # Errors
    /// What is wrong with it, and which there are.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            WORKSPACES => return Ok(Self::Workspaces),
            CALLS_PER_MINUTE => return Ok(Self::CallsPerMinute),
            _ => {}
        }
        let known: Vec<&str> = modules::list().iter().map(Module::key).collect();
        let module = text.strip_prefix("module:").and_then(modules::find).map(Self::Module);
        module.ok_or_else(|| {
            format!(
                "{text} cannot be allowed; these can: {WORKSPACES}, {CALLS_PER_MINUTE}, and module:KEY with one of {}",
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
        for (key, text, says) in [
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
