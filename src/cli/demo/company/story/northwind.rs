//! Northwind Trading: a trader's shop, its warehouse, and a workspace that it gave up.

use super::{
    super::{
        calendar::Calendar,
        cast::{ADAM, ARIA, BELA, CHIDI, DANA, EMIL, FARAH, GORO, HUGO, INES, JONAS, MIA, OLIVIA, ROSA},
    },
    Act::{
        Accept, AccountCap, Archive, Cap, ChangeRole, CreateKey, CreateToken, CreateWorkspace, Found, Invite, Leave, Limit, LookAround,
        Narrow, Open, Plan, Quarantine, Remove, Revoke, Rotate, Support, SwitchOff, SwitchOn, TeamRole, Welcome,
    },
    OPERATOR, Place, RECORDS, Scene,
};

pub const TEAM: Place = "Northwind Trading";
pub const PRODUCTION: Place = "production";
pub const STAGING: Place = "staging";
pub const WAREHOUSE: Place = "warehouse";
pub const RETURNS: Place = "returns";

const READING: &[&str] = &["tasks:read", "activity:read"];

pub fn scenes(calendar: Calendar) -> Vec<Scene> {
    [founding(calendar), warehouse(calendar), keys(calendar), routine(calendar), this_week(calendar), today(calendar)].concat()
}

fn founding(calendar: Calendar) -> Vec<Scene> {
    let at = |day, time, who, act| Scene { at: calendar.day(day, time), who, act };
    vec![
        at(32, "8:10", OPERATOR, Found),
        at(32, "8:40", OPERATOR, Plan { team: TEAM, plan: "team", reason: "As agreed in the contract of the spring" }),
        at(32, "9:00", OLIVIA, LookAround),
        at(32, "9:20", OLIVIA, Invite { place: PRODUCTION, people: &[CHIDI], role: "admin", days: None }),
        at(32, "9:25", OLIVIA, Invite { place: PRODUCTION, people: &[BELA, DANA], role: "member", days: None }),
        at(32, "10:05", CHIDI, Accept { place: PRODUCTION }),
        at(32, "11:32", BELA, Accept { place: PRODUCTION }),
        at(31, "9:14", DANA, Accept { place: PRODUCTION }),
        at(27, "10:15", OLIVIA, CreateWorkspace { team: TEAM, word: RETURNS, name: "Northwind Returns" }),
        at(27, "10:22", OLIVIA, Invite { place: RETURNS, people: &[BELA], role: "admin", days: None }),
        at(27, "10:24", OLIVIA, Invite { place: RETURNS, people: &[JONAS], role: "member", days: None }),
        at(27, "11:03", BELA, Accept { place: RETURNS }),
        at(26, "8:51", JONAS, Accept { place: RETURNS }),
        at(26, "9:40", BELA, CreateKey { place: RETURNS, key: "Returns desk", steward: BELA, scopes: RECORDS, days: "90" }),
    ]
}

fn warehouse(calendar: Calendar) -> Vec<Scene> {
    let at = |day, time, who, act| Scene { at: calendar.day(day, time), who, act };
    vec![
        at(31, "9:30", OLIVIA, CreateWorkspace { team: TEAM, word: WAREHOUSE, name: "Northwind Warehouse" }),
        at(31, "9:45", OLIVIA, Invite { place: WAREHOUSE, people: &[ADAM, EMIL], role: "admin", days: None }),
        at(31, "9:47", OLIVIA, Invite { place: WAREHOUSE, people: &[GORO], role: "member", days: None }),
        at(31, "9:49", OLIVIA, Invite { place: WAREHOUSE, people: &[ARIA], role: "readonly", days: None }),
        at(31, "10:20", ADAM, Accept { place: WAREHOUSE }),
        at(31, "13:05", EMIL, Accept { place: WAREHOUSE }),
        at(31, "15:40", ARIA, Accept { place: WAREHOUSE }),
        at(30, "8:55", GORO, Accept { place: WAREHOUSE }),
        at(31, "14:00", EMIL, CreateKey { place: WAREHOUSE, key: "Handheld scanners", steward: EMIL, scopes: RECORDS, days: "180" }),
        at(30, "14:30", ADAM, CreateKey { place: WAREHOUSE, key: "Stock sync", steward: ADAM, scopes: RECORDS, days: "366" }),
        at(24, "9:10", ADAM, Invite { place: WAREHOUSE, people: &[INES], role: "member", days: None }),
        at(24, "10:45", INES, Accept { place: WAREHOUSE }),
        at(18, "16:00", OLIVIA, Invite { place: WAREHOUSE, people: &[HUGO], role: "readonly", days: Some(12) }),
        at(17, "8:20", HUGO, Accept { place: WAREHOUSE }),
        at(11, "10:00", ADAM, SwitchOff { place: WAREHOUSE, module: "activity_log" }),
        at(10, "15:30", ADAM, SwitchOn { place: WAREHOUSE, module: "activity_log" }),
        at(9, "11:20", OLIVIA, ChangeRole { place: WAREHOUSE, of: INES, role: "admin" }),
        at(9, "16:45", OLIVIA, Remove { place: WAREHOUSE, whom: EMIL }),
        at(6, "9:05", OLIVIA, Support { place: WAREHOUSE, reason: "The stock figures differ from the invoice", hours: "24" }),
    ]
}

fn keys(calendar: Calendar) -> Vec<Scene> {
    let at = |day, time, who, act| Scene { at: calendar.day(day, time), who, act };
    let key = |key, steward, scopes, days| CreateKey { place: PRODUCTION, key, steward, scopes, days };
    let token = |token, steward, scopes, days| CreateToken { place: PRODUCTION, token, steward, scopes, days };
    vec![
        at(31, "10:40", ADAM, key("Web shop", ADAM, RECORDS, "366")),
        at(31, "10:52", ADAM, key("Old newsletter", DANA, &["activity:write"], "180")),
        at(29, "10:00", CHIDI, key("Nightly import", CHIDI, RECORDS, "30")),
        at(26, "13:30", CHIDI, key("Mobile app", CHIDI, RECORDS, "180")),
        at(25, "9:15", CHIDI, key("Support desk", BELA, RECORDS, "90")),
        at(25, "9:20", CHIDI, Limit { place: PRODUCTION, key: "Support desk", calls: "4" }),
        at(24, "11:10", ADAM, key("Reporting", ADAM, RECORDS, "180")),
        at(23, "14:05", CHIDI, key("Partner trial", CHIDI, READING, "90")),
        at(21, "15:15", ADAM, key("Courier webhook", CHIDI, RECORDS, "90")),
        at(20, "11:30", CHIDI, token("Order assistant", BELA, RECORDS, "90")),
        at(13, "15:05", ADAM, token("Research agent", ADAM, &["tasks:read", "activity:read", "members:read", "usage:read"], "30")),
        at(20, "9:50", ADAM, key("Team directory", ADAM, &["members:read", "usage:read", "audit:read"], "90")),
        at(12, "10:30", ADAM, Narrow { place: PRODUCTION, key: "Reporting", scopes: READING }),
        at(
            4,
            "13:20",
            CHIDI,
            Quarantine { place: PRODUCTION, key: "Courier webhook", reason: "The courier sends each parcel twice since noon" },
        ),
        at(3, "9:35", CHIDI, Revoke { place: PRODUCTION, key: "Partner trial", reason: "The trial ended without a contract" }),
        at(1, "9:25", CHIDI, Rotate { place: PRODUCTION, key: "Mobile app", overlap_days: "7" }),
    ]
}

fn routine(calendar: Calendar) -> Vec<Scene> {
    let at = |day, time, who, act| Scene { at: calendar.day(day, time), who, act };
    vec![
        at(26, "10:10", MIA, Open { place: PRODUCTION, page: "audit-log" }),
        at(20, "10:25", OLIVIA, ChangeRole { place: PRODUCTION, of: DANA, role: "admin" }),
        at(19, "14:00", ARIA, Open { place: PRODUCTION, page: "audit-log.csv" }),
        at(19, "14:06", ARIA, Open { place: PRODUCTION, page: "members.csv" }),
        at(18, "11:00", OLIVIA, TeamRole { team: TEAM, of: BELA, role: "billing" }),
        at(16, "9:00", ADAM, Invite { place: PRODUCTION, people: &["victor.vance@partner.example"], role: "readonly", days: None }),
        at(15, "9:00", OLIVIA, Invite { place: PRODUCTION, people: &[FARAH], role: "readonly", days: None }),
        at(14, "10:35", FARAH, Accept { place: PRODUCTION }),
        at(13, "17:10", JONAS, Leave { place: RETURNS }),
        at(12, "15:25", FARAH, Open { place: PRODUCTION, page: "usage.csv" }),
        at(8, "10:00", OLIVIA, Archive { place: RETURNS }),
        at(7, "9:30", BELA, AccountCap { team: TEAM, amount: "50" }),
    ]
}

fn this_week(calendar: Calendar) -> Vec<Scene> {
    let at = |day, time, who, act| Scene { at: calendar.day(day, time), who, act };
    vec![
        at(5, "11:40", DANA, Open { place: PRODUCTION, page: "settings/transfer" }),
        at(2, "16:20", ADAM, Open { place: PRODUCTION, page: "api-keys.csv" }),
        at(2, "16:30", DANA, ChangeRole { place: PRODUCTION, of: FARAH, role: "member" }),
        at(
            1,
            "10:15",
            OLIVIA,
            Invite { place: WAREHOUSE, people: &[ROSA, "gabriela.gomez@northwind.example"], role: "member", days: None },
        ),
        at(1, "11:00", CHIDI, Invite { place: PRODUCTION, people: &["sven.sato@ledgerwise.example"], role: "readonly", days: None }),
    ]
}

fn today(calendar: Calendar) -> Vec<Scene> {
    let ago = |minutes, who, act| Scene { at: calendar.minutes_ago(minutes), who, act };
    vec![
        ago(48, ADAM, Cap { place: WAREHOUSE, reached: false }),
        ago(190, CHIDI, LookAround),
        ago(140, ADAM, LookAround),
        ago(95, GORO, LookAround),
        ago(31, OLIVIA, LookAround),
        ago(13, OPERATOR, Welcome),
        // The very last: see `ROSA`.
        ago(12, ROSA, Accept { place: WAREHOUSE }),
    ]
}
