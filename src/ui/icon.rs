//! The console's own icons: line drawings on a 16 pixel grid that take the colour of the text beside them.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Agent,
    Archive,
    Audit,
    Billing,
    Brand,
    Check,
    Chevron,
    Close,
    Copy,
    Data,
    Dot,
    Download,
    Inbox,
    Info,
    Key,
    Mail,
    Members,
    Menu,
    Modules,
    Monitor,
    Moon,
    Overview,
    Plus,
    Search,
    Security,
    Sessions,
    Settings,
    SignOut,
    Stop,
    Sun,
    Switch,
    Teams,
    Usage,
    Warning,
    Workspaces,
}

impl Icon {
    pub const ALL: [Self; 35] = [
        Self::Agent,
        Self::Archive,
        Self::Audit,
        Self::Billing,
        Self::Brand,
        Self::Check,
        Self::Chevron,
        Self::Close,
        Self::Copy,
        Self::Data,
        Self::Dot,
        Self::Download,
        Self::Inbox,
        Self::Info,
        Self::Key,
        Self::Mail,
        Self::Members,
        Self::Menu,
        Self::Modules,
        Self::Monitor,
        Self::Moon,
        Self::Overview,
        Self::Plus,
        Self::Search,
        Self::Security,
        Self::Sessions,
        Self::Settings,
        Self::SignOut,
        Self::Stop,
        Self::Sun,
        Self::Switch,
        Self::Teams,
        Self::Usage,
        Self::Warning,
        Self::Workspaces,
    ];

    /// The inside of the `<svg>`.
    fn shape(self) -> &'static str {
        match self {
            Self::Archive => r#"<rect x="1.75" y="2.5" width="12.5" height="3.25" rx="1"/><path d="M3 5.75v7.75h10V5.75M6.25 8.5h3.5"/>"#,
            Self::Agent => {
                r#"<rect x="3" y="5" width="10" height="8" rx="1.5"/><path d="M8 2.25V5M6 8.5v.01M10 8.5v.01M6 11h4M1.5 8v2.5M14.5 8v2.5"/>"#
            }
            Self::Audit => r#"<path d="M3.25 2h9.5v12h-9.5zM5.75 5.25h4.5M5.75 8h4.5M5.75 10.75h2.5"/>"#,
            Self::Billing => r#"<rect x="1.75" y="3.5" width="12.5" height="9" rx="1.5"/><path d="M1.75 6.5h12.5M4.5 10H7"/>"#,
            Self::Brand => r#"<path d="M1.75 3.25h12.5M3.5 4v8M6.5 4v8M9.5 4v8M12.5 4v8M1.75 13h12.5"/>"#,
            Self::Check => r#"<path d="m3 8.5 3.25 3.25L13 5"/>"#,
            Self::Chevron => r#"<path d="m6 3.5 4.5 4.5L6 12.5"/>"#,
            Self::Close => r#"<path d="m4 4 8 8M12 4l-8 8"/>"#,
            Self::Copy => {
                r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.25"/><path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2"/>"#
            }
            Self::Data => {
                r#"<ellipse cx="8" cy="3.75" rx="5.25" ry="2"/><path d="M2.75 3.75v8.5c0 1.1 2.35 2 5.25 2s5.25-.9 5.25-2v-8.5M2.75 8c0 1.1 2.35 2 5.25 2s5.25-.9 5.25-2"/>"#
            }
            Self::Dot => r#"<circle cx="8" cy="8" r="2.5"/>"#,
            Self::Download => r#"<path d="M8 2v8M4.5 6.75 8 10.25l3.5-3.5M2.5 13.5h11"/>"#,
            Self::Inbox => r#"<path d="M2 9.25 4 3h8l2 6.25v4H2zM2 9.25h3.5l1 1.75h3l1-1.75H14"/>"#,
            Self::Info => r#"<circle cx="8" cy="8" r="6"/><path d="M8 7.5V11M8 5v.01"/>"#,
            Self::Key => r#"<circle cx="5.25" cy="10.75" r="2.75"/><path d="m7.25 8.75 6-6M11 5l1.75 1.75"/>"#,
            Self::Mail => r#"<rect x="1.75" y="3.25" width="12.5" height="9.5" rx="1.25"/><path d="m2.25 4.5 5.75 4.25 5.75-4.25"/>"#,
            Self::Members => r#"<circle cx="8" cy="5" r="2.5"/><path d="M3 13.25c.4-2.6 2.3-4 5-4s4.6 1.4 5 4"/>"#,
            Self::Menu => r#"<path d="M2.5 4.5h11M2.5 8h11M2.5 11.5h11"/>"#,
            Self::Modules => r#"<path d="m8 1.75 5.5 3v6.5L8 14.25l-5.5-3v-6.5zM2.5 4.75 8 7.75l5.5-3M8 7.75v6.5"/>"#,
            Self::Monitor => r#"<rect x="1.75" y="2.5" width="12.5" height="8.5" rx="1.25"/><path d="M5.5 13.5h5M8 11v2.5"/>"#,
            Self::Moon => r#"<path d="M13.25 9.6A5.5 5.5 0 0 1 6.4 2.75a5.5 5.5 0 1 0 6.85 6.85z"/>"#,
            Self::Overview => r#"<path d="M2 13.5h12M4 11V7.5M8 11V2.5M12 11V5.5"/>"#,
            Self::Plus => r#"<path d="M8 3v10M3 8h10"/>"#,
            Self::Search => r#"<circle cx="7" cy="7" r="4.25"/><path d="m10.25 10.25 3.5 3.5"/>"#,
            Self::Security => {
                r#"<path d="M8 1.75 13.25 3.5v4.25c0 3-2 5.25-5.25 6.5-3.25-1.25-5.25-3.5-5.25-6.5V3.5zM5.75 8l1.75 1.75 3-3.25"/>"#
            }
            Self::Sessions => {
                r#"<rect x="1.75" y="3" width="9" height="6.75" rx="1"/><path d="M4 12.75h4.5M10.75 6.5h2.5a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1h-1.5a1 1 0 0 1-1-1z"/>"#
            }
            Self::Settings => {
                r#"<path d="M2 4.5h6.5M12 4.5h2M2 11.5h2M7.5 11.5H14"/><circle cx="10.25" cy="4.5" r="1.75"/><circle cx="5.75" cy="11.5" r="1.75"/>"#
            }
            Self::SignOut => r#"<path d="M6.5 2.5h-3v11h3M10.5 5l3 3-3 3M13.5 8h-7"/>"#,
            Self::Stop => r#"<path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5zM8 5v3.5M8 11v.01"/>"#,
            Self::Sun => {
                r#"<circle cx="8" cy="8" r="2.75"/><path d="M8 1.5V3M8 13v1.5M1.5 8H3M13 8h1.5M3.4 3.4l1.05 1.05M11.55 11.55l1.05 1.05M3.4 12.6l1.05-1.05M11.55 4.45l1.05-1.05"/>"#
            }
            Self::Switch => r#"<path d="m5 6 3-3 3 3M5 10l3 3 3-3"/>"#,
            Self::Teams => {
                r#"<circle cx="6" cy="5" r="2.25"/><path d="M1.75 13c.3-2.4 2-3.75 4.25-3.75S9.95 10.6 10.25 13M10.5 2.9a2.25 2.25 0 0 1 0 4.2M12 9.6c1.4.5 2.1 1.7 2.25 3.4"/>"#
            }
            Self::Usage => r#"<path d="M2 2.5v11h12M4.5 10.5 7 7.25l2.5 2L13 4.5"/>"#,
            Self::Warning => r#"<path d="M8 2.25 14.25 13.5H1.75zM8 6.5v3M8 11.5v.01"/>"#,
            Self::Workspaces => {
                r#"<rect x="2.25" y="2.25" width="4.5" height="4.5" rx="1"/><rect x="9.25" y="2.25" width="4.5" height="4.5" rx="1"/><rect x="2.25" y="9.25" width="4.5" height="4.5" rx="1"/><rect x="9.25" y="9.25" width="4.5" height="4.5" rx="1"/>"#
            }
        }
    }
}

/// Draws an icon. Always beside a text or inside something that has a name: alone it says nothing aloud.
#[component]
pub fn Glyph(icon: Icon) -> impl IntoView {
    view! { <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" inner_html=icon.shape()></svg> }
}
