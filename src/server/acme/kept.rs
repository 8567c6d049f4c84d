//! What is kept of ACME from one start of the server to the next: two files that nobody else reads.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use super::AcmeError;
use crate::server::tls::{TlsFiles, write_private};

/// Chain and key in one file, so that they always belong together.
const PAIR: &str = "certificate.pem";

/// The account with its key.
const ACCOUNT: &str = "account.json";

/// A certificate with those who signed it, and its key; both PEM.
pub(super) struct Pair {
    pub(super) chain: String,
    pub(super) key: String,
}

/// The folder of both.
pub(super) struct Kept {
    pair: PathBuf,
    account: PathBuf,
}

impl Kept {
    /// The folder, with a certificate of our own making where there is none yet.
    pub(super) fn open(folder: &Path, domains: &[String]) -> Result<Self, AcmeError> {
        let kept = Self {
            pair: folder.join(PAIR),
            account: folder.join(ACCOUNT),
        };
        is_private(&kept.account)?;
        if !is_private(&kept.pair)? {
            let made = rcgen::generate_simple_self_signed(domains);
            let made = made.map_err(|error| wrong(&kept.pair, &error))?;
            kept.write_pair(&Pair {
                chain: made.cert.pem(),
                key: made.signing_key.serialize_pem(),
            })?;
        }
        Ok(kept)
    }

    /// What TLS reads.
    pub(super) fn files(&self, client_ca: Option<PathBuf>) -> TlsFiles {
        TlsFiles {
            cert: self.pair.clone(),
            key: self.pair.clone(),
            client_ca,
            trusted: true,
        }
    }

    /// When the certificate that is kept is to be replaced; `None`: now, it is not for these domains.
    pub(super) fn due(&self, domains: &[String]) -> Option<SystemTime> {
        let chain = fs::read(&self.pair).ok()?;
        due_of(&chain, domains)
    }

    pub(super) fn write_pair(&self, pair: &Pair) -> Result<(), AcmeError> {
        let text = format!("{}\n{}", pair.chain.trim_end(), pair.key);
        write_private(&self.pair, &text).map_err(|error| wrong(&self.pair, &error))
    }

    /// The account, if there is one.
    pub(super) fn account(&self) -> Result<Option<String>, AcmeError> {
        match fs::read_to_string(&self.account) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(wrong(&self.account, &error)),
        }
    }

    pub(super) fn write_account(&self, text: &str) -> Result<(), AcmeError> {
        write_private(&self.account, text).map_err(|error| wrong(&self.account, &error))
    }
}

/// Whether a file is there. One that others can read is no secret any more.
fn is_private(path: &Path) -> Result<bool, AcmeError> {
    match fs::metadata(path) {
        Ok(known) if known.mode() & 0o077 != 0 => {
            let mode = known.mode() & 0o777;
            let why = format!("others can read or write it (mode {mode:03o}); delete it");
            Err(wrong(path, &why))
        }
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(wrong(path, &error)),
    }
}

fn wrong(path: &Path, why: &dyn std::fmt::Display) -> AcmeError {
    AcmeError::File {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// When a certificate is to be replaced by a new one; `None`: it is not by an authority for exactly
/// these domains.
pub(super) fn due(pair: &Pair, domains: &[String]) -> Option<SystemTime> {
    due_of(pair.chain.as_bytes(), domains)
}

fn due_of(pem: &[u8], domains: &[String]) -> Option<SystemTime> {
    let first = CertificateDer::pem_slice_iter(pem).next()?.ok()?;
    let (_, read) = parse_x509_certificate(&first).ok()?;
    if read.issuer() == read.subject() {
        return None;
    }
    let names = read.subject_alternative_name().ok()??;
    let names = names.value.general_names.iter();
    let names: Option<BTreeSet<String>> = names
        .map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            _ => None,
        })
        .collect();
    let wanted: BTreeSet<String> = domains.iter().cloned().collect();
    if names? != wanted {
        return None;
    }
    let moment = |timestamp: i64| {
        let seconds = u64::try_from(timestamp).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
    };
    let from = moment(read.validity().not_before.timestamp())?;
    let until = moment(read.validity().not_after.timestamp())?;
    Some(from + until.duration_since(from).ok()? * 2 / 3)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rcgen::{CertificateParams, DnType, Issuer, KeyPair, date_time_ymd};

    use super::*;

    fn signed(names: &[&str]) -> Pair {
        let authority = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "an authority");
        let issuer = Issuer::new(params, authority);
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2026, 4, 1);
        let made = params.signed_by(&key, &issuer).unwrap();
        Pair {
            chain: made.pem(),
            key: key.serialize_pem(),
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn it_is_due_at_two_thirds_of_its_time_and_for_exactly_its_domains() {
        let pair = signed(&["a.example", "b.example"]);
        let begun = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let expected = begun + Duration::from_secs(60 * 24 * 60 * 60);
        let both = names(&["b.example", "a.example"]);
        assert_eq!(due(&pair, &both), Some(expected));
        for other in [
            &["a.example"][..],
            &["a.example", "b.example", "c.example"],
            &["c.example"],
        ] {
            assert_eq!(due(&pair, &names(other)), None, "{other:?}");
        }
    }

    #[test]
    fn one_of_our_own_making_is_due_now_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acme");
        let domains = names(&["a.example"]);
        let kept = Kept::open(&path, &domains).unwrap();
        assert_eq!(kept.due(&domains), None);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&kept.pair)), (0o700, 0o600));
        kept.write_pair(&signed(&["a.example"])).unwrap();
        let again = Kept::open(&path, &domains).unwrap();
        assert!(again.due(&domains).is_some());
        fs::set_permissions(&again.pair, fs::Permissions::from_mode(0o644)).unwrap();
        let error = Kept::open(&path, &domains).err().unwrap().to_string();
        assert!(error.contains("others can read"), "{error}");
    }
}
