//! The verbs of the command line, one file each.

pub mod asking;
mod attach;
pub mod certificate;
pub mod check;
pub mod doctor;
pub mod inside;
pub mod integration;
pub mod invitation;
pub mod kill;
pub mod log;
pub mod ls;
pub mod migrate;
pub mod new;
mod passwd;
pub mod play;
#[cfg(feature = "oidc")]
mod provider;
pub mod rename;
pub mod run;
pub mod screen;
pub mod send;
pub mod serve;
pub mod sessions;
pub mod share;
pub mod shell;
pub mod shim;
mod start;
pub mod supervisor;
pub mod token;
pub mod tty;
mod user;
pub mod wait;

use std::process::ExitCode;

use awp_server::client::error::ClientError;
use awp_server::control::client::CallError;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::{Cli, Verb};
use crate::config::error::ConfigError;

/// The exit status of an operation that failed.
const FAILED: u8 = 1;

/// Runs what was typed and gives the exit status.
pub fn run(cli: Cli) -> ExitCode {
    let Some(verb) = cli.verb else {
        return finish("serve", serve::run(cli.serve).map(|()| 0));
    };
    match verb {
        Verb::Serve(typed) => finish("serve", serve::run(typed).map(|()| 0)),
        Verb::Check(typed) => finish("check", check::run(typed)),
        Verb::Doctor(typed) => finish("doctor", doctor::run(&typed)),
        Verb::New(typed) => finish("new", new::run(&typed)),
        Verb::Attach(typed) => finish("attach", attach::run(&typed)),
        Verb::Run(typed) => finish("run", run::run(&typed)),
        Verb::Ls(typed) => finish("ls", ls::run(&typed)),
        Verb::Kill(typed) => finish("kill", kill::run(&typed)),
        Verb::Rename(typed) => finish("rename", rename::run(&typed)),
        Verb::Send(typed) => finish("send", send::run(&typed)),
        Verb::Screen(typed) => finish("screen", screen::run(&typed)),
        Verb::Play(typed) => finish("play", play::run(&typed)),
        Verb::Wait(typed) => finish("wait", wait::run(&typed)),
        Verb::Session(typed) => finish("session", inside::session(&typed)),
        Verb::Var(typed) => finish("var", inside::var(&typed)),
        Verb::Proc(typed) => finish("proc", inside::proc(&typed)),
        Verb::Notify(typed) => finish("notify", inside::notify(&typed)),
        Verb::Progress(typed) => finish("progress", inside::progress(&typed)),
        Verb::Log(typed) => finish("log", inside::log(&typed)),
        Verb::Title(typed) => finish("title", inside::title(&typed)),
        Verb::Open(typed) => finish("open", inside::open(&typed)),
        Verb::Clip(typed) => finish("clip", inside::clip(&typed)),
        Verb::Askpass(typed) => finish("askpass", asking::askpass(&typed)),
        Verb::Confirm(typed) => finish("confirm", asking::confirm(&typed)),
        Verb::Upload(typed) => finish("upload", asking::upload(&typed)),
        Verb::Download(typed) => finish("download", asking::download(&typed)),
        Verb::Migrate(typed) => finish("migrate", migrate::run(&typed)),
        Verb::Share(typed) => finish("share", share::run(&typed)),
        Verb::Token(typed) => finish("token", token::run(typed)),
        Verb::User(typed) => finish("user", user::run(&typed)),
        Verb::Completions(typed) => finish("completions", shell::completions(&typed)),
        Verb::ShellIntegration(typed) => finish("shell-integration", integration::run(&typed)),
        Verb::Man => finish("man", shell::man()),
    }
}

/// Says why the arguments were not understood, or prints the help that was asked for.
#[expect(clippy::print_stderr, reason = "one more line of clap's refusal")]
pub fn usage(refusal: &clap::Error) -> ExitCode {
    // Nothing is left to do about a closed stdout; the status still tells.
    let _ = refusal.print();
    // The likeliest mistake of all, `awp bash`, is one that clap has no tip for.
    match refusal.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) if !word.starts_with('-') && is_unknown(refusal) => {
            eprintln!("To run it: awp -- {word}");
        }
        _ => {}
    }
    ExitCode::from(u8::try_from(refusal.exit_code()).unwrap_or(FAILED))
}

fn is_unknown(refusal: &clap::Error) -> bool {
    refusal.kind() == ErrorKind::UnknownArgument
}

/// The exit status of a verb; what failed is told in one line.
#[expect(clippy::print_stderr, reason = "the one line a failure ends with")]
fn finish(verb: &str, outcome: anyhow::Result<u8>) -> ExitCode {
    let error = match outcome {
        Ok(status) => return ExitCode::from(status),
        Err(error) => error,
    };
    // The server's errors name their place themselves.
    if verb == "serve" {
        eprintln!("awp: {error:#}");
    } else {
        eprintln!("awp: {verb}: {error:#}");
    }
    let refusal = error.downcast_ref::<ConfigError>();
    let refused = error.downcast_ref::<ClientError>();
    let called = error.downcast_ref::<CallError>();
    let status = refusal.map(ConfigError::exit_status);
    ExitCode::from(
        status
            .or(refused.map(ClientError::exit_status))
            .or(called.map(inside::exit_status))
            .unwrap_or(FAILED),
    )
}
