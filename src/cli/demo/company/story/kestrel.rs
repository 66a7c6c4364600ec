//! Kestrel Studio: a small design studio, where some of Northwind's people are something else.

use super::{
    super::{
        calendar::Calendar,
        cast::{ADAM, ARIA, KAIA, LUCA, MIA, NOOR, PAVEL, QUINN},
    },
    Act::{Accept, Allow, Cap, ChangeRole, CreateKey, CreateTeam, CreateWorkspace, Invite, Open, Plan, Remove, SwitchOff, TeamRole},
    OPERATOR, Place, RECORDS, Scene, northwind,
};

pub const TEAM: Place = "Kestrel Studio";
pub const SITES: Place = "sites";
pub const LAB: Place = "lab";

pub fn scenes(calendar: Calendar) -> Vec<Scene> {
    [founding(calendar), life(calendar)].concat()
}

fn founding(calendar: Calendar) -> Vec<Scene> {
    let at = |day, time, who, act| Scene { at: calendar.day(day, time), who, act };
    vec![
        at(30, "10:00", MIA, CreateTeam { name: TEAM, from: northwind::TEAM }),
        at(30, "10:31", OPERATOR, Plan { team: TEAM, plan: "builder", reason: "Ordered by telephone" }),
        at(30, "10:40", MIA, CreateWorkspace { team: TEAM, word: SITES, name: "Kestrel Sites" }),
        at(30, "10:50", MIA, CreateWorkspace { team: TEAM, word: LAB, name: "Kestrel Lab" }),
        at(30, "11:00", MIA, Invite { place: SITES, people: &[KAIA], role: "owner", days: None }),
        at(30, "11:02", MIA, Invite { place: SITES, people: &[LUCA], role: "admin", days: None }),
        at(30, "11:03", MIA, Invite { place: SITES, people: &[NOOR], role: "member", days: None }),
        at(30, "12:30", KAIA, Accept { place: SITES }),
        at(30, "14:10", LUCA, Accept { place: SITES }),
        at(29, "9:33", NOOR, Accept { place: SITES }),
        at(29, "10:50", MIA, Invite { place: LAB, people: &[LUCA], role: "admin", days: None }),
        at(29, "10:52", MIA, Invite { place: LAB, people: &[PAVEL, ADAM], role: "member", days: None }),
        at(29, "11:30", LUCA, Accept { place: LAB }),
        at(29, "13:45", PAVEL, Accept { place: LAB }),
        at(28, "8:40", ADAM, Accept { place: LAB }),
        at(29, "11:05", MIA, CreateKey { place: SITES, key: "Client portal", steward: KAIA, scopes: RECORDS, days: "180" }),
        at(28, "9:20", LUCA, CreateKey { place: LAB, key: "Render farm", steward: LUCA, scopes: RECORDS, days: "90" }),
        at(28, "9:40", LUCA, CreateKey { place: SITES, key: "Time sheets", steward: NOOR, scopes: RECORDS, days: "90" }),
    ]
}

fn life(calendar: Calendar) -> Vec<Scene> {
    let at = |day, time, who, act| Scene { at: calendar.day(day, time), who, act };
    let ago = |minutes, who, act| Scene { at: calendar.minutes_ago(minutes), who, act };
    vec![
        at(22, "9:55", MIA, Invite { place: SITES, people: &[ARIA], role: "readonly", days: None }),
        at(21, "13:20", ARIA, Accept { place: SITES }),
        at(20, "17:00", MIA, TeamRole { team: TEAM, of: ARIA, role: "billing" }),
        at(19, "10:10", LUCA, Open { place: TEAM, page: "billing" }),
        at(12, "9:45", KAIA, Invite { place: SITES, people: &[QUINN], role: "member", days: None }),
        at(11, "9:12", QUINN, Accept { place: SITES }),
        at(10, "16:30", LUCA, SwitchOff { place: LAB, module: "activity_log" }),
        at(6, "14:40", KAIA, ChangeRole { place: SITES, of: NOOR, role: "admin" }),
        at(5, "9:15", LUCA, Remove { place: LAB, whom: PAVEL }),
        at(3, "10:05", MIA, Cap { place: LAB, reached: true }),
        at(
            2,
            "12:00",
            OPERATOR,
            Allow { team: TEAM, key: "module:analytics", value: "on", reason: "A trial for the campaign of the spring", days: 60 },
        ),
        // Where a month began meanwhile, the pause ended with the month before.
        ago(55, MIA, Cap { place: LAB, reached: true }),
    ]
}
