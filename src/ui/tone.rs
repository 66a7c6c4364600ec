//! What a colour means here, so that a page says "warning" and never "yellow".

use super::Icon;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Success,
    Warning,
    Danger,
    Info,
}

impl Tone {
    pub const ALL: [Self; 5] = [Self::Neutral, Self::Success, Self::Warning, Self::Danger, Self::Info];

    /// The class that sets the pair of text and background colour for what it stands on.
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Success => "tone-success",
            Self::Warning => "tone-warning",
            Self::Danger => "tone-danger",
            Self::Info => "tone-info",
        }
    }

    /// The shape that goes with the colour, for those who do not see it.
    pub fn icon(self) -> Icon {
        match self {
            Self::Neutral => Icon::Dot,
            Self::Success => Icon::Check,
            Self::Warning => Icon::Warning,
            Self::Danger => Icon::Stop,
            Self::Info => Icon::Info,
        }
    }
}
