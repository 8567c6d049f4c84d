//! Which names this server answers to, and which pages may talk to it.
//!
//! A page of another site can make a browser send requests here. `Host` tells by which name the
//! browser reached us: a foreign name that was made to resolve to us (DNS rebinding) is refused.
//! `Origin` tells which page asked: only our own may, where the browser adds what proves its user.

use std::net::IpAddr;

use http::header::{self, HeaderMap};
use http::{Uri, uri};

use super::error::ApiError;
use super::peer::Local;

/// A host as a client names it: an address in its usual spelling, or a name in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Ip(IpAddr),
    Dns(String),
}

/// A host and, where it is given, a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    name: Name,
    port: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// The names that are accepted besides the listener's own.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    extra: Vec<(Option<Scheme>, Authority)>,
}

/// What was given as a further host name is none.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a host name; give NAME, NAME:PORT or https://NAME")]
pub struct BadHost(String);

impl Authority {
    /// Reads `name`, `name:port`, `1.2.3.4:port` or `[::1]:port`; `None` if it is neither.
    fn parse(text: &str) -> Option<Self> {
        let (name, port) = if let Some(rest) = text.strip_prefix('[') {
            let (address, rest) = rest.split_once(']')?;
            let name = Name::Ip(IpAddr::V6(address.parse().ok()?).to_canonical());
            let port = match rest {
                "" => None,
                rest => Some(rest.strip_prefix(':')?),
            };
            (name, port)
        } else {
            let (name, port) = match text.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (text, None),
            };
            (Name::parse(name)?, port)
        };
        let port = match port {
            None => None,
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok()?)
            }
            Some(_) => return None,
        };
        Some(Self { name, port })
    }
}

impl Name {
    fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self::Ip(IpAddr::V4(address)));
        }
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        let valid = !text.is_empty() && text.len() <= 253 && text.bytes().all(fits);
        valid.then(|| Self::Dns(text.to_ascii_lowercase()))
    }
}

/// Reads `scheme://authority` with nothing behind it.
fn parse_base(text: &str) -> Option<(Scheme, Authority)> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return None,
    };
    Some((scheme, Authority::parse(rest)?))
}

impl Hosts {
    /// Accepts these names too: `NAME`, `NAME:PORT`, or a base such as `https://NAME`.
    ///
    /// # Errors
    /// If one of them is not a host name.
    pub fn new(allow: &[String]) -> Result<Self, BadHost> {
        let parse = |text: &String| {
            let text = text.trim_end_matches('/');
            if text.contains("://") {
                parse_base(text).map(|(scheme, authority)| (Some(scheme), authority))
            } else {
                Authority::parse(text).map(|authority| (None, authority))
            }
            .ok_or_else(|| BadHost(text.to_owned()))
        };
        let extra = allow.iter().map(parse).collect::<Result<_, _>>()?;
        Ok(Self { extra })
    }

    /// The host that a request names, if it is one that is served here.
    ///
    /// # Errors
    /// 400 if the request does not name exactly one host, 421 if it is not one of ours.
    pub fn check(
        &self,
        headers: &HeaderMap,
        target: &Uri,
        local: Local,
    ) -> Result<Authority, ApiError> {
        let mut named = headers.get_all(header::HOST).into_iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return Err(ApiError::bad_request("name exactly one Host"));
        };
        let host = host.to_str().ok().and_then(Authority::parse);
        let host = host.ok_or_else(ApiError::wrong_host)?;
        if let Some(authority) = target.authority().map(uri::Authority::as_str)
            && Authority::parse(authority).as_ref() != Some(&host)
        {
            return Err(ApiError::bad_request("the target and Host differ"));
        }
        // Programs on a Unix socket name whatever they like; a single label is no site's name.
        let label = |name: &Name| matches!(name, Name::Dns(name) if !name.contains('.'));
        let ours = is_own(&host.name, local)
            || self.is_extra(&host)
            || (local.is_unix() && label(&host.name));
        if ours {
            Ok(host)
        } else {
            Err(ApiError::wrong_host())
        }
    }

    /// Whether a page of this origin may speak to us with its user's cookie. `host` is the one that
    /// the same request named. The origin must be the very base that the browser reached, or
    /// another one that is known to be ours; scheme, host and port count.
    pub fn allows_origin(&self, origin: &str, host: &Authority, local: Local) -> bool {
        let Some((scheme, authority)) = parse_base(origin) else {
            return false;
        };
        let port = authority.port.unwrap_or(scheme.default_port());
        let own = is_own(&authority.name, local);
        let own_scheme = match local {
            Local::Tcp(_) => scheme == Scheme::Http,
            Local::Tls(_) | Local::UnixTls => scheme == Scheme::Https,
            Local::Unix => true,
        };
        let reached =
            authority.name == host.name && port == host.port.unwrap_or(scheme.default_port());
        if own && own_scheme && (reached || Some(port) == local.address().map(|own| own.port())) {
            return true;
        }
        self.extra.iter().any(|(base, extra)| {
            let scheme_fits = base.is_none_or(|base| base == scheme);
            let port_fits = match (extra.port, base) {
                (Some(extra), _) => extra == port,
                (None, Some(base)) => base.default_port() == port,
                (None, None) => reached,
            };
            scheme_fits && port_fits && extra.name == authority.name
        })
    }

    fn is_extra(&self, host: &Authority) -> bool {
        self.extra.iter().any(|(_, extra)| extra.name == host.name)
    }
}
/// Whether this is a name that the listener has by itself.
fn is_own(name: &Name, local: Local) -> bool {
    match name {
        Name::Ip(ip) => {
            ip.is_loopback()
                || local
                    .address()
                    .is_some_and(|own| own.ip().to_canonical() == *ip)
        }
        Name::Dns(name) => name == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp() -> Local {
        Local::Tcp("127.0.0.1:7681".parse().unwrap())
    }

    fn check(hosts: &Hosts, host: &str, local: Local) -> Result<Authority, ApiError> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        hosts.check(&headers, &Uri::from_static("/"), local)
    }

    #[test]
    fn hosts_are_compared_whole() {
        let hosts = Hosts::new(&["term.example".to_owned()]).unwrap();
        for good in [
            "127.0.0.1:7681",
            "127.9.9.9",
            "localhost:1",
            "LOCALHOST",
            "[::1]:7681",
            "term.example",
        ] {
            assert!(check(&hosts, good, tcp()).is_ok(), "{good}");
        }
        for bad in [
            "evil.example",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "xterm.example",
            "a.term.example",
            "127.1",
            "0x7f.0.0.1",
            "2130706433",
            "0.0.0.0",
            "10.0.0.1",
            "localhost:",
            "localhost:x",
            "localhost:99999",
            "user@localhost",
            "localhost/",
            "[::1",
            "",
        ] {
            assert!(check(&hosts, bad, tcp()).is_err(), "{bad}");
        }
        let lan = Local::Tcp("10.0.0.1:7681".parse().unwrap());
        assert!(check(&hosts, "10.0.0.1:7681", lan).is_ok());
        assert!(check(&hosts, "awp", Local::Unix).is_ok());
        assert!(check(&hosts, "evil.example", Local::Unix).is_err());
    }

    #[test]
    fn one_host_and_no_other_target() {
        let hosts = Hosts::default();
        let target = Uri::from_static("http://evil.example/");
        let mut headers = HeaderMap::new();
        assert!(
            hosts
                .check(&headers, &Uri::from_static("/"), tcp())
                .is_err()
        );
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert!(hosts.check(&headers, &target, tcp()).is_err());
        headers.append(header::HOST, "localhost".parse().unwrap());
        assert!(
            hosts
                .check(&headers, &Uri::from_static("/"), tcp())
                .is_err()
        );
    }

    #[test]
    fn origins_are_exact() {
        let allow = ["term.example".to_owned(), "https://t.example".to_owned()];
        let hosts = Hosts::new(&allow).unwrap();
        let allows = |origin: &str, host: &str| {
            let host = Authority::parse(host).unwrap();
            hosts.allows_origin(origin, &host, tcp())
        };
        assert!(allows("http://127.0.0.1:7681", "127.0.0.1:7681"));
        assert!(allows("http://localhost:7681", "127.0.0.1:7681"));
        assert!(
            allows("http://localhost:9000", "localhost:9000"),
            "forwarded"
        );
        assert!(allows("https://term.example", "term.example"));
        assert!(allows("https://t.example", "127.0.0.1:7681"));
        for (origin, host) in [
            ("null", "127.0.0.1:7681"),
            ("", "127.0.0.1:7681"),
            ("https://evil.example", "127.0.0.1:7681"),
            ("https://127.0.0.1:7681", "127.0.0.1:7681"),
            ("http://127.0.0.1:7682", "127.0.0.1:7681"),
            ("http://127.0.0.1", "127.0.0.1:7681"),
            ("http://localhost:3000", "localhost:7681"),
            ("http://127.0.0.1:7681.evil.example", "127.0.0.1:7681"),
            ("http://127.0.0.1:7681/", "127.0.0.1:7681"),
            ("http://t.example", "t.example"),
            ("https://term.example:8443", "term.example"),
            ("http://evil@127.0.0.1:7681", "127.0.0.1:7681"),
        ] {
            assert!(!allows(origin, host), "{origin} at {host}");
        }
    }

    #[test]
    fn names_from_the_command_line_are_checked() {
        assert!(Hosts::new(&["bad name".to_owned()]).is_err());
        assert!(Hosts::new(&["ftp://x".to_owned()]).is_err());
        assert!(Hosts::new(&["https://x.example/".to_owned()]).is_ok());
    }
}
