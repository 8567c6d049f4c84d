//! The two ends of a connection, as its requests see them.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Who is at the other end. Each request carries it as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A TCP client, or the proxy in front of it.
    Tcp(SocketAddr),
    /// A process on this machine; the kernel says whose.
    Unix {
        /// The user it runs as.
        uid: u32,
    },
    /// The same, on a listener that is a reverse proxy's: it acts for others, never for its user.
    Proxy {
        /// The user it runs as.
        uid: u32,
    },
    /// The client of a reverse proxy that is believed, which says where it came from.
    Behind(IpAddr),
}

/// Our end of the connection. Each request carries it as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Local {
    /// The address that the client reached, without TLS.
    Tcp(SocketAddr),
    /// The address that the client reached, with TLS, ours or that of a proxy that is believed.
    Tls(SocketAddr),
    /// A Unix socket.
    Unix,
    /// A Unix socket behind a proxy that is believed, whose client came by TLS.
    UnixTls,
}

impl Local {
    /// The address, where there is one.
    pub fn address(self) -> Option<SocketAddr> {
        match self {
            Self::Tcp(address) | Self::Tls(address) => Some(address),
            Self::Unix | Self::UnixTls => None,
        }
    }

    /// Whether what is sent here is encrypted, by awp itself or by a proxy that is believed.
    pub fn is_tls(self) -> bool {
        matches!(self, Self::Tls(_) | Self::UnixTls)
    }

    /// Whether it is a Unix socket.
    pub fn is_unix(self) -> bool {
        matches!(self, Self::Unix | Self::UnixTls)
    }

    /// The same end, for a client whose proxy encrypts.
    pub fn encrypted(self) -> Self {
        match self {
            Self::Tcp(address) | Self::Tls(address) => Self::Tls(address),
            Self::Unix | Self::UnixTls => Self::UnixTls,
        }
    }
}

/// Whose failed attempts are counted together: an IPv4 address, an IPv6 network of 64 bits (one
/// subscriber has at least that many), or a local user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// An address, or the first address of its network.
    Address(IpAddr),
    /// A user of this machine.
    User(u32),
}

impl Peer {
    /// Whose attempts this peer's are.
    pub fn source(self) -> Source {
        let address = match self {
            Self::Unix { uid } | Self::Proxy { uid } => return Source::User(uid),
            Self::Tcp(address) => address.ip(),
            Self::Behind(address) => address,
        };
        Source::Address(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }

    /// The address and the port of who is there, where they are known.
    pub fn address(self) -> (Option<IpAddr>, Option<u16>) {
        match self {
            Self::Tcp(address) => (Some(address.ip().to_canonical()), Some(address.port())),
            Self::Behind(address) => (Some(address), None),
            Self::Unix { .. } | Self::Proxy { .. } => (None, None),
        }
    }
}

impl Peer {
    /// The address whose attempts these are; `None` for this machine's own users.
    pub fn source_address(self) -> Option<IpAddr> {
        match self.source() {
            Source::Address(address) => Some(address),
            Source::User(_) => None,
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(formatter),
            Self::Behind(address) => address.fmt(formatter),
            Self::Unix { uid } | Self::Proxy { uid } => write!(formatter, "uid {uid}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_one_source() {
        let source = |text: &str| Peer::Tcp(text.parse().unwrap()).source();
        assert_eq!(source("10.0.0.1:1"), source("10.0.0.1:2"));
        assert_eq!(source("10.0.0.1:1"), source("[::ffff:10.0.0.1]:1"));
        assert_ne!(source("10.0.0.1:1"), source("10.0.0.2:1"));
        assert_eq!(source("[2001:db8::1]:1"), source("[2001:db8::2]:1"));
        assert_ne!(source("[2001:db8::1]:1"), source("[2001:db8:0:1::1]:1"));
    }
}
