//! Where awp agrees to listen.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::PathBuf;

/// One place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListenAddr {
    /// An address; port 0 is any free one.
    Tcp(SocketAddr),
    /// A Unix socket at this path.
    Unix(PathBuf),
}

/// Why awp does not listen there.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ListenError {
    /// The text is no address.
    #[error("{0:?} is not an address to listen at; give HOST:PORT or unix:PATH")]
    Address(String),
    /// Plain HTTP would leave this machine.
    #[error(
        "{0} is reachable from outside and has no TLS; give --tls-cert and --tls-key, \
         or --insecure-http to send everything in the clear"
    )]
    Plain(SocketAddr),
    /// A socket without HTTP has neither TLS nor, at an app, credentials.
    #[error("{0} is reachable from outside; a socket without HTTP is for loopback and unix:PATH")]
    Socket(SocketAddr),
    /// Nobody is asked for credentials there.
    #[error(
        "{0} is reachable from outside; metrics without credentials are for loopback and unix:PATH"
    )]
    Metrics(SocketAddr),
    /// Without credentials, anyone who reaches the address owns this account.
    #[error("--no-auth is for loopback and Unix listeners only, not for {0}")]
    Open(SocketAddr),
}

impl ListenAddr {
    /// Reads `unix:PATH` or `HOST:PORT`; a host's first address is taken.
    ///
    /// # Errors
    /// If it is neither.
    pub fn parse(text: &str) -> Result<Self, ListenError> {
        if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Self::Unix(path.into()));
        }
        let wrong = || ListenError::Address(text.to_owned());
        // The usual name is not left to a resolver, which may be slow, absent or wrong.
        if let Some(port) = text.strip_prefix("localhost:") {
            let port = port.parse().map_err(|_| wrong())?;
            return Ok(Self::Tcp(SocketAddr::from(([127, 0, 0, 1], port))));
        }
        let mut addresses = text.to_socket_addrs().map_err(|_| wrong())?;
        addresses.next().map(Self::Tcp).ok_or_else(wrong)
    }
}

impl fmt::Display for ListenAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

/// What is asked for about listening.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exposure {
    /// No credentials are asked for.
    pub no_auth: bool,
    /// Plain HTTP may leave this machine.
    pub insecure_http: bool,
    /// TCP listeners speak TLS.
    pub tls: bool,
}

/// Whether awp agrees to listen there.
///
/// # Errors
/// If an address beyond loopback would be open to anyone, or in the clear without that being
/// asked for.
pub fn check_listeners(listen: &[ListenAddr], exposure: Exposure) -> Result<(), ListenError> {
    for place in listen {
        let ListenAddr::Tcp(address) = place else {
            continue;
        };
        if address.ip().to_canonical().is_loopback() {
            continue;
        }
        if exposure.no_auth {
            return Err(ListenError::Open(*address));
        }
        if !exposure.tls && !exposure.insecure_http {
            return Err(ListenError::Plain(*address));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(address: &str, exposure: Exposure) -> bool {
        check_listeners(&[ListenAddr::parse(address).unwrap()], exposure).is_ok()
    }

    #[test]
    fn beyond_loopback_only_when_asked_for() {
        let plain = Exposure::default();
        let insecure = Exposure {
            insecure_http: true,
            ..plain
        };
        let tls = Exposure { tls: true, ..plain };
        for near in [
            "127.0.0.1:0",
            "127.8.0.1:1",
            "[::1]:0",
            "localhost:1",
            "unix:/tmp/s",
        ] {
            assert!(check(near, plain), "{near}");
        }
        for far in ["0.0.0.0:0", "[::]:0", "10.0.0.1:1", "[::ffff:10.0.0.1]:1"] {
            assert!(!check(far, plain), "{far}");
            assert!(check(far, insecure) && check(far, tls), "{far}");
        }
    }

    #[test]
    fn an_open_server_stays_on_this_machine() {
        let open = Exposure {
            no_auth: true,
            insecure_http: true,
            tls: true,
        };
        assert!(check("127.0.0.1:0", open) && check("unix:/tmp/s", open));
        assert!(!check("0.0.0.0:0", open) && !check("192.168.1.1:1", open));
    }

    #[test]
    fn what_is_no_address_is_an_error() {
        for text in ["", "unix:", "127.0.0.1", "127.0.0.1:99999", "localhost:x"] {
            assert!(ListenAddr::parse(text).is_err(), "{text}");
        }
    }
}
