//! What a frame must be told about the person and the place before it can be drawn.

use serde::{Deserialize, Serialize};

use crate::ui::{Icon, Shortcut, Theme};

#[derive(Clone, Debug)]
pub struct Surroundings {
    pub person_name: String,
    pub person_email: String,
    pub theme: Theme,
    pub tenant: Option<Place>,
    pub workspace: Option<Place>,
    pub rail: Vec<RailGroup>,
    /// The path of the page that is being shown.
    pub current: String,
    pub switcher: Vec<SwitcherEntry>,
    /// How many of the person's inbox items are unread.
    pub unread: i64,
    /// What stands under the top bar of every page here: that support looks in.
    pub banner: Option<String>,
    pub finding: Finding,
    /// The idempotency key of the frame's own forms: theme, search and sign-out.
    pub form_key: String,
}

/// How something is looked for from here, and which keys lead elsewhere.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The search of this place.
    pub address: String,
    /// The slug that its form is rendered for; none on a page of one's own.
    pub place: Option<String>,
    /// The person's keyboard has Apple's keys.
    pub is_apple: bool,
    pub shortcuts: Vec<Shortcut>,
}

/// A tenant or a workspace, and what the person is to it.
#[derive(Clone, Debug)]
pub struct Place {
    pub name: String,
    pub slug: String,
    pub role: String,
    pub href: String,
}

#[derive(Clone, Debug)]
pub struct RailGroup {
    pub heading: Option<&'static str>,
    pub entries: Vec<RailEntry>,
}

#[derive(Clone, Debug)]
pub struct RailEntry {
    pub label: &'static str,
    pub icon: Icon,
    pub href: String,
}

/// One workspace that the person can go to; those of one tenant follow each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SwitcherEntry {
    pub tenant: String,
    /// Its slug, where another one in the list is called the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_slug: Option<String>,
    pub workspace: String,
    /// The same of the workspace, within its tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_slug: Option<String>,
    pub role: String,
    pub href: String,
    pub current: bool,
}
