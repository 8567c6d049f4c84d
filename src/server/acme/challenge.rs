//! The proof that a domain leads here (TLS-ALPN-01, RFC 8737): a connection that asks for it is shown a
//! certificate that bears the proof, and nothing else is ever said on it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;

use crate::server::tls::CHALLENGE;

/// The proofs that are asked for now, by domain. There are none most of the time.
#[derive(Debug, Default)]
pub struct Challenges {
    proofs: RwLock<HashMap<String, Arc<CertifiedKey>>>,
}

impl Challenges {
    /// Shows this proof for this domain, until [`Challenges::clear`].
    ///
    /// # Errors
    /// When no certificate can be made of it.
    pub(super) fn show(&self, domain: &str, digest: &[u8]) -> Result<(), String> {
        let proof = proof(domain, digest)?;
        let mut proofs = self.proofs.write().unwrap_or_else(PoisonError::into_inner);
        proofs.insert(domain.to_owned(), Arc::new(proof));
        Ok(())
    }

    /// Shows none any more.
    pub(super) fn clear(&self) {
        let mut proofs = self.proofs.write().unwrap_or_else(PoisonError::into_inner);
        proofs.clear();
    }

    fn of(&self, domain: &str) -> Option<Arc<CertifiedKey>> {
        let proofs = self.proofs.read().unwrap_or_else(PoisonError::into_inner);
        proofs.get(&domain.to_ascii_lowercase()).cloned()
    }
}

fn proof(domain: &str, digest: &[u8]) -> Result<CertifiedKey, String> {
    let make = || {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new(vec![domain.to_owned()])?;
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
        let certificate = params.self_signed(&key)?;
        Ok((certificate, key))
    };
    let (certificate, key) = make().map_err(|error: rcgen::Error| error.to_string())?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    // Not held against its certificate: whoever does not know the proof's extension may not read that.
    let key = ring::sign::any_supported_type(&key).map_err(|error| error.to_string())?;
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

/// The certificate of the server, and beside it the proofs.
#[derive(Debug)]
pub struct Shown {
    /// What everybody is shown.
    pub certificate: Arc<CertifiedKey>,
    /// What those are shown who ask for it.
    pub challenges: Arc<Challenges>,
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let asked = hello.alpn().map(Iterator::collect::<Vec<_>>);
        if asked.as_deref() == Some(&[CHALLENGE]) {
            return self.challenges.of(hello.server_name()?);
        }
        Some(Arc::clone(&self.certificate))
    }
}
