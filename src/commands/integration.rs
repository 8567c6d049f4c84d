//! `awp shell-integration`: what a shell reads to tell the page of its commands.

use super::sessions;
use crate::cli::{MarkedShell, ShellIntegration};

const BASH: &str = include_str!("integration/integration.bash");
const ZSH: &str = include_str!("integration/integration.zsh");
const FISH: &str = include_str!("integration/integration.fish");

/// Prints the lines for a shell.
///
/// # Errors
/// What the system said.
pub fn run(typed: &ShellIntegration) -> anyhow::Result<u8> {
    let lines = match typed.shell {
        MarkedShell::Bash => BASH,
        MarkedShell::Zsh => ZSH,
        MarkedShell::Fish => FISH,
    };
    sessions::print(lines.as_bytes())?;
    Ok(0)
}
