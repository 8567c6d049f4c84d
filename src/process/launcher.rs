//! The launcher: how a process comes to run under limits, and as another account than the server.
//!
//! `posix_spawn` can set neither, and code between fork and exec is what it is there to avoid. So
//! the server starts its own binary again under another name: alone in its process, with nothing
//! open but the child's three descriptors, it joins the session's control group, takes the limits,
//! puts the account on and becomes the program. No shell has a part in it, and it holds no secret.

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::spawn::{self, Image};
use crate::model::process::Account;
use crate::model::resource::{PerProcess, Resources};

/// What the launcher is called. It is no verb: nobody types it, and it has no rights of its own.
const NAME: &str = "awp-launch";

/// What stands where there is no account, no limit or no group.
const NONE: &str = "-";

/// The exit status where the program cannot be started, as shells have it.
const NOT_STARTED: u8 = 127;

/// What has to be started so that this image is started as that account, where there is one, and
/// under these limits.
///
/// # Errors
/// When our own binary cannot be named.
pub(super) fn launching(
    image: Image,
    account: Option<&Account>,
    resources: &Resources,
) -> io::Result<Image> {
    let none = || NONE.to_owned();
    let identity = account.map_or_else(none, |account| {
        let groups: Vec<String> = account.groups.iter().map(u32::to_string).collect();
        format!("{}:{}:{}", account.uid, account.gid, groups.join(","))
    });
    let told = [
        NAME.to_owned(),
        identity,
        resources.word(),
        resources.group.clone().unwrap_or_else(none),
    ];
    let mut arguments = Vec::with_capacity(image.arguments.len() + 6);
    for text in told {
        arguments.push(CString::new(text)?);
    }
    arguments.push(image.cwd.unwrap_or_else(|| match account {
        Some(_) => c"/".to_owned(),
        None => c".".to_owned(),
    }));
    arguments.push(image.path);
    arguments.extend(image.arguments);
    Ok(Image {
        path: own_binary()?,
        arguments,
        environment: image.environment,
        // It is entered as that account, which may not be let into it.
        cwd: None,
    })
}

/// The binary that is running, also after another one was installed in its place.
fn own_binary() -> io::Result<CString> {
    if cfg!(target_os = "linux") {
        return Ok(c"/proc/self/exe".to_owned());
    }
    let path = std::env::current_exe()?;
    Ok(CString::new(path.into_os_string().into_encoded_bytes())?)
}

/// Does the launcher's work where the server has started this process for it, and returns only if
/// that failed. `None`: this process is none.
#[expect(clippy::print_stderr, reason = "it is the session's own stderr")]
pub fn launched() -> Option<ExitCode> {
    let mut arguments = std::env::args_os();
    if arguments.next()? != NAME {
        return None;
    }
    let error = launch(arguments);
    eprintln!("awp: the program cannot be started: {error}");
    Some(ExitCode::from(NOT_STARTED))
}

/// Does all of it and becomes the program; what comes back is why not.
fn launch(mut arguments: impl Iterator<Item = OsString>) -> io::Error {
    let wrong = || io::Error::from(io::ErrorKind::InvalidInput);
    let mut next = || arguments.next();
    let (Some(identity), Some(limits), Some(group)) = (next(), next(), next()) else {
        return wrong();
    };
    let (Some(cwd), Some(path), Some(name)) = (next(), next(), next()) else {
        return wrong();
    };
    // The group first: whatever comes after this counts as the session's.
    let joined = join(&group);
    let limited = joined.and_then(|()| limit(&limits));
    if let Err(error) = limited.and_then(|()| become_account(&identity)) {
        return error;
    }
    if let Err(error) = std::env::set_current_dir(&cwd) {
        let text = format!("{}: {error}", cwd.display());
        return io::Error::new(error.kind(), text);
    }
    let rest: Vec<OsString> = arguments.collect();
    let error = Command::new(&path).arg0(name).args(&rest).exec();
    if error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error()) {
        // A script without its first line, as everywhere else.
        return Command::new("/bin/sh").arg(path).args(rest).exec();
    }
    error
}

/// Moves this process into a control group.
fn join(group: &OsStr) -> io::Result<()> {
    if group == NONE {
        return Ok(());
    }
    // "0" is whoever writes it.
    std::fs::write(Path::new(group).join("cgroup.procs"), "0").map_err(|error| {
        let text = format!("its control group cannot be joined: {error}");
        io::Error::new(error.kind(), text)
    })
}

/// Takes the limits, for good: what runs from here on can lower them and not raise them.
fn limit(word: &OsStr) -> io::Result<()> {
    let limits = word.to_str().and_then(Resources::read_word);
    let limits = limits.ok_or(io::ErrorKind::InvalidInput)?;
    for (which, value) in limits.per_process() {
        let resource = kind(which);
        // Nobody is given more than awp itself has.
        let own = getrlimit(resource).maximum;
        let value = own.map_or(value, |own| own.min(value));
        let both = Rlimit {
            current: Some(value),
            maximum: Some(value),
        };
        setrlimit(resource, both).map_err(|error| {
            let text = format!("limits.{} cannot be set: {error}", which.name());
            io::Error::new(io::Error::from(error).kind(), text)
        })?;
    }
    Ok(())
}

/// What the system calls it.
pub const fn kind(which: PerProcess) -> Resource {
    match which {
        PerProcess::Files => Resource::Nofile,
        PerProcess::CpuTime => Resource::Cpu,
        PerProcess::Core => Resource::Core,
        PerProcess::AddressSpace => Resource::As,
    }
}

/// Puts the account on, where there is one.
fn become_account(identity: &OsStr) -> io::Result<()> {
    if identity == NONE {
        return Ok(());
    }
    let read = || {
        let mut parts = identity.to_str()?.split(':');
        let (uid, gid) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let groups = parts.next()?.split(',');
        let groups = groups.filter(|group| !group.is_empty()).map(str::parse);
        Some((uid, gid, groups.collect::<Result<Vec<u32>, _>>().ok()?))
    };
    let (uid, gid, groups) = read().ok_or(io::ErrorKind::InvalidInput)?;
    spawn::put_on(uid, gid, &groups)
}
