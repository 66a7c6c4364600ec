//! `stoa bench`: figures that mean something on a noisy machine, as ratios against a bound of the same run.

use std::process::ExitCode;

use crate::server::config::Config;

#[derive(Debug, clap::Args)]
pub struct Arguments {}

#[expect(clippy::unused_async, reason = "x")]
pub async fn run(_: &Arguments, _: Config) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::SUCCESS)
}
