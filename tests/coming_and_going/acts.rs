//! What people try, by dice that fall the same every time.

use stoa::access::{TenantRole, WorkspaceRole};

use super::PEOPLE;

/// Numbers that are the same every time.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).expect("few")).expect("fewer")
    }
}

/// One thing that one person tries. Whether it works depends on who they are by then.
#[derive(Clone, Copy, Debug)]
pub enum Act {
    ChangeRole { by: usize, of: usize, to: WorkspaceRole },
    Remove { by: usize, of: usize, hand_over: bool },
    Leave { who: usize, to: usize },
    MakeKey { by: usize, steward: usize },
    HandKeyOver { by: usize, to: usize },
    Invite { by: usize },
    TeamRole { by: usize, of: usize, to: TenantRole },
    RemoveFromTeam { by: usize, of: usize },
    LeaveTeam { who: usize, to: usize },
}

pub fn act(dice: &mut Dice) -> Act {
    let (by, of) = (dice.roll(PEOPLE), dice.roll(PEOPLE));
    match dice.roll(16) {
        0..=3 => Act::ChangeRole { by, of, to: WorkspaceRole::ALL[dice.roll(4)] },
        4..=5 => Act::Remove { by, of, hand_over: dice.roll(2) == 0 },
        6 => Act::Leave { who: by, to: of },
        7..=9 => Act::MakeKey { by, steward: of },
        10 => Act::HandKeyOver { by, to: of },
        11 => Act::Invite { by },
        12..=13 => Act::TeamRole { by, of, to: TenantRole::ALL[dice.roll(3)] },
        14 => Act::RemoveFromTeam { by, of },
        _ => Act::LeaveTeam { who: by, to: of },
    }
}
