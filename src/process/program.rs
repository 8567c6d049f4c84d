//! From a command as it was written to what the system can execute.

use std::ffi::CString;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use super::spawn::Image;
use super::{StartError, launcher};
use crate::model::mode::Mode;
use crate::model::process::{self, ProcessSpec};

/// Where a program is looked for when `PATH` is not set: POSIX's default.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// What is put before a command whose output is to come line by line.
const LINE_BUFFERED: [&str; 3] = ["stdbuf", "-oL", "--"];

/// Whether it is a shell, by its own name or that of what it is a link to.
fn is_shell(file: &Path) -> bool {
    let known = |file: &Path| file.file_name().is_some_and(process::is_shell);
    known(file) || file.canonicalize().is_ok_and(|real| known(&real))
}

/// Finds the program as `execvp` does: a name with a slash is a path, another is looked up in
/// `PATH`.
///
/// # Errors
/// When there is no such file, or none that may be executed.
pub fn find(program: &str, cwd: Option<&str>, path: Option<&str>) -> Result<PathBuf, StartError> {
    let refuse = |why| StartError::Program {
        program: program.to_owned(),
        why,
    };
    if program.is_empty() {
        return Err(StartError::Empty);
    }
    let mut seen = false;
    let mut executable = |file: &Path| {
        let from = cwd.map_or_else(|| file.to_path_buf(), |cwd| Path::new(cwd).join(file));
        seen |= from.exists();
        from.is_file() && access(&from, Access::EXEC_OK).is_ok()
    };
    if program.contains('/') {
        let file = PathBuf::from(program);
        return match executable(&file) {
            true => Ok(file),
            false if seen => Err(refuse("is not an executable file")),
            false => Err(refuse("no such file")),
        };
    }
    let path = path.unwrap_or(DEFAULT_PATH);
    let found = path
        .split(':')
        .map(|folder| Path::new(folder).join(program))
        .find(|file| executable(file));
    found.ok_or_else(|| {
        refuse(if seen {
            "is not an executable file"
        } else {
            "not found in PATH"
        })
    })
}

/// Makes what `posix_spawn` takes out of a specification.
///
/// # Errors
/// When the program cannot be found, or a string holds a NUL byte.
pub fn image(spec: &ProcessSpec) -> Result<Image, StartError> {
    let program = spec.command.first().ok_or(StartError::Empty)?;
    let path = spec
        .env
        .iter()
        .find(|(key, _)| key == "PATH")
        .map(|(_, value)| value.as_str());
    let mut file = find(program, spec.cwd.as_deref(), path)?;
    let mut command = spec.command.clone();
    if spec.mode == Mode::PtyErr && !spec.stdio.force_pty_err && is_shell(&file) {
        return Err(StartError::Shell(program.clone()));
    }
    if spec.stdio.line_buffered && !spec.mode.has_terminal() {
        // It becomes the program itself, under the same process id, once it has set the library
        // up that does it.
        file = find(LINE_BUFFERED[0], None, path)
            .map_err(|error| StartError::Stdbuf(Box::new(error)))?;
        command.splice(0..0, LINE_BUFFERED.map(str::to_owned));
    }
    let strings = |items: &[String], what| -> Result<Vec<CString>, StartError> {
        items
            .iter()
            .map(|item| c_string(item.as_bytes(), what))
            .collect()
    };
    let environment: Vec<String> = spec
        .env
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let image = Image {
        path: c_string(file.as_os_str().as_encoded_bytes(), "the program's name")?,
        arguments: strings(&command, "an argument")?,
        environment: strings(&environment, "the environment")?,
        cwd: spec
            .cwd
            .as_ref()
            .map(|cwd| c_string(cwd.as_bytes(), "the working directory"))
            .transpose()?,
    };
    if spec.account.is_none() && !spec.resources.at_start() {
        return Ok(image);
    }
    let launching = launcher::launching(image, spec.account.as_ref(), &spec.resources);
    launching.map_err(|source| StartError::Resource {
        what: "our own binary cannot be named",
        source,
    })
}

/// A file that the system does not know how to execute is a script for the shell, as `execvp`
/// has it.
pub fn as_shell_script(image: Image) -> Image {
    let script = image.path.clone();
    let arguments = [c"/bin/sh".to_owned(), script]
        .into_iter()
        .chain(image.arguments.into_iter().skip(1));
    Image {
        path: c"/bin/sh".to_owned(),
        arguments: arguments.collect(),
        ..image
    }
}

/// Checks that a working directory can be entered, for a clear error before anything is started.
///
/// # Errors
/// What the system says of it.
pub fn check_cwd(cwd: &str) -> Result<(), StartError> {
    let refuse = |source: io::Error| StartError::Cwd {
        cwd: cwd.to_owned(),
        source,
    };
    let metadata = std::fs::metadata(cwd).map_err(refuse)?;
    if !metadata.is_dir() {
        return Err(refuse(io::ErrorKind::NotADirectory.into()));
    }
    access(cwd, Access::EXEC_OK).map_err(|error| refuse(error.into()))
}

fn c_string(bytes: &[u8], what: &'static str) -> Result<CString, StartError> {
    CString::new(bytes).map_err(|_| StartError::Nul(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_looked_up_and_a_path_is_taken() {
        assert!(
            find("sh", None, Some("/nowhere:/bin")).is_ok_and(|path| path == Path::new("/bin/sh"))
        );
        assert!(find("/bin/sh", None, None).is_ok());
        assert!(find("./sh", Some("/bin"), None).is_ok());
    }

    #[test]
    fn what_cannot_be_executed_says_why() {
        let why = |program: &str| match find(program, None, Some("/bin:/etc")) {
            Err(error) => error.to_string(),
            Ok(path) => panic!("found {}", path.display()),
        };
        assert_eq!(why("no-such-program"), "no-such-program: not found in PATH");
        assert_eq!(why("/etc/passwd"), "/etc/passwd: is not an executable file");
        assert_eq!(why("/no/such"), "/no/such: no such file");
        assert_eq!(why(""), "the command is empty");
    }
}
