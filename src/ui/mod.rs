//! The elements that every page is made of; none of them knows a feature.

mod badge;
mod button;
mod code;
mod danger_zone;
mod description_list;
mod empty_state;
mod form;
mod gallery;
mod icon;
mod islands;
pub mod layout;
mod notice;
mod page_header;
mod section;
mod table;
mod theme;
mod time;
mod tone;

pub use badge::{RoleBadge, StatusBadge};
pub use button::{Actions, Button, ButtonKind, LinkButton};
pub use code::Code;
pub use danger_zone::{DangerAct, DangerZone};
pub use description_list::{Description, DescriptionList};
pub use empty_state::EmptyState;
pub use form::{Choice, ErrorSummary, Field, Form, RadioGroup, Select, error_of};
pub use gallery::Gallery;
pub use icon::{Glyph, Icon};
pub use islands::SwitcherFilter;
pub use notice::Notice;
pub use page_header::PageHeader;
pub use section::Section;
pub use table::{Column, Table};
pub use theme::Theme;
pub use time::Time;
pub use tone::Tone;

/// Plain script for every page: the island loader, copying, menus, confirm typing and `/`.
pub const SCRIPT: &str = include_str!("script.js");
