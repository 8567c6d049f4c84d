//! The launcher: how a process comes to run as another account than the server.
//!
//! `posix_spawn` cannot change the account, and code between fork and exec is what it is there to
//! avoid. So the server starts its own binary again under another name: alone in its process,
//! with nothing open but the child's three descriptors, it puts the account on and becomes the
//! program. No shell has a part in it, and it holds no secret.

use std::ffi::{CString, OsString};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use super::spawn::{self, Image};
use crate::model::process::Account;

/// What the launcher is called. It is no verb: nobody types it, and it has no rights of its own.
const NAME: &str = "awp-launch";

/// The exit status where the program cannot be started, as shells have it.
const NOT_STARTED: u8 = 127;

/// What has to be started so that this image is started as that account.
///
/// # Errors
/// When our own binary cannot be named.
pub(super) fn launching(image: Image, account: &Account) -> io::Result<Image> {
    let groups: Vec<String> = account.groups.iter().map(u32::to_string).collect();
    let told = [
        NAME.to_owned(),
        account.uid.to_string(),
        account.gid.to_string(),
        groups.join(","),
    ];
    let mut arguments = Vec::with_capacity(image.arguments.len() + 6);
    for text in told {
        arguments.push(CString::new(text)?);
    }
    arguments.push(image.cwd.unwrap_or_else(|| c"/".to_owned()));
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

/// Puts the account on and becomes the program; what comes back is why not.
fn launch(mut arguments: impl Iterator<Item = OsString>) -> io::Error {
    let wrong = || io::Error::from(io::ErrorKind::InvalidInput);
    let mut number = || arguments.next()?.to_str()?.parse().ok();
    let (Some(uid), Some(gid)) = (number(), number()) else {
        return wrong();
    };
    let groups = arguments.next();
    let groups = groups.as_ref().and_then(|groups| groups.to_str());
    let groups = groups.unwrap_or_default().split(',');
    let groups = groups.filter(|group| !group.is_empty()).map(str::parse);
    let Ok(groups) = groups.collect::<Result<Vec<u32>, _>>() else {
        return wrong();
    };
    let (Some(cwd), Some(path), Some(name)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return wrong();
    };
    if let Err(error) = spawn::put_on(uid, gid, &groups) {
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
