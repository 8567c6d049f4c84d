//! The certificate that `awp serve` shows: from files, or of its own making.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use awp_server::server::tls::{Tls, TlsFiles};

use crate::config::{Config, Listener, Tls as Wanted};

/// The certificate that was asked for. `state` is the folder that our own is kept in.
///
/// # Errors
/// When it cannot be read or made.
pub fn open(config: &Config, state: Option<&Path>) -> anyhow::Result<Option<Arc<Tls>>> {
    let files = match &config.tls {
        None => return Ok(None),
        Some(Wanted::Files { cert, key }) => TlsFiles {
            cert: cert.clone(),
            key: key.clone(),
            client_ca: config.ways.client_ca.clone(),
            trusted: true,
        },
        Some(Wanted::SelfSigned) => {
            let state = state.context("--tls-self-signed: HOME does not say where to keep it")?;
            TlsFiles {
                client_ca: config.ways.client_ca.clone(),
                ..TlsFiles::self_signed(state, names(config))?
            }
        }
    };
    let own = !files.trusted;
    let tls = Tls::open(files)?;
    if own {
        say(&tls);
    }
    Ok(Some(tls))
}

/// A browser asks whether to trust it: this is what to compare.
#[expect(clippy::print_stderr, reason = "for the person who starts the server")]
fn say(tls: &Tls) {
    eprintln!("awp: certificate SHA-256 {}", tls.fingerprint());
}

/// The names that clients reach this server by.
fn names(config: &Config) -> Vec<String> {
    let mut names = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    for listener in &config.listen {
        if let Listener::Tcp(address) = listener
            && !address.ip().is_unspecified()
        {
            names.push(address.ip().to_canonical().to_string());
        }
    }
    for host in &config.allow_host {
        let host = host
            .split_once("://")
            .map_or(host.as_str(), |(_, host)| host);
        let host = host.trim_end_matches('/');
        // Of an IPv6 address in brackets its port is cut off as well.
        let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, _)) => address,
            None => host.split(':').next().unwrap_or(host),
        };
        names.push(name.to_owned());
    }
    names.sort();
    names.dedup();
    names
}
