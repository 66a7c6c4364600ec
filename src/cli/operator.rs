//! `stoa operator`: names the first operator, and the next ones.

use std::process::ExitCode;

use anyhow::bail;

use crate::{features::sign_in::server::name_operator, server::config::Config};

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Arguments {
    /// Their verified e-mail address at the identity provider.
    #[arg(long)]
    email: Option<String>,

    /// Their subject (`sub`) at the identity provider.
    #[arg(long)]
    subject: Option<String>,
}

pub async fn run(arguments: &Arguments, config: Config) -> anyhow::Result<ExitCode> {
    let stoa = super::assemble(config)?;
    let named = name_operator(&stoa, arguments.subject.as_deref(), arguments.email.as_deref()).await?;
    if named.len() > 1 {
        bail!("{} people have that address; name one of them with --subject", named.len());
    }
    let [user] = named.as_slice() else {
        bail!(
            "nobody is known by that yet: let them sign in once, with an e-mail address that the provider calls verified, and run this again"
        );
    };
    println!("{user} is an operator now");
    Ok(ExitCode::SUCCESS)
}
