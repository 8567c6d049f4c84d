//! Who says whom awp lets in: reverse proxies that are believed, authorities of certificates.

use std::path::PathBuf;
use std::time::Duration;

use awp_server::model::user_header::user_header;

use super::Listener;
use super::error::ConfigError;
use super::text::Trusted;
use super::validate::some_time;
use crate::cli::Options;

/// Long enough to make some links one after the other, too short for a browser that was left open.
const FRESH_LOGIN: Duration = Duration::from_secs(10 * 60);

/// Who else says whom to let in, and for how long that is taken for proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// The header in which believed proxies name their user, in lower case.
    pub proxy_user_header: Option<String>,
    /// The proxies that are believed.
    pub trust_proxy: Vec<Trusted>,
    /// The authorities of clients' certificates.
    pub client_ca: Option<PathBuf>,
    /// How long after it a login counts as one of just now.
    pub fresh_login: Duration,
}

/// All of them, where they fit with how is listened.
///
/// # Errors
/// When one of them would let anybody in, or nobody.
pub fn ways(options: &Options, listen: &[Listener], tls: bool) -> Result<Ways, ConfigError> {
    Ok(Ways {
        proxy_user_header: named_by_proxies(options, listen)?,
        trust_proxy: options.trust_proxy.clone(),
        client_ca: authorities(options, tls)?,
        fresh_login: some_time("--fresh-login", options.fresh_login, FRESH_LOGIN)?,
    })
}

/// The header in which proxies name their user, in lower case.
fn named_by_proxies(options: &Options, listen: &[Listener]) -> Result<Option<String>, ConfigError> {
    let unix = |place: &Listener| matches!(place, Listener::Unix(_));
    if options.trust_proxy.contains(&Trusted::Unix) && !listen.iter().any(unix) {
        let why = "there is no Unix listener; add --listen unix:PATH, or name the proxy's address";
        return Err(ConfigError::refused("--trust-proxy unix", why));
    }
    let Some(name) = &options.proxy_user_header else {
        return Ok(None);
    };
    let refused = |why: &str| Err(ConfigError::refused("--proxy-user-header", why));
    if options.trust_proxy.is_empty() {
        return refused(
            "anybody could send it; say whose word counts with --trust-proxy ADDRESS or \
             --trust-proxy unix",
        );
    }
    if options.no_auth.unwrap_or(false) {
        return refused("with --no-auth nobody is asked who they are; leave one of the two out");
    }
    match user_header(name) {
        Ok(name) => Ok(Some(name)),
        Err(why) => refused(&why),
    }
}

/// The file of the authorities of clients' certificates.
fn authorities(options: &Options, tls: bool) -> Result<Option<PathBuf>, ConfigError> {
    let refused = |why| Err(ConfigError::refused("--tls-client-ca", why));
    match &options.tls_client_ca {
        Some(_) if !tls => refused(
            "certificates are shown over TLS alone; add --tls-cert and --tls-key, or \
             --tls-self-signed",
        ),
        Some(_) if options.no_auth.unwrap_or(false) => {
            refused("with --no-auth nobody is asked who they are; leave one of the two out")
        }
        file => Ok(file.clone()),
    }
}
