//! awp under other names: those that programs look for when they want to open a link or need a
//! password.

use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use awp_server::control::shims::{ASKPASS, BROWSERS};

/// The command line that was meant, where awp was called by another name.
pub fn meant(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let name = arguments.first().map(Path::new).and_then(Path::file_name);
    let verb = name.and_then(OsStr::to_str).and_then(|name| match name {
        ASKPASS => Some("askpass"),
        name if BROWSERS.contains(&name) => {
            // It comes back where there is none: then awp says what it opens.
            if !arguments.get(1).is_some_and(|first| is_link(first)) {
                become_other(name, &arguments[1..]);
            }
            Some("open")
        }
        _ => None,
    });
    if let Some(verb) = verb {
        // What follows is a text, whatever it begins with.
        arguments.splice(..1, ["awp", verb, "--"].map(OsString::from));
    }
    arguments
}

/// What a page can open.
fn is_link(text: &OsStr) -> bool {
    let scheme = text.to_str().and_then(|text| text.split_once(':'));
    let known = ["http", "https", "mailto"];
    scheme.is_some_and(|(scheme, _)| known.contains(&scheme.to_ascii_lowercase().as_str()))
}

/// Becomes the next program of this name in `PATH` that is not awp, if there is one.
fn become_other(name: &str, arguments: &[OsString]) {
    let Ok(own) = std::env::current_exe().and_then(std::fs::canonicalize) else {
        return;
    };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(name));
    let is_other = |file: &PathBuf| file.canonicalize().is_ok_and(|real| real != own);
    if let Some(file) = files.find(is_other) {
        // It returns only where that program cannot be started.
        let _ = Command::new(file).args(arguments).exec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_meant() {
        let meant = |line: &[&str]| meant(line.iter().map(OsString::from));
        assert_eq!(meant(&["/x/awp", "ls"]), ["/x/awp", "ls"]);
        let url = "HTTPS://example.org/";
        assert_eq!(meant(&["/x/xdg-open", url]), ["awp", "open", "--", url]);
        // Nobody else is called so.
        assert_eq!(
            meant(&["/x/awp-browser", "-a"]),
            ["awp", "open", "--", "-a"]
        );
        assert_eq!(
            meant(&["awp-askpass", "Password: "]),
            ["awp", "askpass", "--", "Password: "]
        );
        assert!(meant(&[]).is_empty());
    }
}
