//! `awp completions` and `awp man`: what a packager installs beside the binary.

use clap::CommandFactory as _;

use super::sessions;
use crate::cli::{Cli, Completions};

/// Prints the completions for a shell.
///
/// # Errors
/// What the system said.
pub fn completions(typed: &Completions) -> anyhow::Result<u8> {
    let mut out = Vec::new();
    clap_complete::generate(typed.shell, &mut Cli::command(), "awp", &mut out);
    sessions::print(&out)?;
    Ok(0)
}

/// Prints the manual page.
///
/// # Errors
/// What the system said.
pub fn man() -> anyhow::Result<u8> {
    let mut out = Vec::new();
    let command = Cli::command();
    clap_mangen::Man::new(command.clone()).render(&mut out)?;
    // One page for everything: whoever looks for an option of a verb should not look elsewhere.
    for verb in command
        .get_subcommands()
        .filter(|verb| verb.get_name() != "serve")
    {
        let name = format!("awp {}", verb.get_name());
        let verb = verb.clone().bin_name(name.clone()).display_name(name);
        let page = clap_mangen::Man::new(verb);
        page.render_name_section(&mut out)?;
        page.render_synopsis_section(&mut out)?;
        page.render_options_section(&mut out)?;
    }
    sessions::print(&out)?;
    Ok(0)
}
