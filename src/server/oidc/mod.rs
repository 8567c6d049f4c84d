//! Logins by a provider of `OpenID Connect`: the code flow, with PKCE, state and nonce.
//!
//! The browser is sent to the provider and comes back to `routes` with a code. What the provider
//! says for that code is verified by `provider`, `claims` says whom it names, and the page takes
//! the login with what `flow` has tied to its browser. No secret is in any address of ours.

mod claims;
mod flow;
mod provider;
mod routes;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub use openidconnect::ClientSecret;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use self::flow::Flows;
use self::provider::Provider;
use super::fetch::Fetcher;
use super::secret::NoRandomness;
use crate::model::access::Role;

pub(super) use self::routes::routes;

/// People who come back from the provider at once: each holds a connection to it for a moment.
const BACK_AT_ONCE: usize = 16;

/// Which provider is asked, and whom it may let in.
#[derive(Clone, Debug)]
pub struct OidcSettings {
    /// The provider's own address, as it writes it.
    pub issuer: String,
    /// Whom it knows us as.
    pub client_id: String,
    /// What proves that to it; a public client has none.
    pub client_secret: Option<ClientSecret>,
    /// The authorities of its certificate; `None`: those of the system.
    pub ca_file: Option<PathBuf>,
    /// What the page calls it.
    pub name: String,
    /// What it is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that names the user.
    pub user_claim: String,
    /// The claim that names the user's groups.
    pub groups_claim: String,
    /// Who may come; with no user and no group named, whoever is a user here.
    pub allow_users: Vec<String>,
    /// Whose members may come.
    pub allow_groups: Vec<String>,
    /// What the members of a group may do, who are no users here otherwise.
    pub roles: Vec<(String, Role)>,
    /// How long ago the person may have been asked at the provider.
    pub max_age: Duration,
}

/// Why there are no logins by this provider.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// Its certificate cannot be held against anything.
    #[error("oidc: ca_file {0}")]
    Authorities(String),
    /// The system has no randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// The provider, and who is on the way to it.
pub(super) struct Oidc {
    settings: OidcSettings,
    provider: Provider,
    flows: Flows,
    back: Semaphore,
}

impl OidcSettings {
    /// This provider, with the defaults of the configuration.
    pub fn of(issuer: &str, client_id: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: None,
            ca_file: None,
            name: "OpenID".to_owned(),
            scopes: vec!["profile".to_owned(), "email".to_owned()],
            user_claim: "preferred_username".to_owned(),
            groups_claim: "groups".to_owned(),
            allow_users: Vec::new(),
            allow_groups: Vec::new(),
            roles: Vec::new(),
            max_age: Duration::from_secs(10 * 60),
        }
    }
}

impl Oidc {
    /// Nobody is asked yet, not even the provider.
    ///
    /// # Errors
    /// When its authorities cannot be read, or there is no randomness.
    pub(super) fn new(settings: OidcSettings) -> Result<Self, OidcError> {
        let fetcher = Fetcher::new(settings.ca_file.as_deref()).map_err(OidcError::Authorities)?;
        Ok(Self {
            settings,
            provider: Provider::new(fetcher),
            flows: Flows::new(Instant::now().into_std())?,
            back: Semaphore::new(BACK_AT_ONCE),
        })
    }

    /// What the page calls it.
    pub(super) fn name(&self) -> &str {
        &self.settings.name
    }
}

impl fmt::Debug for Oidc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Oidc({})", self.settings.issuer)
    }
}
