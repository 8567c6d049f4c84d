//! The certificate that `awp serve` shows: from files, by an authority, or of its own making.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
#[cfg(feature = "acme")]
use awp_server::server::acme::{Acme, AcmeSettings};
use awp_server::server::tls::{Tls, TlsFiles};

#[cfg(feature = "acme")]
use crate::config;
use crate::config::{Config, Listener, Tls as Wanted};

/// A certificate, and who sees to it that there is one.
#[derive(Default)]
pub struct Certificate {
    /// What is shown; `None`: TLS is not spoken.
    pub tls: Option<Arc<Tls>>,
    /// Who asks an authority for it.
    #[cfg(feature = "acme")]
    pub acme: Option<Arc<Acme>>,
}

/// The certificate that was asked for. `state` is the folder that what is not given is kept in.
///
/// # Errors
/// When it cannot be read or made.
pub fn open(config: &Config, state: Option<&Path>) -> anyhow::Result<Certificate> {
    let files = match &config.tls {
        None => return Ok(Certificate::default()),
        #[cfg(feature = "acme")]
        Some(Wanted::Acme(wanted)) => return by_authority(wanted, config, state),
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
    Ok(Certificate {
        tls: Some(tls),
        #[cfg(feature = "acme")]
        acme: None,
    })
}

/// One that an authority is asked for, once the server listens.
#[cfg(feature = "acme")]
fn by_authority(
    wanted: &config::acme::Acme,
    config: &Config,
    state: Option<&Path>,
) -> anyhow::Result<Certificate> {
    let state = state.context("[acme]: HOME does not say where to keep the certificate")?;
    let acme = Acme::open(AcmeSettings {
        domains: wanted.domains.clone(),
        contact: wanted.contact.clone(),
        directory: wanted.directory.clone(),
        ca_file: wanted.ca_file.clone(),
        client_ca: config.ways.client_ca.clone(),
        folder: state.join("acme"),
    })?;
    Ok(Certificate {
        tls: Some(acme.tls()),
        acme: Some(acme),
    })
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
