//! The people of the demonstration.

#[derive(Debug)]
pub struct Person {
    pub subject: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    /// What they are to Northwind, such as "Owner".
    pub role: &'static str,
    /// One sentence on what signing in as them shows.
    pub about: &'static str,
}

pub const PEOPLE: &[Person] = &[
    Person {
        subject: "olivia-ortiz",
        name: "Olivia Ortiz",
        email: "olivia.ortiz@northwind.example",
        role: "Owner",
        about: "Founded Northwind. May do everything: people, plan, payment and every workspace.",
    },
    Person {
        subject: "adam-asante",
        name: "Adam Asante",
        email: "adam.asante@northwind.example",
        role: "Admin",
        about: "Runs the workspaces: credentials, webhooks, modules and their members.",
    },
    Person {
        subject: "mia-moreau",
        name: "Mia Moreau",
        email: "mia.moreau@northwind.example",
        role: "Member",
        about: "Builds on Northwind's workspaces. Sees the credentials and the spend that are hers.",
    },
    Person {
        subject: "aria-andersen",
        name: "Aria Andersen",
        email: "aria.andersen@northwind.example",
        role: "Auditor",
        about: "Checks the books from outside. May read everything, the audit log too, and change nothing.",
    },
    Person {
        subject: "nico-nakamura",
        name: "Nico Nakamura",
        email: "nico.nakamura@example.net",
        role: "Newcomer",
        about: "Belongs to no team yet. Shows what somebody sees who signs in for the first time.",
    },
];

impl Person {
    pub(super) fn with_subject(subject: &str) -> Option<&'static Self> {
        PEOPLE.iter().find(|person| person.subject == subject)
    }

    /// Whether a client that hints so means this person.
    pub(super) fn is_meant_by(&self, hint: &str) -> bool {
        hint == self.subject || hint.eq_ignore_ascii_case(self.email)
    }
}
