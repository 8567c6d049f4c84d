//! Certificates by ACME (RFC 8555): asked for when there is none for these domains, and again before
//! it ends.
//!
//! That the domains lead here is shown on the server's own TLS listener (TLS-ALPN-01, RFC 8737), which
//! the certificate authority reaches at port 443. Until the first certificate has come, one of our
//! own making is shown; when no new one comes, the old one is, and each failure is one line in the
//! log. Account and certificates are files that nobody else can read.

mod ask;
pub mod challenge;
mod directory;
mod kept;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;

use self::challenge::Challenges;
use self::kept::Kept;
use super::fetch::Fetcher;
use super::tls::{Tls, TlsError};
use crate::clock;

/// The longest that is waited until the wall clock is looked at again: it may have been set.
const LOOK: Duration = Duration::from_secs(12 * 60 * 60);

/// How soon it is tried again after a failure: authorities that everybody may ask let a domain fail
/// five times in an hour.
const FIRST_AGAIN: Duration = Duration::from_secs(15 * 60);

/// The longest between two attempts: several a day, of the weeks that a certificate still holds.
const LONGEST_AGAIN: Duration = Duration::from_secs(6 * 60 * 60);

/// Who is asked for which certificate.
#[derive(Clone, Debug)]
pub struct AcmeSettings {
    /// The names that it is for, in lower case.
    pub domains: Vec<String>,
    /// Where the authority writes to, as addresses of mail.
    pub contact: Vec<String>,
    /// The authority's own address.
    pub directory: String,
    /// The authorities of the certificate that the authority itself shows; `None`: those of the
    /// system.
    pub ca_file: Option<PathBuf>,
    /// The authorities of clients' certificates.
    pub client_ca: Option<PathBuf>,
    /// The folder of the account and the certificate.
    pub folder: PathBuf,
}

/// Why there is no certificate by ACME.
#[derive(Debug, thiserror::Error)]
pub enum AcmeError {
    /// What is kept cannot be read or written.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The file of authorities is none.
    #[error("ACME: {0}")]
    Authorities(String),
    /// A file of ours.
    #[error("ACME: {}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The authority, or the way to it.
    #[error("{0}")]
    Asked(String),
}

/// The certificate, and who sees to it that there is one.
pub struct Acme {
    settings: AcmeSettings,
    kept: Kept,
    fetcher: Fetcher,
    challenges: Arc<Challenges>,
    tls: Arc<Tls>,
    again: Notify,
}

impl fmt::Debug for Acme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Acme")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Acme {
    /// Takes the certificate that is kept, or shows one of our own making until there is one. Nobody
    /// is asked yet.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn open(settings: AcmeSettings) -> Result<Arc<Self>, AcmeError> {
        let ca_file = settings.ca_file.as_deref();
        let fetcher = Fetcher::new(ca_file).map_err(AcmeError::Authorities)?;
        let kept = Kept::open(&settings.folder, &settings.domains)?;
        let challenges = Arc::new(Challenges::default());
        let files = kept.files(settings.client_ca.clone());
        let tls = Tls::open_with(files, Arc::clone(&challenges))?;
        Ok(Arc::new(Self {
            settings,
            kept,
            fetcher,
            challenges,
            tls,
            again: Notify::new(),
        }))
    }

    /// What is shown to clients.
    pub fn tls(&self) -> Arc<Tls> {
        Arc::clone(&self.tls)
    }

    /// An attempt that is due later because the one before has failed is made now.
    pub fn again(&self) {
        self.again.notify_one();
    }

    /// Sees to it, for as long as the server runs, that there is a certificate that holds.
    pub async fn keep(self: Arc<Self>) {
        let mut pause = FIRST_AGAIN;
        loop {
            let left = self.due_in(clock::wall());
            if !left.is_zero() {
                tokio::time::sleep(left.min(LOOK)).await;
                continue;
            }
            match self.renew().await {
                Ok(()) => pause = FIRST_AGAIN,
                Err(error) => {
                    tracing::warn!(
                        again_in_s = pause.as_secs(),
                        "no certificate for {}: {error}",
                        self.settings.domains.join(", ")
                    );
                    tokio::select! {
                        () = tokio::time::sleep(pause) => {}
                        () = self.again.notified() => {}
                    }
                    pause = (pause * 2).min(LONGEST_AGAIN);
                }
            }
        }
    }

    /// How long what is shown is good enough.
    fn due_in(&self, now: SystemTime) -> Duration {
        let due = self.kept.due(&self.settings.domains);
        due.and_then(|due| due.duration_since(now).ok())
            .unwrap_or_default()
    }

    async fn renew(&self) -> Result<(), AcmeError> {
        tracing::info!(
            "asking {} for a certificate for {}",
            self.settings.directory,
            self.settings.domains.join(", ")
        );
        let account = self.account().await?;
        let pair = self.certificate(&account).await?;
        // One that is not for these domains, or is over already, would be asked for without end.
        let due = kept::due(&pair, &self.settings.domains);
        if due.is_none_or(|due| due <= clock::wall()) {
            let why = "what came is not for these domains, or not for now: is the clock right?";
            return Err(AcmeError::Asked(why.to_owned()));
        }
        self.kept.write_pair(&pair)?;
        self.tls.reload();
        Ok(())
    }
}
