//! The binary: reads the command line and hands over.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match stoa::cli::run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("stoa: {error:#}");
            ExitCode::FAILURE
        }
    }
}
