//! What the server writes down: its log, and the audit, one JSON line for each act that concerns
//! who gets in and what they do there.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write, stderr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use awp_server::model::access::AUDIT;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::Config;
use crate::config::text::LogFormat;

/// Begins to write: the log to stderr, the audit to its file, or to the log where it has none.
///
/// Of libraries the log holds warnings and errors alone: the one that frames messages would write
/// each of them down, secrets and all.
///
/// # Errors
/// When the audit's file cannot be opened.
pub fn start(config: &Config) -> anyhow::Result<()> {
    let level = config.log_level.0;
    let to_log = match &config.audit {
        None => level,
        Some(_) => LevelFilter::OFF,
    };
    let kept = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_targets(["awp", "awp_server"].map(|target| (target, level)))
        .with_target(AUDIT, to_log);
    let log = fmt::layer()
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    let log = match config.log_format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    let audit = config.audit.as_deref().map(Audit::open).transpose()?;
    let audit = audit.map(|audit| {
        fmt::layer()
            .json()
            .flatten_event(true)
            .with_level(false)
            .with_target(false)
            .with_writer(audit)
            .with_filter(Targets::new().with_target(AUDIT, LevelFilter::INFO))
    });
    tracing_subscriber::registry()
        .with(log.with_filter(kept))
        .with(audit)
        .init();
    Ok(())
}

/// The audit's file. A line that it does not take, as on a full disk, goes to stderr instead: what
/// happens goes on, and nothing is lost in silence.
struct Audit {
    file: Mutex<Opened>,
}

struct Opened {
    file: File,
    /// A part of a line may be what was written last.
    torn: bool,
}

impl Audit {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)
            .with_context(|| format!("--audit {}", path.display()))?;
        let torn = false;
        Ok(Self {
            file: Mutex::new(Opened { file, torn }),
        })
    }
}

impl<'a> MakeWriter<'a> for Audit {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

/// Takes one line, whole.
struct Line<'a>(&'a Audit);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut opened = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        let torn = opened.torn;
        let mut append = || {
            if torn {
                opened.file.write_all(b"\n")?;
            }
            opened.file.write_all(line)
        };
        let outcome = append();
        opened.torn = outcome.is_err();
        if let Err(error) = outcome {
            let mut out = stderr().lock();
            // If that takes nothing either, there is nobody left to tell.
            let _ = write!(out, "awp: audit: not written ({error}): ");
            let _ = out.write_all(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
