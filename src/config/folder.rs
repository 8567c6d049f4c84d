//! A folder of programs, each an app of its own.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use awp_server::model::keep::OnDisconnect;
use awp_server::model::mode::Mode;

use super::App;
use super::error::ConfigError;
use super::program;
use super::validate::check_app_name;

/// Programs in a folder at most: above what anybody writes, below what a folder that was named by
/// mistake holds.
const MAX_PROGRAMS: usize = 1000;

/// Write permission for everybody.
const OTHERS_WRITE: u32 = 0o002;

/// The programs that lie in this folder, by the names of their files. What is no program, is hidden
/// or cannot be named in an address is passed over; folders in it are not looked into.
///
/// # Errors
/// When it is no folder, holds too much, or everybody could put a program there: what `wrong` makes
/// of the reason.
pub fn programs(
    folder: &Path,
    wrong: impl Fn(String) -> ConfigError,
) -> Result<BTreeMap<String, PathBuf>, ConfigError> {
    let folder = folder.canonicalize().ok().filter(|it| it.is_dir());
    let Some(folder) = folder else {
        return Err(wrong("there is no such folder".to_owned()));
    };
    let metadata = folder
        .metadata()
        .map_err(|error| wrong(error.to_string()))?;
    if metadata.permissions().mode() & OTHERS_WRITE != 0 {
        let why = format!(
            "everybody may put programs into {}, and they would run as you; chmod o-w it",
            folder.display()
        );
        return Err(wrong(why));
    }
    let mut found = BTreeMap::new();
    for entry in folder
        .read_dir()
        .map_err(|error| wrong(error.to_string()))?
    {
        let entry = entry.map_err(|error| wrong(error.to_string()))?;
        let path = entry.path();
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|name| check_app_name(name).is_ok()) else {
            continue;
        };
        if program::find(path.as_os_str(), None, None).is_err() {
            continue;
        }
        if found.len() == MAX_PROGRAMS {
            return Err(wrong(format!(
                "there are more than {MAX_PROGRAMS} programs"
            )));
        }
        found.insert(name.to_owned(), path);
    }
    Ok(found)
}

impl App {
    /// A program without arguments, and nothing else said of it.
    pub(super) fn of_program(program: PathBuf, mode: Mode) -> Self {
        Self {
            command: vec![program.clone().into_os_string()],
            program,
            mode,
            mode_is_default: false,
            cwd: None,
            env: BTreeMap::new(),
            on_disconnect: OnDisconnect::default_of(mode),
            size_policy: awp_server::model::size::SizePolicy::default(),
            stdio: awp_server::model::process::Stdio::default(),
            account: None,
            query: Vec::new(),
            shims: awp_server::model::process::Shims::default(),
            socket: None,
            limits: super::file::Limits::default(),
            resources: awp_server::model::resource::Resources::default(),
            login: None,
            access: awp_server::model::access::Access::default(),
            files: true,
            record: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn place(folder: &Path, name: &str, mode: u32) {
        let file = folder.join(name);
        fs::write(&file, "#!/bin/sh\n").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("set");
    }

    fn wrong(why: String) -> ConfigError {
        ConfigError::refused("--dir", why)
    }

    #[test]
    fn programs_are_apps_and_nothing_else_is() {
        let folder = tempfile::tempdir().expect("a folder");
        place(folder.path(), "count.sh", 0o755);
        place(folder.path(), "notes.txt", 0o644);
        place(folder.path(), ".hidden", 0o755);
        place(folder.path(), "with space", 0o755);
        fs::create_dir(folder.path().join("sub")).expect("made");
        place(&folder.path().join("sub"), "deeper", 0o755);
        let found = programs(folder.path(), wrong).expect("a folder");
        assert_eq!(found.keys().collect::<Vec<_>>(), ["count.sh"]);
        assert!(found["count.sh"].is_absolute());
    }

    #[test]
    fn a_folder_that_everybody_may_write_to_is_refused_and_so_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("set");
        let refused = |path: &Path| programs(path, wrong).expect_err("refused").to_string();
        assert!(refused(folder.path()).contains("chmod o-w"));
        assert!(refused(&folder.path().join("gone")).contains("no such folder"));
    }
}
