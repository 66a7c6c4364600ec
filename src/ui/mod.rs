//! The elements that every page is made of; none of them knows a feature.

mod badge;
mod banner;
mod button;
mod changes;
mod code;
mod danger_zone;
mod description_list;
mod empty_state;
mod entries;
mod filter;
mod form;
mod gallery;
mod icon;
mod inventory;
mod islands;
pub mod layout;
mod notice;
mod page_header;
mod pager;
mod secret_once;
mod section;
mod steps;
mod table;
mod tabs;
mod theme;
mod time;
mod tone;

pub use badge::{RoleBadge, StatusBadge};
pub use banner::Banner;
pub use button::{Actions, Button, ButtonKind, LinkButton};
pub use changes::{ChangeRow, Changes};
pub use code::Code;
pub use danger_zone::{DangerAct, DangerZone};
pub use description_list::{Description, DescriptionList};
pub use empty_state::EmptyState;
pub use entries::{Entries, Entry};
pub use filter::{FilterBar, FilterField, FilterSelect};
pub use form::{Checkbox, CheckboxGroup, Choice, ErrorSummary, Field, Form, RadioGroup, Select, TextArea, TypedPhrase, error_of};
pub use gallery::Gallery;
pub use icon::{Glyph, Icon};
pub use inventory::{Inventory, InventoryLine, plural};
pub use islands::SwitcherFilter;
pub use notice::Notice;
pub use page_header::PageHeader;
pub use pager::Pager;
pub use secret_once::SecretOnce;
pub use section::Section;
pub use steps::Steps;
pub use table::{Column, Table};
pub use tabs::Tabs;
pub use theme::Theme;
pub use time::Time;
pub use tone::Tone;

/// Plain script for every page: the island loader, copying, menus, confirm typing and `/`.
pub const SCRIPT: &str = include_str!("script.js");
