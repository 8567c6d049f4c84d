//! What an app is: a program, a folder of programs, or a folder of files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use awp_server::model::mode::Mode;
use toml::Spanned;

use super::error::ConfigError;
use super::file::{AppSection, ConfigFile};
use super::validate::{Around, check_app_name, configured_app, no_folder};
use super::{App, DEFAULT_APP, folder};

/// All apps of the file.
#[derive(Default)]
pub struct Kinds {
    /// What can be run; a program of a folder is named after both.
    pub apps: BTreeMap<String, App>,
    /// Folders of files, by the name of their app.
    pub static_files: BTreeMap<String, PathBuf>,
    /// What the file says of the command line's own app.
    pub own: AppSection,
}

/// What an app turned out to be.
enum Kind {
    /// A program: a connection is a session of it.
    Program(Box<App>),
    /// A folder of programs, each an app of its own, by the name of its file.
    Programs(BTreeMap<String, App>),
    /// A folder of files, that are read.
    Files(PathBuf),
}

/// Reads every `[app.NAME]`.
///
/// # Errors
/// The first that says too little, too much, or what cannot be.
pub fn all(
    file: &ConfigFile,
    sections: BTreeMap<Spanned<String>, AppSection>,
    around: Around<'_>,
) -> Result<Kinds, ConfigError> {
    let mut kinds = Kinds::default();
    for (name, section) in sections {
        let at = name.span().start;
        let name = name.into_inner();
        check_app_name(&name).map_err(|why| file.wrong(at, why))?;
        if name == DEFAULT_APP {
            kinds.own = section;
            continue;
        }
        match of(file, at, &name, section, around)? {
            Kind::Program(app) => drop(kinds.apps.insert(name, *app)),
            Kind::Files(folder) => drop(kinds.static_files.insert(name, folder)),
            Kind::Programs(programs) => {
                let named = programs.into_iter();
                let named = named.map(|(program, app)| (format!("{name}/{program}"), app));
                kinds.apps.extend(named);
            }
        }
    }
    Ok(kinds)
}

/// Reads one, whose name stands at `at`.
fn of(
    file: &ConfigFile,
    at: usize,
    name: &str,
    mut section: AppSection,
    around: Around<'_>,
) -> Result<Kind, ConfigError> {
    let (programs, files) = (section.dir.take(), section.static_files.take());
    let kinds = [
        section.command.is_some(),
        programs.is_some(),
        files.is_some(),
    ];
    if kinds.iter().filter(|said| **said).count() > 1 {
        let why = format!("app {name:?} is one of command, dir and static, and not two of them");
        return Err(file.wrong(at, why));
    }
    match (programs, files) {
        (Some(place), _) => folder(file, &place, section, around).map(Kind::Programs),
        (_, Some(place)) => {
            if section != AppSection::default() {
                let why = format!("app {name:?} is a folder of files; nothing else is said of it");
                return Err(file.wrong(at, why));
            }
            let at = place.span().start;
            let place = place.into_inner();
            if !place.is_dir() {
                return Err(file.wrong(at, no_folder(&place)));
            }
            Ok(Kind::Files(place))
        }
        (None, None) => {
            let app = configured_app(file, at, name, section, around)?;
            Ok(Kind::Program(Box::new(app)))
        }
    }
}

/// The programs of a folder; what else is said of the app holds for each of them.
fn folder(
    file: &ConfigFile,
    place: &Spanned<PathBuf>,
    mut section: AppSection,
    around: Around<'_>,
) -> Result<BTreeMap<String, App>, ConfigError> {
    let span = place.span();
    if let Some(socket) = &section.socket {
        let why = "socket: an address leads to one program; give it an app of its own";
        return Err(file.wrong(socket.span().start, why));
    }
    // What a folder of programs is for: a message is a line.
    section.mode.get_or_insert(Mode::Lines);
    let found = folder::programs(place.get_ref(), |why| file.wrong(span.start, why))?;
    let app = |(name, program): (String, PathBuf)| {
        let text = program.into_os_string().into_string();
        let text = text.map_err(|_| file.wrong(span.start, "its path is not text"))?;
        let section = AppSection {
            command: Some(Spanned::new(span.clone(), vec![text])),
            ..section.clone()
        };
        let app = configured_app(file, span.start, &name, section, around)?;
        Ok((name, app))
    };
    found.into_iter().map(app).collect()
}
