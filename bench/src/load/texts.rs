//! What the programs in the sessions write, as files in a place of their own.

use std::fs;

use crate::corpus;

/// The files.
pub struct Texts {
    /// 4 MiB of log: words, colours, characters beyond ASCII.
    pub mixed: String,
    /// The same with the line ends that programs write whose terminal makes none.
    pub crlf: String,
    /// 4 MiB of lines of 20 bytes.
    pub short: String,
    /// 4 MiB of what `yes` writes.
    pub yes: String,
    /// 256 KiB of log.
    pub small: String,
    /// A monitor that redraws its screen.
    pub redraws: String,
    /// Where they are.
    place: tempfile::TempDir,
}

impl Texts {
    /// Writes them.
    ///
    /// # Errors
    /// When there is no place for them.
    pub fn write() -> anyhow::Result<Self> {
        let place = tempfile::tempdir()?;
        // A terminal makes CRLF of LF by itself.
        let crlf = corpus::log(4 << 20);
        let log = String::from_utf8_lossy(&crlf).replace("\r\n", "\n");
        let small = corpus::log(256 << 10);
        let write = |name: &str, bytes: &[u8]| {
            let path = place.path().join(name);
            fs::write(&path, bytes)?;
            anyhow::Ok(path.display().to_string())
        };
        Ok(Self {
            mixed: write("mixed", log.as_bytes())?,
            crlf: write("crlf", &crlf)?,
            short: write("short", "a line of 19 bytes.\n".repeat(200_000).as_bytes())?,
            yes: write("yes", "y\n".repeat(2 << 20).as_bytes())?,
            small: write("small", &small)?,
            redraws: write("redraws", &corpus::redraws(400))?,
            place,
        })
    }

    /// Where they are, for files of a measurement's own.
    pub fn place(&self) -> &std::path::Path {
        self.place.path()
    }
}
