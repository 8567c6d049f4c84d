//! What stands in front of awp: reverse proxies that are believed.

use awp_server::model::user_header::user_header;

use super::Listener;
use super::error::ConfigError;
use super::text::Trusted;
use crate::cli::Options;

/// The header in which proxies name their user, in lower case.
pub fn named_by_proxies(
    options: &Options,
    listen: &[Listener],
) -> Result<Option<String>, ConfigError> {
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
