//! `stoa key`: what can be known of a credential without asking any server.

use std::{
    io::{IsTerminal as _, Read as _},
    process::ExitCode,
};

use clap::Subcommand;

use crate::server::credentials::Credential;

/// A credential is shorter than this; whatever is longer is none.
const INPUT_MAX: u64 = 4096;

#[derive(Debug, Subcommand)]
pub enum Arguments {
    /// Read a credential from the standard input and say whether it is written right: its form and its checksum.
    Check,
}

pub fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    match arguments {
        Arguments::Check => check(),
    }
}

/// From the standard input, since arguments stay in the shell's history and in the list of processes.
fn check() -> anyhow::Result<ExitCode> {
    let mut text = String::new();
    let input = std::io::stdin();
    if input.is_terminal() {
        eprintln!("Paste the credential, then press Ctrl-D.");
    }
    input.take(INPUT_MAX).read_to_string(&mut text)?;
    let Some(credential) = Credential::parse(text.trim()) else {
        println!("Not a credential of Stoa: its form or its checksum does not hold. Was it copied whole?");
        return Ok(ExitCode::FAILURE);
    };
    println!("kind: {}", credential.kind.word());
    println!("id:   {}", credential.id);
    println!("The checksum holds. Whether it works, only the server that made it can say.");
    Ok(ExitCode::SUCCESS)
}
