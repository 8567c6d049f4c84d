//! TLS: certificates from files that may change while the server runs, or one of our own making.

use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest as _, Sha256};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::server::{WantsServerCert, WebPkiClientVerifier};
#[cfg(feature = "acme")]
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ConfigBuilder, RootCertStore, ServerConfig};

#[cfg(feature = "acme")]
use super::acme::challenge::{Challenges, Shown};

/// The only protocol that is spoken: HTTP/2 would bring its own kinds of floods.
const ALPN: &[u8] = b"http/1.1";

/// What a certificate authority asks for that looks whether a domain leads here (RFC 8737). Nothing
/// is ever said on such a connection.
pub const CHALLENGE: &[u8] = b"acme-tls/1";

/// The names of our own certificate and its key, in their folder.
const OWN_CERT: &str = "tls-cert.pem";
const OWN_KEY: &str = "tls-key.pem";

/// Where a certificate is from.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first, as PEM.
    pub cert: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
    /// Whose certificates clients may show, as PEM: those of these authorities. `None`: nobody is
    /// asked for one.
    pub client_ca: Option<PathBuf>,
    /// Whether a browser knows who signed it, so that it may insist on TLS from then on.
    pub trusted: bool,
}

/// Why there is no TLS: one line that names the file.
#[derive(Debug, thiserror::Error)]
#[error("TLS: {}: {why}", path.display())]
pub struct TlsError {
    path: PathBuf,
    why: String,
}

/// The certificate that is shown now.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    #[cfg(feature = "acme")]
    challenges: Option<Arc<Challenges>>,
    current: RwLock<Current>,
}

#[derive(Clone, Debug)]
struct Current {
    config: Arc<ServerConfig>,
    fingerprint: String,
}

impl TlsFiles {
    /// A certificate of our own making in this folder, for these names; one that is there is kept,
    /// so that its fingerprint stays the same.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn self_signed(folder: &Path, names: Vec<String>) -> Result<Self, TlsError> {
        let files = Self {
            cert: folder.join(OWN_CERT),
            key: folder.join(OWN_KEY),
            client_ca: None,
            trusted: false,
        };
        if files.cert.exists() && files.key.exists() {
            return Ok(files);
        }
        let made = rcgen::generate_simple_self_signed(names)
            .map_err(|error| TlsError::new(&files.cert, &error))?;
        let written = write_private(&files.key, &made.signing_key.serialize_pem())
            .and_then(|()| write_private(&files.cert, &made.cert.pem()));
        written.map_err(|error| TlsError::new(folder, &error))?;
        Ok(files)
    }
}

/// Writes a file that nobody else can read, with its folder; it is there whole or not at all.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(0o700).create(folder)?;
    }
    let draft = path.with_extension("draft");
    // What is left of an attempt that was cut short.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)
}

impl Tls {
    /// Reads the certificate and its key.
    ///
    /// # Errors
    /// When one of them cannot be read, or they do not belong together.
    pub fn open(files: TlsFiles) -> Result<Arc<Self>, TlsError> {
        let current = read(&files, config_of)?;
        Ok(Arc::new(Self {
            files,
            #[cfg(feature = "acme")]
            challenges: None,
            current: RwLock::new(current),
        }))
    }

    /// As [`Tls::open`], and shows these proofs to whoever asks for them.
    ///
    /// # Errors
    /// As [`Tls::open`].
    #[cfg(feature = "acme")]
    pub fn open_with(files: TlsFiles, challenges: Arc<Challenges>) -> Result<Arc<Self>, TlsError> {
        let current = read(&files, with_proofs(&challenges))?;
        Ok(Arc::new(Self {
            files,
            challenges: Some(challenges),
            current: RwLock::new(current),
        }))
    }

    fn read(&self) -> Result<Current, TlsError> {
        #[cfg(feature = "acme")]
        if let Some(challenges) = &self.challenges {
            return read(&self.files, with_proofs(challenges));
        }
        read(&self.files, config_of)
    }

    /// Reads both again. What is wrong leaves what is shown as it is: a renewal writes two files,
    /// and between the two they do not belong together.
    pub fn reload(&self) {
        match self.read() {
            Ok(new) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                if new.fingerprint != current.fingerprint {
                    tracing::info!(fingerprint = new.fingerprint, "another certificate");
                }
                *current = new;
            }
            Err(error) => tracing::warn!(%error, "the certificate stays what it was"),
        }
    }

    /// What shakes hands with the next client.
    pub fn acceptor(&self) -> TlsAcceptor {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current.config))
    }

    /// The SHA-256 of the certificate, as browsers show it.
    pub fn fingerprint(&self) -> String {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.fingerprint.clone()
    }

    /// The files it is from.
    pub const fn files(&self) -> &TlsFiles {
        &self.files
    }
}

impl TlsError {
    fn new(path: &Path, why: &dyn std::fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }
}

/// What is made of a certificate and its key: the rest of a configuration.
type Builder = ConfigBuilder<ServerConfig, WantsServerCert>;

fn config_of(
    builder: Builder,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    builder.with_single_cert(chain, key)
}

/// The same, beside which proofs are shown.
#[cfg(feature = "acme")]
fn with_proofs(
    challenges: &Arc<Challenges>,
) -> impl FnOnce(
    Builder,
    Vec<CertificateDer<'static>>,
    PrivateKeyDer<'static>,
) -> Result<ServerConfig, rustls::Error> {
    let challenges = Arc::clone(challenges);
    move |builder, chain, key| {
        let certificate = CertifiedKey::from_der(chain, key, &ring::default_provider())?;
        let mut config = builder.with_cert_resolver(Arc::new(Shown {
            certificate: Arc::new(certificate),
            challenges,
        }));
        config.alpn_protocols = vec![CHALLENGE.to_vec()];
        Ok(config)
    }
}

fn read(
    files: &TlsFiles,
    config: impl FnOnce(
        Builder,
        Vec<CertificateDer<'static>>,
        PrivateKeyDer<'static>,
    ) -> Result<ServerConfig, rustls::Error>,
) -> Result<Current, TlsError> {
    let of_cert = |why: &dyn std::fmt::Display| TlsError::new(&files.cert, why);
    let of_key = |why: &dyn std::fmt::Display| TlsError::new(&files.key, why);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect)
        .map_err(|error| of_cert(&error))?;
    let first = chain
        .first()
        .ok_or_else(|| of_cert(&"holds no certificate"))?;
    let mut fingerprint = String::new();
    for (at, byte) in Sha256::digest(first).iter().enumerate() {
        let colon = if at == 0 { "" } else { ":" };
        // Writing to a string cannot fail.
        let _ = write!(fingerprint, "{colon}{byte:02X}");
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| of_key(&error))?;
    let clients = match &files.client_ca {
        Some(file) => clients(file)?,
        None => WebPkiClientVerifier::no_client_auth(),
    };
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| of_cert(&error))?
        .with_client_cert_verifier(clients);
    let mut config = config(builder, chain, key).map_err(|error| of_cert(&error))?;
    // What we prefer stands first.
    config.alpn_protocols.insert(0, ALPN.to_vec());
    Ok(Current {
        config: Arc::new(config),
        fingerprint,
    })
}

/// What holds clients' certificates against these authorities. Who shows none gets in as well, to
/// the login.
fn clients(file: &Path) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let wrong = |why: &dyn std::fmt::Display| TlsError::new(file, why);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))? {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        roots.add(certificate).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() {
        return Err(wrong(&"holds no certificate"));
    }
    let provider = Arc::new(ring::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|error| wrong(&error))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn own(folder: &Path) -> TlsFiles {
        TlsFiles::self_signed(folder, vec!["localhost".to_owned()]).unwrap()
    }

    #[test]
    fn our_own_certificate_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let first = Tls::open(own(&path)).unwrap();
        assert_eq!(first.fingerprint().len(), 32 * 3 - 1);
        assert_eq!(
            Tls::open(own(&path)).unwrap().fingerprint(),
            first.fingerprint()
        );
        for name in [OWN_CERT, OWN_KEY] {
            let metadata = fs::metadata(path.join(name)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
        }
        assert_eq!(fs::read_dir(&path).unwrap().count(), 2);
    }

    #[test]
    fn a_pair_that_does_not_fit_changes_nothing() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let files = own(one.path());
        let tls = Tls::open(files.clone()).unwrap();
        let before = tls.fingerprint();
        let new = own(other.path());
        fs::copy(&new.cert, &files.cert).unwrap();
        assert!(Tls::open(files.clone()).is_err(), "the key is another's");
        tls.reload();
        assert_eq!(tls.fingerprint(), before);
        fs::copy(&new.key, &files.key).unwrap();
        tls.reload();
        assert_ne!(tls.fingerprint(), before);
        fs::write(&files.cert, "").unwrap();
        let error = Tls::open(files).unwrap_err().to_string();
        assert!(error.contains("holds no certificate"), "{error}");
    }
}
