//! The login's cookie.

use http::header::{self, HeaderMap, HeaderValue};

use super::peer::Local;

/// The cookie's name. It carries the port, because browsers send the cookies of one host to every
/// port of it; `__Host-` makes a browser refuse what an insecure or neighbouring site set.
pub fn name(local: Local) -> String {
    match local {
        Local::Tcp(address) => format!("awp_{}", address.port()),
        Local::Tls(address) => format!("__Host-awp_{}", address.port()),
        Local::Unix => "awp_unix".to_owned(),
        Local::UnixTls => "__Host-awp_unix".to_owned(),
    }
}

/// The `Set-Cookie` value that hands out a login. It has no `Max-Age`: the server knows when the
/// login ends, and a browser that is closed forgets it.
pub fn set(local: Local, value: &str) -> Option<HeaderValue> {
    let name = name(local);
    let secure = if local.is_tls() { "; Secure" } else { "" };
    let text = format!("{name}={value}; HttpOnly; SameSite=Strict; Path=/{secure}");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The `Set-Cookie` value that takes it back.
pub fn expire(local: Local) -> Option<HeaderValue> {
    let name = name(local);
    let secure = if local.is_tls() { "; Secure" } else { "" };
    let text = format!("{name}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0{secure}");
    HeaderValue::from_str(&text).ok()
}

/// The values of our cookie that a request shows. There may be several: another server on another
/// port of the same host can set one of the same name, and must not lock the user out with it.
pub fn values(headers: &HeaderMap, local: Local) -> impl Iterator<Item = &str> {
    named(headers, name(local))
}

/// The values of the cookies of this name.
fn named(headers: &HeaderMap, name: String) -> impl Iterator<Item = &str> {
    /// Cookies of our name that are looked at; more is an attack.
    const MOST: usize = 4;
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(move |pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })
        .take(MOST)
}

/// The cookie of a login that is under way by a provider. The browser sends it with the way back,
/// which begins on the provider's page, and so it is not as strict as the login's own.
#[cfg(feature = "oidc")]
pub(super) mod underway {
    use std::time::Duration;

    use super::{HeaderMap, HeaderValue, Local};

    fn name(local: Local) -> String {
        format!("{}_oidc", super::name(local))
    }

    /// The `Set-Cookie` value for as long as it may take; none at all takes it back.
    pub(in crate::server) fn set(local: Local, value: &str, life: Duration) -> Option<HeaderValue> {
        let (name, life) = (name(local), life.as_secs());
        let secure = if local.is_tls() { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={life}{secure}");
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// What a request shows of it.
    pub(in crate::server) fn values(
        headers: &HeaderMap,
        local: Local,
    ) -> impl Iterator<Item = &str> {
        super::named(headers, name(local))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp() -> Local {
        Local::Tcp("127.0.0.1:7681".parse().unwrap())
    }

    #[test]
    fn attributes_are_strict() {
        assert_eq!(
            set(tcp(), "v").unwrap(),
            "awp_7681=v; HttpOnly; SameSite=Strict; Path=/"
        );
        let tls = Local::Tls("10.0.0.1:443".parse().unwrap());
        assert_eq!(
            set(tls, "v").unwrap(),
            "__Host-awp_443=v; HttpOnly; SameSite=Strict; Path=/; Secure"
        );
        assert!(
            expire(tcp())
                .unwrap()
                .to_str()
                .unwrap()
                .contains("Max-Age=0")
        );
    }

    #[test]
    fn only_our_own_name_is_read() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=b; awp_7681=one".parse().unwrap());
        headers.append(header::COOKIE, "awp_76=x; awp_7681=two".parse().unwrap());
        let values: Vec<&str> = values(&headers, tcp()).collect();
        assert_eq!(values, ["one", "two"]);
    }
}
