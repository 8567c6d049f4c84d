//! Starting a child where `posix_spawn` cannot do all that is needed: everywhere but on Linux with
//! glibc. It is compiled and tested on Linux as well.
//!
//! A child on a terminal is started by `portable-pty`, in a session of its own; one on pipes by the
//! standard library, in a process group of its own, which is as far as that goes without code
//! between fork and exec. Both fork, at the price that [`spawn`](super::spawn) is there to avoid.

use std::ffi::{CStr, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use portable_pty::CommandBuilder;
use rustix::process::Pid;
use tokio::signal::unix::{SignalKind, signal};

use super::signal;
use super::spawn::{Image, Stdio};
use crate::model::process::ExitStatus;

/// A child that is asked for its end whenever some child of this process has ended.
pub struct Child {
    pid: Pid,
    child: Mutex<std::process::Child>,
}

/// Starts a child.
///
/// # Errors
/// When it cannot be started.
pub fn start(image: &Image, stdio: Stdio<'_>) -> io::Result<Child> {
    let child = match stdio {
        // The library gives a terminal to all three.
        Stdio::Terminal {
            stderr: Some(_), ..
        } => return Err(io::ErrorKind::Unsupported.into()),
        Stdio::Terminal {
            slave,
            stderr: None,
        } => {
            let child: Box<dyn portable_pty::Child> = slave
                .side
                .spawn_command(builder(image))
                .map_err(io::Error::other)?;
            // On Unix it is the standard library's, which knows the signal by its number.
            *child.downcast().map_err(|_| io::ErrorKind::Unsupported)?
        }
        Stdio::Pipes {
            stdin,
            stdout,
            stderr,
        } => {
            let mut command = Command::new(text(&image.path));
            if let Some(program) = image.arguments.first() {
                command.arg0(text(program));
            }
            command.args(
                image
                    .arguments
                    .iter()
                    .skip(1)
                    .map(|argument| text(argument)),
            );
            command.env_clear().envs(variables(image)).process_group(0);
            if let Some(cwd) = &image.cwd {
                command.current_dir(text(cwd));
            }
            command.stdin(stdin).stdout(stdout).stderr(stderr).spawn()?
        }
    };
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or(io::ErrorKind::NotFound)?;
    Ok(Child {
        pid,
        child: Mutex::new(child),
    })
}

fn builder(image: &Image) -> CommandBuilder {
    let arguments = image
        .arguments
        .iter()
        .skip(1)
        .map(|argument| text(argument).to_owned());
    let argv = std::iter::once(text(&image.path).to_owned()).chain(arguments);
    let mut builder = CommandBuilder::from_argv(argv.collect());
    builder.env_clear();
    for (key, value) in variables(image) {
        builder.env(key, value);
    }
    if let Some(cwd) = &image.cwd {
        builder.cwd(text(cwd));
    }
    builder
}

fn text(string: &CStr) -> &OsStr {
    OsStr::from_bytes(string.to_bytes())
}

fn variables(image: &Image) -> impl Iterator<Item = (&OsStr, &OsStr)> {
    image.environment.iter().filter_map(|entry| {
        let entry = entry.to_bytes();
        let at = entry.iter().position(|byte| *byte == b'=')?;
        Some((
            OsStr::from_bytes(&entry[..at]),
            OsStr::from_bytes(&entry[at + 1..]),
        ))
    })
}

impl Child {
    /// Its process id.
    pub const fn pid(&self) -> Pid {
        self.pid
    }

    /// Waits until it ended, and reaps it. Cancel safe; to be called until it has returned once.
    pub async fn ended(&self) -> ExitStatus {
        // Listening comes before the first look, so that no end falls in between.
        let mut children = signal(SignalKind::child()).ok();
        loop {
            if let Some(status) = self.look() {
                return status;
            }
            match &mut children {
                Some(children) => drop(children.recv().await),
                None => return ExitStatus::Code(u8::MAX),
            }
        }
    }

    fn look(&self) -> Option<ExitStatus> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let status = child.try_wait().ok()??;
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Some(match status.signal() {
            Some(number) => ExitStatus::Signal(signal::name_of(number)),
            None => ExitStatus::Code(code.unwrap_or(u8::MAX)),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::os::fd::AsFd as _;

    use super::*;
    use crate::model::mode::Mode;
    use crate::model::process::ProcessSpec;
    use crate::model::size::Size;
    use crate::process::{program, pty};

    fn image(script: &str) -> Image {
        let spec = ProcessSpec {
            account: None,
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            mode: Mode::Pipe,
            cwd: Some("/".to_owned()),
            env: vec![
                ("PATH".to_owned(), "/bin:/usr/bin".to_owned()),
                ("X".to_owned(), "y".to_owned()),
            ],
            size: Size::DEFAULT,
            stdio: crate::model::process::Stdio::default(),
            resources: crate::model::resource::Resources::default(),
            shims: crate::model::process::Shims::default(),
        };
        program::image(&spec).expect("there is a shell")
    }

    #[tokio::test]
    async fn a_child_on_pipes_says_what_it_is_asked_and_how_it_ends() {
        let pipe = || rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).expect("a pipe");
        let ((stdin, _write), (output, stdout), (_read, stderr)) = (pipe(), pipe(), pipe());
        let ends = Stdio::Pipes {
            stdin,
            stdout,
            stderr,
        };
        let child = start(&image("printf %s \"$X$PWD$HOME\"; exit 7"), ends).expect("started");
        assert_eq!(child.ended().await, ExitStatus::Code(7));
        let mut said = String::new();
        std::fs::File::from(output)
            .read_to_string(&mut said)
            .expect("text");
        assert_eq!(said, "y/");
    }

    #[tokio::test]
    async fn a_child_on_a_terminal_leads_a_session_on_it() {
        let (master, slave) = pty::open(Size { cols: 90, rows: 30 }).expect("a terminal");
        let script = "stty size; ps -o sid= -p $$ | tr -d ' '; echo $$; kill -9 $$";
        let child = start(
            &image(script),
            Stdio::Terminal {
                slave: &slave,
                stderr: None,
            },
        )
        .expect("started");
        let pid = child.pid().as_raw_nonzero();
        drop(slave);
        let mut said = Vec::new();
        let mut piece = [0; 256];
        // Its end is an error here, see `descriptor`.
        while let Ok(count @ 1..) = rustix::io::read(master.as_fd(), &mut piece) {
            said.extend_from_slice(&piece[..count]);
        }
        assert_eq!(
            String::from_utf8_lossy(&said),
            format!("30 90\r\n{pid}\r\n{pid}\r\n")
        );
        assert_eq!(child.ended().await, ExitStatus::Signal("KILL".to_owned()));
    }
}
