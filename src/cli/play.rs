//! The verb that plays recordings.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::config::text::parse;

/// What `awp play` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Keys: space pauses, left and right go 5 seconds back and forth, + and - change the speed, q ends.")]
pub struct Play {
    /// An asciicast, version 2 or 3, or the name of a recording of your own server
    #[arg(value_name = "FILE", required_unless_present = "list")]
    pub file: Option<PathBuf>,
    /// How many seconds of it pass in one
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = speed)]
    pub speed: f64,
    /// Shorten every pause to this, such as 2s
    #[arg(long, value_name = "TIME", value_parser = parse::<Duration>)]
    pub idle: Option<Duration>,
    /// Write everything at once
    #[arg(long)]
    pub no_wait: bool,
    /// Say whether it is what your server wrote, without playing it; exit 1 if not
    #[arg(long, conflicts_with_all = ["no_wait", "idle"])]
    pub verify: bool,
    /// List the recordings of your own server: name, time, bytes, app
    #[arg(long, conflicts_with_all = ["file", "verify", "no_wait"])]
    pub list: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok();
    let speed = speed.filter(|speed: &f64| (0.01..=100.0).contains(speed));
    speed.ok_or_else(|| format!("{text:?} is no speed; write 0.01 to 100"))
}
