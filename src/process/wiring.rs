//! A child and what connects it: the pipes and the terminal, its ends and ours.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use rustix::fs::Uid;
use rustix::process::Signal;
use tokio::io::Interest;

use super::descriptor::{Descriptor, Endpoint};
#[cfg(not(target_os = "linux"))]
use super::portable::Child;
#[cfg(target_os = "linux")]
use super::reaper::{self, Child};
use super::spawn::{Image, Stdio};
#[cfg(target_os = "linux")]
use super::starter;
use super::{StartError, program, pty, signal};
use crate::model::process::{Account, ProcessSpec};

/// The parent's ends: where input is written, where each output is read.
pub(super) struct Descriptors {
    pub(super) input: Option<Arc<Descriptor>>,
    pub(super) outputs: Vec<Arc<Descriptor>>,
}

/// Both ends of a pipe, the reading one first.
pub(super) type Ends = (OwnedFd, OwnedFd);

pub(super) fn pipe() -> Result<Ends, StartError> {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).map_err(|error| {
        let source = error.into();
        StartError::Resource {
            what: "no pipe is to be had",
            source,
        }
    })
}

/// On a terminal, but for its errors where they have a pipe of their own.
pub(super) fn on_terminal(
    spec: &ProcessSpec,
    errors: Option<Ends>,
) -> Result<(Descriptors, Child), StartError> {
    let (master, slave) = pty::open(spec.size)?;
    if let Some(account) = &spec.account {
        give(|uid| rustix::fs::chown(&slave.path, uid, None), account)?;
    }
    let interest = Interest::READABLE | Interest::WRITABLE;
    let master = watched(Endpoint::Master(master), interest)?;
    let mut outputs = vec![Arc::clone(&master)];
    let mut stderr = None;
    if let Some((errors, end)) = errors {
        outputs.push(watched(Endpoint::Pipe(errors), Interest::READABLE)?);
        stderr = Some(end);
    }
    let terminal = Stdio::Terminal {
        slave: &slave,
        stderr,
    };
    let child = execute(spec, terminal)?;
    let input = Some(master);
    Ok((Descriptors { input, outputs }, child))
}

pub(super) fn on_pipes(spec: &ProcessSpec) -> Result<(Descriptors, Child), StartError> {
    let (stdin, input) = pipe()?;
    let (output, stdout) = pipe()?;
    let (errors, stderr) = pipe()?;
    for end in [&stdin, &stdout, &stderr] {
        if let Some(account) = &spec.account {
            give(|uid| rustix::fs::fchown(end, uid, None), account)?;
        }
    }
    let input = watched(Endpoint::Pipe(input), Interest::WRITABLE)?;
    let output = watched(Endpoint::Pipe(output), Interest::READABLE)?;
    let errors = watched(Endpoint::Pipe(errors), Interest::READABLE)?;
    let child = execute(
        spec,
        Stdio::Pipes {
            stdin,
            stdout,
            stderr,
        },
    )?;
    Ok((
        Descriptors {
            input: Some(input),
            outputs: vec![output, errors],
        },
        child,
    ))
}

/// Gives a terminal or a pipe to the account that will use it: it may be opened anew by its name,
/// as `/dev/stdout`.
fn give(
    give: impl FnOnce(Option<Uid>) -> rustix::io::Result<()>,
    account: &Account,
) -> Result<(), StartError> {
    give(Some(Uid::from_raw(account.uid))).map_err(|error| StartError::Resource {
        what: "the account cannot be given its terminal",
        source: error.into(),
    })
}

fn watched(endpoint: Endpoint, interest: Interest) -> Result<Arc<Descriptor>, StartError> {
    let watched = Descriptor::new(endpoint, interest);
    watched
        .map(Arc::new)
        .map_err(|source| StartError::Resource {
            what: "the descriptor cannot be watched",
            source,
        })
}

/// Starts the child, watched.
fn execute(spec: &ProcessSpec, stdio: Stdio<'_>) -> Result<Child, StartError> {
    let image = program::image(spec)?;
    launch(image, stdio).map_err(|source| StartError::Resource {
        what: "the program cannot be started",
        source,
    })
}

#[cfg(target_os = "linux")]
fn launch(image: Image, stdio: Stdio<'_>) -> io::Result<Child> {
    let pid = starter::start(image, stdio)?;
    Child::watch(pid).inspect_err(|_| {
        // Nobody else would ever end and reap it.
        signal::send_to_group(pid, Signal::KILL);
        reaper::reap(pid);
    })
}

#[cfg(not(target_os = "linux"))]
fn launch(image: Image, stdio: Stdio<'_>) -> io::Result<Child> {
    super::portable::start(&image, stdio)
}
