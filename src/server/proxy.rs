//! Reverse proxies that are believed: which ones, what of what they say, and that nobody else is.
//!
//! A proxy that authenticates names its user in a header. Anybody can send a header, so it counts
//! only on a connection that is the proxy's own; from everybody else it is taken off, so that
//! nothing behind the door ever sees it. The same holds for the address and the scheme by which the
//! proxy's client came.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use http::HeaderName;
use http::header::HeaderMap;
use ipnet::IpNet;

use super::error::ApiError;
use super::peer::{Local, Peer};

const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Addresses of one `X-Forwarded-For` that are looked at, from its end; more hops are no network.
const MOST_HOPS: usize = 16;

/// The proxies that are believed.
#[derive(Clone, Debug, Default)]
pub struct Proxies {
    /// The header in which they name their user; `None`: they name none.
    pub user_header: Option<HeaderName>,
    /// The networks that they connect from.
    pub networks: Vec<IpNet>,
    /// Whether whoever connects to a Unix listener is one.
    pub unix: bool,
}

/// The user that the outer world names, and by which means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The name, as it was said.
    pub user: Arc<str>,
    /// What names it.
    pub by: Voucher,
    /// For how long from now on it may at most; `None`: as long as logins live.
    pub left: Option<Duration>,
}

/// What vouches for a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voucher {
    /// A reverse proxy that is believed.
    Proxy,
    /// A client's certificate, by its SHA-256.
    Certificate([u8; 32]),
}

impl Voucher {
    /// Its name in the audit.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proxy => "proxy",
            Self::Certificate(_) => "certificate",
        }
    }
}

impl Proxies {
    /// Whether what this peer says of its client is believed.
    pub(super) fn trusts(&self, peer: Peer) -> bool {
        match peer {
            Peer::Tcp(address) => self.holds(address.ip()),
            Peer::Proxy { .. } => self.unix,
            Peer::Unix { .. } | Peer::Behind(_) => false,
        }
    }

    fn holds(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| match network {
            IpNet::V6(six) if address.is_ipv4() => {
                // `::ffff:10.0.0.0/104` is written for IPv4 as well.
                let IpAddr::V4(four) = address else {
                    return false;
                };
                six.contains(&four.to_ipv6_mapped())
            }
            network => network.contains(&address),
        })
    }

    /// Takes off a request what only a proxy may say. Where a believed one said it, the ends of the
    /// request become those of its client, and the user that it names is returned.
    ///
    /// # Errors
    /// 400 where a believed proxy passes on more than one name: one of them is its client's own.
    pub fn listen_to(&self, request: &mut Request) -> Result<Option<Claim>, ApiError> {
        let peer = request.extensions().get::<Peer>().copied();
        let trusted = peer.is_some_and(|peer| self.trusts(peer));
        let named = self.take_name(request.headers_mut());
        if !trusted {
            return Ok(None);
        }
        if let Some(client) = self.client(request.headers()) {
            request.extensions_mut().insert(Peer::Behind(client));
        }
        let local = request.extensions().get::<Local>().copied();
        if let Some(local) = local
            && is_encrypted(request.headers())
        {
            request.extensions_mut().insert(local.encrypted());
        }
        let mut named = named.into_iter();
        match (named.next(), named.next()) {
            (_, Some(_)) => Err(ApiError::bad_request(
                "the proxy names more than one user; it has to replace the header, not add to it",
            )),
            (Some(user), None) if !user.is_empty() => Ok(Some(Claim {
                user: user.into(),
                by: Voucher::Proxy,
                left: None,
            })),
            _ => Ok(None),
        }
    }

    /// Takes the header off; what it said, once for each time that it stood there.
    fn take_name(&self, headers: &mut HeaderMap) -> Vec<String> {
        let Some(name) = &self.user_header else {
            return Vec::new();
        };
        let said = headers.get_all(name).into_iter();
        // What is not UTF-8 is no user's name either.
        let said = said.map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned());
        let said = said.collect();
        headers.remove(name);
        said
    }

    /// The client as the proxies tell: each adds at the end whom it saw, so the first from there
    /// that is no proxy itself is the last one that is known for sure.
    fn client(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let lines = headers.get_all(FORWARDED_FOR).into_iter();
        let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap_or("")).collect();
        let mut seen = None;
        let hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        for hop in hops.take(MOST_HOPS) {
            // Behind what cannot be read is nothing that can be believed.
            let Some(address) = address(hop.trim()) else {
                break;
            };
            seen = Some(address);
            if !self.holds(address) {
                break;
            }
        }
        seen
    }
}

/// An address as proxies write it: alone, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let alone = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|both| both.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = alone.or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

/// Whether the proxy's client came by TLS, as the last proxy says.
fn is_encrypted(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(FORWARDED_PROTO).into_iter();
    let last = lines.next_back().and_then(|line| line.to_str().ok());
    let last = last.and_then(|line| line.rsplit(',').next());
    last.is_some_and(|scheme| scheme.trim().eq_ignore_ascii_case("https"))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn proxies(networks: &[&str], unix: bool) -> Proxies {
        Proxies {
            user_header: Some(HeaderName::from_static("x-remote-user")),
            networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
            unix,
        }
    }

    fn request(peer: Peer, headers: &[(&str, &str)]) -> Request {
        let mut request = Request::new(Body::empty());
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        request.extensions_mut().insert(peer);
        let local = Local::Tcp("10.0.0.9:80".parse().unwrap());
        request.extensions_mut().insert(local);
        request
    }

    fn tcp(text: &str) -> Peer {
        Peer::Tcp(text.parse().unwrap())
    }

    #[test]
    fn only_a_believed_peer_names_a_user() {
        let proxies = proxies(&["10.0.0.0/8", "fd00::/8"], false);
        let named = [("x-ReMoTe-user", "bob")];
        for (peer, believed) in [
            (tcp("10.1.2.3:9"), true),
            (tcp("[::ffff:10.1.2.3]:9"), true),
            (tcp("[fd00::1]:9"), true),
            (tcp("127.0.0.1:9"), false),
            (tcp("11.0.0.1:9"), false),
            (Peer::Proxy { uid: 0 }, false),
            (Peer::Unix { uid: 0 }, false),
        ] {
            let mut request = request(peer, &named);
            let claim = proxies.listen_to(&mut request).unwrap();
            assert_eq!(claim.is_some(), believed, "{peer}");
            let left = request.headers().get("x-remote-user");
            assert!(left.is_none(), "nobody behind the door sees it");
        }
    }

    #[test]
    fn two_names_are_none_and_an_empty_one_is_none() {
        let proxies = proxies(&[], true);
        let peer = Peer::Proxy { uid: 1 };
        let both = [("x-remote-user", "bob"), ("x-remote-user", "ann")];
        assert!(proxies.listen_to(&mut request(peer, &both)).is_err());
        let empty = [("x-remote-user", " ")];
        assert_eq!(proxies.listen_to(&mut request(peer, &empty)).unwrap(), None);
        let other = [("x_remote_user", "bob"), ("remote-user", "bob")];
        assert_eq!(proxies.listen_to(&mut request(peer, &other)).unwrap(), None);
        // From others two are taken off as one is.
        let mut from_elsewhere = request(tcp("10.0.0.1:1"), &both);
        assert_eq!(proxies.listen_to(&mut from_elsewhere).unwrap(), None);
        assert!(from_elsewhere.headers().is_empty());
    }

    #[test]
    fn the_client_is_the_last_that_is_no_proxy() {
        let proxies = proxies(&["10.0.0.0/8"], false);
        let seen = |peer: &str, lines: &[&str]| {
            let headers: Vec<_> = lines
                .iter()
                .map(|line| ("x-forwarded-for", *line))
                .collect();
            let mut request = request(tcp(peer), &headers);
            proxies.listen_to(&mut request).unwrap();
            request.extensions().get::<Peer>().unwrap().to_string()
        };
        assert_eq!(seen("10.0.0.1:1", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(seen("10.0.0.1:1", &["1.1.1.1, 192.0.2.7"]), "192.0.2.7");
        let lines = ["1.1.1.1", "192.0.2.7, 10.0.0.2"];
        assert_eq!(seen("10.0.0.1:1", &lines), "192.0.2.7");
        assert_eq!(seen("10.0.0.1:1", &["[2001:db8::1]:99"]), "2001:db8::1");
        assert_eq!(seen("10.0.0.1:1", &["192.0.2.7:99"]), "192.0.2.7");
        assert_eq!(seen("10.0.0.1:1", &["192.0.2.7, unknown"]), "10.0.0.1:1");
        assert_eq!(seen("10.0.0.1:1", &[]), "10.0.0.1:1");
        assert_eq!(seen("192.0.2.1:1", &["1.1.1.1"]), "192.0.2.1:1");
    }

    #[test]
    fn the_scheme_is_the_last_proxys() {
        let proxies = proxies(&["10.0.0.0/8"], false);
        let encrypted = |peer: &str, scheme: &str| {
            let mut request = request(tcp(peer), &[("x-forwarded-proto", scheme)]);
            proxies.listen_to(&mut request).unwrap();
            request.extensions().get::<Local>().unwrap().is_tls()
        };
        assert!(encrypted("10.0.0.1:1", "https") && encrypted("10.0.0.1:1", "http, HTTPS"));
        assert!(!encrypted("10.0.0.1:1", "http") && !encrypted("10.0.0.1:1", "https, http"));
        assert!(!encrypted("192.0.2.1:1", "https"));
    }
}
