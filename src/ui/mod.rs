//! The elements that every page is made of; none of them knows a feature.

mod badge;
mod banner;
mod button;
mod changes;
pub mod charts;
mod code;
mod danger_zone;
mod description_list;
mod empty_state;
mod entries;
mod filter;
mod form;
mod found;
mod gallery;
mod icon;
mod inventory;
mod islands;
pub mod layout;
mod notice;
mod page_header;
mod pager;
mod search_form;
mod secret_once;
mod section;
mod shortcuts;
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
pub use found::{Found, FoundGroup, FoundList, FoundOptions};
pub use gallery::Gallery;
pub use icon::{Glyph, Icon};
pub use inventory::{Inventory, InventoryLine, plural};
pub use islands::SwitcherFilter;
pub use notice::Notice;
pub use page_header::PageHeader;
pub use pager::Pager;
pub use search_form::SearchForm;
pub use secret_once::SecretOnce;
pub use section::Section;
pub use shortcuts::{Shortcut, Shortcuts, palette_keys};
pub use steps::Steps;
pub use table::{Column, Table};
pub use tabs::Tabs;
pub use theme::Theme;
pub use time::Time;
pub use tone::Tone;

/// Plain script for every page, one module of two files: the island loader, copying, menus and confirm typing; and the
/// palette, the chords and their sheet.
pub const SCRIPT: &str = concat!(include_str!("script.js"), include_str!("palette.js"));
