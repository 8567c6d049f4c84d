//! Where a program wants the file that it asks for, and how its paths are read: as the process itself
//! sees them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::process::Pid;

use super::files::{FileError, Partial, Root};
use crate::control::serve::Caller;
use crate::model::file_path::{BadPath, FilePath};

/// The place for a file that a program asks for.
#[derive(Clone)]
pub struct Target {
    /// The folder, held since the program asked.
    pub root: Arc<Root>,
    /// What the file is called there; `None`: it keeps the name that it has.
    name: Option<String>,
    /// A file of this name may be replaced.
    pub overwrite: bool,
}

impl Target {
    /// Where a caller wants it. Blocks.
    ///
    /// # Errors
    /// When it could not be put there now.
    pub(super) fn find(
        caller: Caller,
        path: &str,
        overwrite: bool,
        private: Arc<[PathBuf]>,
    ) -> Result<Self, FileError> {
        let (folder, name) = if let Some(folder) = path.strip_suffix('/') {
            (Path::new(folder), None)
        } else {
            let (folder, name) = split(path)?;
            (folder, Some(name.to_owned()))
        };
        let target = Self {
            root: Arc::new(root(caller, folder, private)?),
            name,
            overwrite,
        };
        // A folder of the server's own, or a file that is there, is refused before anybody is asked.
        let place = target.place("any").map_err(|_| FileError::Missing)?;
        if target.name.is_some() {
            Partial::possible(&target.root, &place, overwrite)?;
        } else {
            target.root.folder(&place)?;
        }
        Ok(target)
    }

    /// Where a file goes that the person's device calls so.
    ///
    /// # Errors
    /// When nothing of the name is left.
    pub fn place(&self, name: &str) -> Result<FilePath, BadPath> {
        // A name and nothing more: the device does not say which folder it goes to.
        let own = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = self.name.as_deref().unwrap_or(own);
        let root = self.root.path().to_string_lossy();
        let place = FilePath::parse(name, &root)?;
        if self.name.is_some() {
            Ok(place)
        } else {
            place.cleaned()
        }
    }

    /// As it is told to the person.
    pub(super) fn shown(&self) -> String {
        let folder = self.root.path();
        let whole = self.name.as_ref().map(|name| folder.join(name));
        whole
            .as_deref()
            .unwrap_or(folder)
            .to_string_lossy()
            .into_owned()
    }
}

/// The folder of a path as the caller sees it.
pub(super) fn root(
    caller: Caller,
    folder: &Path,
    private: Arc<[PathBuf]>,
) -> Result<Root, FileError> {
    let pid = i32::try_from(caller.pid).ok().and_then(Pid::from_raw);
    Root::seen_by(pid.ok_or(FileError::Denied)?, folder, private)
}

/// The folder and the name of a file.
pub(super) fn split(path: &str) -> Result<(&Path, &str), FileError> {
    let (folder, name) = path.rsplit_once('/').ok_or(FileError::Missing)?;
    match name {
        "" | "." | ".." => Err(FileError::Missing),
        name => Ok((Path::new(folder), name)),
    }
}
