//! The owner's token: a file that only its user can read.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::secret::{self, SecretHash};

/// Fewer characters than this cannot hold 128 random bits in any usual spelling.
const SHORTEST: usize = 32;

/// Bytes of the longest token file that is read: a token is a line, anything longer is a mistake.
const LONGEST: u64 = 4096;

/// Why there is no usable token; the server does not start then.
#[derive(Debug, thiserror::Error)]
#[error("token file {}: {reason}", path.display())]
pub struct TokenError {
    path: PathBuf,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Random(#[from] secret::NoRandomness),
    #[error("is not a regular file")]
    NotAFile,
    #[error("belongs to another user")]
    Foreign,
    #[error("others can read or write it (mode {0:03o}); chmod 600 it")]
    Mode(u32),
    #[error("is empty; remove it to have a new one made")]
    Empty,
    #[error("is too short to be a token; remove it to have a new one made")]
    Short,
    #[error("is not one line of text; remove it to have a new one made")]
    NotText,
}

/// The owner's token. Only its hash is kept.
#[derive(Clone, Debug)]
pub struct Token {
    hash: SecretHash,
}

impl Token {
    /// Reads the token file; a missing one is made first, with 256 random bits and mode 0600.
    ///
    /// # Errors
    /// If the file cannot be made or read, is empty, short or not text, or is open to others.
    pub fn open(path: &Path) -> Result<Self, TokenError> {
        let run = || -> Result<Self, Reason> {
            match File::open(path) {
                Ok(file) => Self::read(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    create(path)?;
                    Self::read(File::open(path)?)
                }
                Err(error) => Err(error.into()),
            }
        };
        run().map_err(|reason| TokenError {
            path: path.to_owned(),
            reason,
        })
    }

    /// The token that this secret is; for servers whose token is not in a file.
    pub fn of(secret: &str) -> Self {
        Self {
            hash: SecretHash::of(secret),
        }
    }

    /// Whether this is the token, in a time that does not depend on how much of it is right.
    pub fn matches(&self, candidate: &str) -> bool {
        self.hash == SecretHash::of(candidate)
    }

    /// What tells this token from the next one, and is no secret.
    pub fn mark(&self) -> String {
        self.hash.mark()
    }

    /// Puts a new token into the file, whole or not at all; the one before is worth nothing from
    /// then on.
    ///
    /// # Errors
    /// If the file cannot be written, or what is there is not a token of ours.
    pub fn rotate(path: &Path) -> Result<(), TokenError> {
        Self::open(path)?;
        let run = || -> Result<(), Reason> {
            let draft = draft_in(folder_of(path))?;
            let replaced = write_draft(&draft).and_then(|()| Ok(fs::rename(&draft, path)?));
            if replaced.is_err() {
                // The error is what matters; a draft that stays is as private as the token.
                let _ = fs::remove_file(&draft);
            }
            replaced?;
            Ok(File::open(folder_of(path))?.sync_all()?)
        };
        run().map_err(|reason| TokenError {
            path: path.to_owned(),
            reason,
        })
    }

    fn read(file: File) -> Result<Self, Reason> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Reason::NotAFile);
        }
        let own = rustix::process::geteuid().as_raw();
        if metadata.uid() != own && metadata.uid() != 0 {
            return Err(Reason::Foreign);
        }
        if metadata.mode() & 0o077 != 0 {
            return Err(Reason::Mode(metadata.mode() & 0o777));
        }
        let mut bytes = Vec::new();
        file.take(LONGEST + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LONGEST {
            return Err(Reason::NotText);
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| Reason::NotText)?;
        let text = text.trim_end_matches(['\r', '\n']);
        if text.trim().is_empty() {
            return Err(Reason::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Reason::NotText);
        }
        if text.len() < SHORTEST {
            return Err(Reason::Short);
        }
        Ok(Self::of(text))
    }
}

/// Makes the file whole or not at all: written beside its place under another name, then linked
/// there, which fails where a file is already. A second server that starts meanwhile wins nothing
/// and loses nothing: the first link stands.
fn create(path: &Path) -> Result<(), Reason> {
    let folder = folder_of(path);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let draft = draft_in(folder)?;
    let written = write_draft(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map_err(Reason::from),
    });
    let removed = fs::remove_file(&draft);
    written?;
    Ok(removed?)
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// A name that nobody has.
fn draft_in(folder: &Path) -> Result<PathBuf, Reason> {
    Ok(folder.join(format!(".token-{}", secret::random()?)))
}

fn write_draft(draft: &Path) -> Result<(), Reason> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    file.write_all(format!("{}\n", secret::random()?).as_bytes())?;
    file.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn with_content(content: &[u8], mode: u32) -> Result<Token, TokenError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        Token::open(&path)
    }

    #[test]
    fn a_missing_file_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/token");
        let token = Token::open(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert!(token.matches(text.trim()));
        assert!(!token.matches(&text));
        assert!(Token::open(&path).unwrap().matches(text.trim()));
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let state = path.parent().unwrap();
        assert_eq!(fs::metadata(state).unwrap().mode() & 0o777, 0o700);
        assert_eq!(
            fs::read_dir(state).unwrap().count(),
            1,
            "no draft is left behind"
        );
    }

    #[test]
    fn a_file_that_cannot_be_trusted_is_an_error_of_one_line() {
        let good = [b'a'; 43];
        assert!(with_content(&good, 0o600).is_ok());
        for (content, mode) in [
            (&b""[..], 0o600),
            (b"\n", 0o600),
            (b"short", 0o600),
            (&[0xff; 43], 0o600),
            (&[0; 43], 0o600),
            (b"two lines of text that are long enough\nsecond", 0o600),
            (&[b'a'; 5000], 0o600),
            (&good, 0o644),
            (&good, 0o602),
            (&good, 0o620),
        ] {
            let error = with_content(content, mode).unwrap_err().to_string();
            assert!(!error.contains('\n'), "{error}");
            assert!(!error.contains("aaaa"), "{error}");
        }
    }

    #[test]
    fn a_rotated_token_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let old = Token::open(&path).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        Token::rotate(&path).unwrap();
        let new = Token::open(&path).unwrap();
        assert!(!new.matches(text.trim()) && new.mark() != old.mark());
        assert_eq!(old.mark(), Token::of(text.trim()).mark());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::write(&path, "short").unwrap();
        assert!(Token::rotate(&path).is_err());
    }

    #[test]
    fn a_folder_is_not_a_token() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Token::open(folder.path()).is_err());
    }
}
