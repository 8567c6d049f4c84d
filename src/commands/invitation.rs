//! `--open`: shows the page in the user's browser.
//!
//! The address holds a launch code, and arguments of programs can be read by everyone on the
//! machine. So the browser is given a file that only the user can read, which leads there.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Programs that open a file in the user's browser, the first that is there is taken.
const OPENERS: [&str; 2] = ["xdg-open", "open"];

/// The file, removed when dropped.
pub struct Shown(PathBuf);

impl Drop for Shown {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Opens this address in the browser.
///
/// # Errors
/// When the file cannot be written or there is no program to open it.
pub fn show(url: &str) -> anyhow::Result<Shown> {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let file = Shown(folder.join(format!("awp-open-{}.html", std::process::id())));
    let mut out = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file.0)?;
    // The address is made of characters that mean nothing in HTML.
    write!(
        out,
        "<!doctype html><meta http-equiv=\"refresh\" content=\"0;url={url}\"><title>awp</title>"
    )?;
    let mut last = None;
    for opener in OPENERS {
        let mut command = Command::new(opener);
        command
            .arg(&file.0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match command.spawn() {
            Ok(_) => return Ok(file),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(|| anyhow::anyhow!("no browser"), Into::into))
}
