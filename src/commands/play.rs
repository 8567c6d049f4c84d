//! `awp play`: shows a recording, lists them, checks one.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use awp_server::client::player::{self, Pace};
use awp_server::client::terminal;
use awp_server::model::cast::chain::{self, Key, Verdict};
use awp_server::model::cast::read;
use awp_server::session::recordings::Recordings;

use super::sessions;
use crate::cli::Play;
use crate::config;
use crate::config::layer::Environment;

/// The exit status of a recording that is not what was written.
const CHANGED: u8 = 1;

/// Does what was typed.
///
/// # Errors
/// When there is no such recording, or it is none.
pub fn run(typed: &Play) -> anyhow::Result<u8> {
    let folder = config::recordings(&Environment::of_this_process());
    let recordings = folder.map(Recordings::at);
    if typed.list {
        return list(recordings.as_ref());
    }
    let file = typed.file.as_deref().context("name a recording")?;
    let path = found(recordings.as_ref(), file);
    let name = path.display().to_string();
    let open = || File::open(&path).map(BufReader::new);
    let opened = open().with_context(|| name.clone())?;
    if typed.verify {
        let key = recordings.as_ref().and_then(|it| it.known_key().ok());
        let verdict = chain::verify(opened, key.as_ref()).with_context(|| name.clone())?;
        return verified(&name, &verdict, key.as_ref());
    }
    let cast = read::read(opened).with_context(|| name.clone())?;
    if typed.no_wait || !terminal::shows() {
        sessions::print(&player::dump(&cast))?;
    } else {
        let pace = Pace {
            speed: typed.speed,
            idle: typed.idle,
        };
        sessions::run(async { Ok(player::play(cast, pace).await?) })?;
    }
    Ok(0)
}

/// A file, or the name of one of the server's own recordings.
fn found(recordings: Option<&Recordings>, file: &Path) -> PathBuf {
    let known = recordings.zip(file.to_str());
    let known = known.and_then(|(recordings, id)| recordings.find(id));
    known.unwrap_or_else(|| file.to_owned())
}

fn list(recordings: Option<&Recordings>) -> anyhow::Result<u8> {
    let all = recordings.map(Recordings::list).transpose()?;
    let lines = all.unwrap_or_default().into_iter().map(|info| {
        let title: String = info.title.chars().filter(|c| !c.is_control()).collect();
        format!("{}\t{}\t{}\t{title}\n", info.id, info.begun, info.bytes)
    });
    sessions::print(lines.collect::<String>().as_bytes())?;
    Ok(0)
}

fn verified(name: &str, verdict: &Verdict, key: Option<&Key>) -> anyhow::Result<u8> {
    let (told, status) = match verdict {
        Verdict::Intact(hash) => (format!("intact, {hash}"), 0),
        Verdict::Unsealed(line) => {
            let told = format!(
                "not sealed: intact up to line {line}; the server was cut off, or the end was \
                 taken away"
            );
            (told, CHANGED)
        }
        Verdict::Broken(line) => (format!("changed at or before line {line}"), CHANGED),
        Verdict::Unmarked => (
            "not sealed: there is nothing to check it by".to_owned(),
            CHANGED,
        ),
    };
    let without = match key {
        Some(_) => "",
        None => "; the server's key is not here, so its seals were not checked",
    };
    sessions::print(format!("{name}: {told}{without}\n").as_bytes())?;
    Ok(status)
}
