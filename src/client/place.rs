//! Where the server is, and what proves us there.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use http::{HeaderValue, Uri};

use super::error::ClientError;

/// The longest token file that is read, in bytes; a token has some 40.
const MAX_TOKEN: u64 = 4096;

/// Where a server is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A Unix socket on this machine, where the kernel says who we are.
    Unix(PathBuf),
    /// An address.
    Tcp(Address),
}

/// A server that is reached over TCP.
#[derive(Clone, Debug)]
pub struct Address {
    /// The name or address to connect to, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// TLS is spoken.
    pub tls: bool,
    /// As the `Host` header names it.
    pub authority: String,
    /// The path that everything is below: empty, or without a slash at its end.
    pub base: String,
    /// The header that proves who we are; never shown.
    pub bearer: Option<HeaderValue>,
}

impl Address {
    /// What a page of this address says that it is from.
    pub fn origin(&self) -> String {
        let scheme = if self.tls { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

/// The socket of this user's server: `$AWP_SOCKET_PATH`, else in `$XDG_RUNTIME_DIR`, else in `/tmp`.
/// `get` reads the environment.
pub fn socket_path(get: impl Fn(&str) -> Option<OsString>, uid: u32) -> PathBuf {
    let set = |name: &str| get(name).filter(|value| !value.is_empty());
    if let Some(path) = set("AWP_SOCKET_PATH") {
        return path.into();
    }
    folder(get, uid).join("awp.sock")
}

/// The folder for what lives as long as this user's servers: in `$XDG_RUNTIME_DIR`, else in `/tmp`.
/// `get` reads the environment.
pub fn folder(get: impl Fn(&str) -> Option<OsString>, uid: u32) -> PathBuf {
    let folder = get("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute());
    folder.map_or_else(
        || format!("/tmp/awp-{uid}").into(),
        |folder| folder.join("awp"),
    )
}

impl Place {
    /// The place that an address names: `https://HOST[:PORT][/BASE]`, the same with `http`, or
    /// `unix:PATH`.
    ///
    /// # Errors
    /// When it is none of these, would send the token in the clear, or the token cannot be read.
    pub fn named(
        server: &str,
        token_file: Option<&Path>,
        insecure_http: bool,
    ) -> Result<Self, ClientError> {
        let wrong = |why: &str| ClientError::usage("--server", why);
        if let Some(path) = server.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Self::Unix(path.into()));
        }
        let uri: Uri = server.parse().map_err(|_| {
            wrong("not an address; give https://HOST:PORT, http://HOST:PORT or unix:PATH")
        })?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => {
                return Err(wrong(
                    "not an address; give https://HOST:PORT, http://HOST:PORT or unix:PATH",
                ));
            }
        };
        let authority = uri.authority().ok_or_else(|| wrong("names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong(
                "holds a user or a password; give --token-file instead",
            ));
        }
        let host = authority.host();
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host)
            .to_owned();
        if !tls && !insecure_http && !is_loopback(&host) {
            let why = "plain HTTP beyond this machine can be read and changed on its way; forward \
                       the port with ssh -L, or add --insecure-http";
            return Err(wrong(why));
        }
        Ok(Self::Tcp(Address {
            host,
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            tls,
            authority: authority.as_str().to_owned(),
            base: uri.path().trim_end_matches('/').to_owned(),
            bearer: token_file.map(bearer).transpose()?,
        }))
    }

    /// Whether the server sees the same files as we do.
    pub const fn is_local(&self) -> bool {
        matches!(self, Self::Unix(_))
    }

    /// The path below which everything is.
    pub fn base(&self) -> &str {
        match self {
            Self::Unix(_) => "",
            Self::Tcp(address) => &address.base,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unix(path) => path.display().fmt(formatter),
            Self::Tcp(address) => write!(formatter, "{}{}", address.origin(), address.base),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let address: Option<std::net::IpAddr> = host.parse().ok();
    host.eq_ignore_ascii_case("localhost")
        || address.is_some_and(|address| address.to_canonical().is_loopback())
}

/// Reads the token and makes the header of it.
fn bearer(file: &Path) -> Result<HeaderValue, ClientError> {
    use std::io::Read as _;
    let wrong = |why: String| ClientError::usage(file.display().to_string(), why);
    let mut text = String::new();
    std::fs::File::open(file)
        .and_then(|file| file.take(MAX_TOKEN).read_to_string(&mut text))
        .map_err(|error| wrong(error.to_string()))?;
    let token = text.trim();
    let plain = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
    let value = plain.then(|| HeaderValue::try_from(format!("Bearer {token}")).ok());
    let mut value = value
        .flatten()
        .ok_or_else(|| wrong("holds no token".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// [`socket_path`] in the environment of this process.
pub fn own_socket_path() -> PathBuf {
    let uid = rustix::process::geteuid().as_raw();
    socket_path(|name| std::env::var_os(OsStr::new(name)), uid)
}

/// The folder for what lives as long as servers of whoever runs this.
pub fn own_folder() -> PathBuf {
    let uid = rustix::process::geteuid().as_raw();
    folder(|name| std::env::var_os(OsStr::new(name)), uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_socket_is_where_the_environment_says() {
        let path = |set: &[(&str, &str)]| {
            let get = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            socket_path(get, 7).display().to_string()
        };
        assert_eq!(path(&[]), "/tmp/awp-7/awp.sock");
        let runtime = ("XDG_RUNTIME_DIR", "/run/user/7");
        assert_eq!(path(&[runtime]), "/run/user/7/awp/awp.sock");
        assert_eq!(path(&[("XDG_RUNTIME_DIR", "here")]), "/tmp/awp-7/awp.sock");
        assert_eq!(path(&[runtime, ("AWP_SOCKET_PATH", "/x")]), "/x");
    }

    #[test]
    fn an_address_is_read_and_the_clear_is_refused() {
        let Ok(Place::Tcp(address)) = Place::named("http://[::1]:81/t/", None, false) else {
            panic!("an address");
        };
        assert_eq!((address.host.as_str(), address.port), ("::1", 81));
        assert_eq!(
            (address.authority.as_str(), address.base.as_str()),
            ("[::1]:81", "/t")
        );
        assert!(Place::named("http://example.org", None, true).is_ok());
        let Ok(Place::Tcp(address)) = Place::named("https://example.org/t", None, false) else {
            panic!("an address");
        };
        assert_eq!((address.port, address.tls), (443, true));
        assert_eq!(address.origin(), "https://example.org");
        for bad in [
            "http://example.org",
            "ftp://x",
            "",
            "unix:",
            "http://u:p@localhost",
        ] {
            assert!(Place::named(bad, None, false).is_err(), "{bad}");
        }
    }
}
