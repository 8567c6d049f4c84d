//! Which file a command means.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

/// Where programs are looked for when there is no `PATH`, as the C library does it.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Finds the program `name` as `execvp` would: a name with a slash is a path below `cwd`, any
/// other is looked for in `path`, the server's `PATH`. The answer is absolute, so that it means the
/// same file after the child has changed into its folder.
///
/// # Errors
/// Why there is no such program, in words.
pub fn find(name: &OsStr, path: Option<&OsStr>, cwd: Option<&Path>) -> Result<PathBuf, String> {
    if name.is_empty() {
        return Err("the program's name is empty".to_owned());
    }
    let below_cwd = |file: &Path| {
        let file = cwd.map_or_else(|| file.to_owned(), |cwd| cwd.join(file));
        std::path::absolute(file).map_err(|error| error.to_string())
    };
    if name.as_encoded_bytes().contains(&b'/') {
        let file = below_cwd(Path::new(name))?;
        return match file.metadata() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err("there is no such file".to_owned())
            }
            Err(error) => Err(error.to_string()),
            Ok(_) if is_program(&file) => Ok(file),
            Ok(_) => Err("it is not an executable file".to_owned()),
        };
    }
    let folders = std::env::split_paths(path.unwrap_or(OsStr::new(DEFAULT_PATH)));
    let mut seen = false;
    for folder in folders {
        let file = below_cwd(&folder.join(name))?;
        if is_program(&file) {
            return Ok(file);
        }
        seen |= file.is_file();
    }
    Err(if seen {
        "found in PATH, but not executable".to_owned()
    } else {
        "not found in PATH".to_owned()
    })
}

fn is_program(file: &Path) -> bool {
    file.is_file() && access(file, Access::EXEC_OK).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place(folder: &Path, name: &str, mode: u32) {
        let file = folder.join(name);
        fs::write(&file, "#!/bin/sh\n").expect("the file is written");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("its mode is set");
    }

    #[test]
    fn a_bare_name_is_looked_for_in_the_path_in_order() {
        let (first, second) = (
            tempfile::tempdir().expect("a"),
            tempfile::tempdir().expect("b"),
        );
        place(first.path(), "tool", 0o644);
        place(second.path(), "tool", 0o755);
        let path = std::env::join_paths([first.path(), second.path()]).expect("joins");
        let found = find(OsStr::new("tool"), Some(&path), None);
        assert_eq!(found, Ok(second.path().join("tool")));
        let missing = find(OsStr::new("nosuchprog"), Some(&path), None);
        assert_eq!(missing, Err("not found in PATH".to_owned()));
        let only_first = find(OsStr::new("tool"), Some(first.path().as_os_str()), None);
        assert_eq!(
            only_first,
            Err("found in PATH, but not executable".to_owned())
        );
    }

    #[test]
    fn a_name_with_a_slash_is_a_path_below_the_working_directory() {
        let folder = tempfile::tempdir().expect("a folder");
        place(folder.path(), "run.sh", 0o755);
        place(folder.path(), "data", 0o644);
        let look = |name: &str| find(OsStr::new(name), None, Some(folder.path()));
        assert_eq!(look("./run.sh"), Ok(folder.path().join("run.sh")));
        assert_eq!(
            look("./data"),
            Err("it is not an executable file".to_owned())
        );
        assert_eq!(look("./gone"), Err("there is no such file".to_owned()));
        assert_eq!(look("/"), Err("it is not an executable file".to_owned()));
        assert!(look("").is_err());
    }
}
