//! awp under other names: those that programs look for when they want to open a link or need a
//! password.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use awp_server::control::shims::{ASKPASS, BROWSERS};

/// The command line that was meant, where awp was called by another name.
pub fn meant(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    let name = arguments.first().map(Path::new).and_then(Path::file_name);
    let verb = name.and_then(OsStr::to_str).and_then(|name| match name {
        ASKPASS => Some("askpass"),
        name if BROWSERS.contains(&name) => Some("open"),
        _ => None,
    });
    if let Some(verb) = verb {
        // What follows is a text, whatever it begins with.
        arguments.splice(..1, ["awp", verb, "--"].map(OsString::from));
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_meant() {
        let meant = |line: &[&str]| meant(line.iter().map(OsString::from));
        assert_eq!(meant(&["/x/awp", "ls"]), ["/x/awp", "ls"]);
        assert_eq!(meant(&["/x/xdg-open", "-a"]), ["awp", "open", "--", "-a"]);
        assert_eq!(
            meant(&["awp-askpass", "Password: "]),
            ["awp", "askpass", "--", "Password: "]
        );
        assert!(meant(&[]).is_empty());
    }
}
