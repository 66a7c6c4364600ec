//! Who is in the company: the five who can sign in by the demonstration's provider, and fifteen whom one only meets.

use std::net::Ipv4Addr;

/// Someone of the company, and where their browser is.
#[derive(Debug)]
pub struct Member {
    pub name: &'static str,
    pub subject: &'static str,
    pub email: &'static str,
    pub ip: Ipv4Addr,
    /// What their browser calls itself.
    pub device: &'static str,
}

const MAC: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:144.0) Gecko/20100101 Firefox/144.0";
const WINDOWS: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";
const LINUX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1";

pub const OLIVIA: &str = "Olivia Ortiz";
pub const ADAM: &str = "Adam Asante";
pub const MIA: &str = "Mia Moreau";
pub const ARIA: &str = "Aria Andersen";
pub const BELA: &str = "Bela Bakker";
pub const CHIDI: &str = "Chidi Chukwu";
pub const DANA: &str = "Dana Dvořák";
pub const EMIL: &str = "Emil Eriksen";
pub const FARAH: &str = "Farah Farouk";
pub const GORO: &str = "Goro Gotō";
pub const HUGO: &str = "Hugo Herrera";
pub const INES: &str = "Inès Ivanova";
pub const JONAS: &str = "Jonas Jansen";
pub const KAIA: &str = "Kaia Kowalski";
pub const LUCA: &str = "Luca Lindqvist";
pub const NOOR: &str = "Noor Nasser";
pub const PAVEL: &str = "Pavel Petrov";
pub const QUINN: &str = "Quinn Quigley";
/// The last to join: whoever finds her knows that the history is whole.
pub const ROSA: &str = "Rosa Ricci";

/// Nico, the newcomer, is not among them: they come by themselves.
pub const CAST: &[Member] = &[
    of(OLIVIA, "olivia-ortiz", "olivia.ortiz@northwind.example", [203, 0, 113, 10], MAC),
    of(ADAM, "adam-asante", "adam.asante@northwind.example", [203, 0, 113, 11], LINUX),
    of(MIA, "mia-moreau", "mia.moreau@northwind.example", [198, 51, 100, 21], MAC),
    of(ARIA, "aria-andersen", "aria.andersen@northwind.example", [192, 0, 2, 44], WINDOWS),
    of(BELA, "bela-bakker", "bela.bakker@northwind.example", [203, 0, 113, 12], WINDOWS),
    of(CHIDI, "chidi-chukwu", "chidi.chukwu@northwind.example", [203, 0, 113, 13], LINUX),
    of(DANA, "dana-dvorak", "dana.dvorak@northwind.example", [203, 0, 113, 14], MAC),
    of(EMIL, "emil-eriksen", "emil.eriksen@northwind.example", [203, 0, 113, 15], WINDOWS),
    of(FARAH, "farah-farouk", "farah.farouk@ledgerwise.example", [192, 0, 2, 60], WINDOWS),
    of(GORO, "goro-goto", "goro.goto@northwind.example", [203, 0, 113, 16], PHONE),
    of(HUGO, "hugo-herrera", "hugo.herrera@freelance.example", [192, 0, 2, 91], PHONE),
    of(INES, "ines-ivanova", "ines.ivanova@northwind.example", [203, 0, 113, 17], LINUX),
    of(JONAS, "jonas-jansen", "jonas.jansen@northwind.example", [203, 0, 113, 18], WINDOWS),
    of(KAIA, "kaia-kowalski", "kaia@kestrel.example", [198, 51, 100, 22], MAC),
    of(LUCA, "luca-lindqvist", "luca@kestrel.example", [198, 51, 100, 23], LINUX),
    of(NOOR, "noor-nasser", "noor@kestrel.example", [198, 51, 100, 24], PHONE),
    of(PAVEL, "pavel-petrov", "pavel@kestrel.example", [198, 51, 100, 25], WINDOWS),
    of(QUINN, "quinn-quigley", "quinn@kestrel.example", [198, 51, 100, 26], MAC),
    of(ROSA, "rosa-ricci", "rosa.ricci@northwind.example", [203, 0, 113, 19], MAC),
];

const fn of(name: &'static str, subject: &'static str, email: &'static str, ip: [u8; 4], device: &'static str) -> Member {
    Member { name, subject, email, ip: Ipv4Addr::new(ip[0], ip[1], ip[2], ip[3]), device }
}

pub fn member(name: &str) -> Option<&'static Member> {
    CAST.iter().find(|member| member.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::embedded::identity_provider::PEOPLE;

    #[test]
    fn with_the_newcomer_they_are_twenty_and_the_provider_knows_the_first() {
        assert_eq!(CAST.len() + 1, 20);
        for person in &PEOPLE[..4] {
            let known = member(person.name).expect(person.name);
            assert_eq!((known.subject, known.email), (person.subject, person.email));
        }
    }
}
