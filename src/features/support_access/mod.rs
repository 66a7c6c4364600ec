//! Support access: the operator's people may look into a workspace, as an auditor does, while an owner's consent lasts.
//!
//! An owner consents with a reason and an end. An operator finds the consent on a page of their own and enters by it:
//! that is written into the workspace's log and told to its owners before anything is shown. The consent runs out by
//! itself, and an owner can take it back at any time; the next request is refused.

#[cfg(feature = "ssr")]
pub mod page;
#[cfg(feature = "ssr")]
pub mod server;

/// A reason has this many characters at most; the schema says the same.
pub const REASON_MAX: usize = 400;

/// How long a consent can last. The schema allows seven days at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lasting {
    AnHour,
    FourHours,
    ADay,
    AWeek,
}

impl Lasting {
    pub const ALL: [Self; 4] = [Self::AnHour, Self::FourHours, Self::ADay, Self::AWeek];

    pub fn hours(self) -> i64 {
        match self {
            Self::AnHour => 1,
            Self::FourHours => 4,
            Self::ADay => 24,
            Self::AWeek => 7 * 24,
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Self::AnHour => "1 hour",
            Self::FourHours => "4 hours",
            Self::ADay => "24 hours",
            Self::AWeek => "7 days",
        }
    }

    /// As forms write it: the hours.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lasting| lasting.hours().to_string() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::Lasting;

    #[test]
    fn only_what_is_offered_can_be_chosen() {
        for lasting in Lasting::ALL {
            assert_eq!(Lasting::parse(&lasting.hours().to_string()), Some(lasting));
        }
        for text in ["", "0", "2", "01", "-1", "169", "24.0"] {
            assert_eq!(Lasting::parse(text), None, "{text}");
        }
    }
}
