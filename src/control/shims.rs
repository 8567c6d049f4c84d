//! Programs of awp's own in the place of others: what opens links and asks for passwords, so that
//! both happen in the page, which no program can paint.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::model::process::Shims;

/// awp by this name asks for a secret.
pub const ASKPASS: &str = "awp-askpass";

/// awp by one of these names opens a link; the first one is what `BROWSER` says.
pub const BROWSERS: [&str; 4] = ["awp-browser", "xdg-open", "sensible-browser", "www-browser"];

/// What the names of these folders begin with, before the server's process id.
pub(super) const PREFIX: &str = "shims-";

/// The folder of these programs: links to awp itself. Dropping it removes it.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Makes it, in a folder of our own.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make(within: &Path) -> io::Result<Self> {
        let awp = std::env::current_exe()?;
        let folder = Self(within.join(format!("{PREFIX}{}", std::process::id())));
        fs::DirBuilder::new().mode(0o700).create(&folder.0)?;
        for name in BROWSERS.iter().chain([&ASKPASS]) {
            symlink(&awp, folder.0.join(name))?;
        }
        Ok(folder)
    }

    /// Names them in an environment, as far as they are wished for.
    pub fn name(&self, shims: Shims, env: &mut Vec<(String, String)>) {
        let program = |name: &str| self.0.join(name).to_string_lossy().into_owned();
        let mut named = Vec::new();
        if shims.askpass {
            let askpass = program(ASKPASS);
            for variable in ["SSH_ASKPASS", "SUDO_ASKPASS", "GIT_ASKPASS"] {
                named.push((variable, askpass.clone()));
            }
            // It asks on the terminal itself where nobody looks at a page.
            named.push(("SSH_ASKPASS_REQUIRE", "force".to_owned()));
        }
        if shims.browser {
            named.push(("BROWSER", program(BROWSERS[0])));
            let path = env.iter().find(|(key, _)| key == "PATH");
            let rest = path.map_or("/usr/local/bin:/usr/bin:/bin", |(_, path)| path.as_str());
            named.push(("PATH", format!("{}:{rest}", self.0.display())));
        }
        for (key, value) in named {
            env.retain(|(known, _)| known != key);
            env.push((key.to_owned(), value));
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
