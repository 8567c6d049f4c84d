//! What a process on pipes is told of the request that started it: the variables of CGI
//! (RFC 3875, section 4.1), as websocketd's programs expect them.

use http::request::Parts;
use http::{HeaderMap, header};

use super::peer::{Local, Peer};

/// Headers that never become variables: they carry credentials, or would be taken for a setting
/// (`Proxy:` would become `HTTP_PROXY`).
const SECRET: [&str; 5] = [
    "cookie",
    "authorization",
    "proxy-authorization",
    "proxy",
    "x-awp-page-key",
];

/// The variables of one request.
pub fn variables(parts: &Parts, peer: Peer, local: Local, user: &str) -> Vec<(String, String)> {
    let mut variables = Vec::with_capacity(32);
    let mut set = |key: &str, value: &str| variables.push((key.to_owned(), value.to_owned()));
    let (address, port) = peer.address();
    let address = address.map_or_else(String::new, |address| address.to_string());
    let port = port.map_or_else(String::new, |port| port.to_string());
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    set("REMOTE_ADDR", &address);
    // RFC 3875, 4.1.9: the address stands in for a name that was not looked up.
    set("REMOTE_HOST", &address);
    set("REMOTE_PORT", &port);
    set("REMOTE_USER", user);
    set("AUTH_TYPE", "");
    set("SERVER_NAME", name);
    set(
        "SERVER_PORT",
        &local
            .address()
            .map_or_else(String::new, |address| address.port().to_string()),
    );
    set("SERVER_PROTOCOL", &format!("{:?}", parts.version));
    set(
        "SERVER_SOFTWARE",
        concat!("awp/", env!("CARGO_PKG_VERSION")),
    );
    set("GATEWAY_INTERFACE", "CGI/1.1");
    set("REQUEST_METHOD", parts.method.as_str());
    set(
        "REQUEST_URI",
        parts.uri.path_and_query().map_or("/", |uri| uri.as_str()),
    );
    set("SCRIPT_NAME", parts.uri.path());
    set("PATH_INFO", "");
    set("QUERY_STRING", parts.uri.query().unwrap_or_default());
    set("UNIQUE_ID", &unique_id());
    if local.is_tls() {
        set("HTTPS", "on");
    }
    variables.extend(headers(&parts.headers));
    variables
}

/// A name for the request, to find it in logs: 128 random bits. Empty if the system has none.
fn unique_id() -> String {
    use std::fmt::Write as _;
    let mut random = [0_u8; 16];
    if getrandom::fill(&mut random).is_err() {
        return String::new();
    }
    random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// `HTTP_NAME` for every header of letters, digits and dashes; one that comes more than once is
/// joined by commas, as RFC 9110 has it.
fn headers(headers: &HeaderMap) -> impl Iterator<Item = (String, String)> {
    headers.keys().filter_map(|name| {
        let plain = name
            .as_str()
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain || SECRET.contains(&name.as_str()) {
            return None;
        }
        let values: Vec<&str> = headers
            .get_all(name)
            .into_iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let key = format!(
            "HTTP_{}",
            name.as_str().to_ascii_uppercase().replace('-', "_")
        );
        Some((key, values.join(", ")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_becomes_variables_and_its_secrets_do_not() {
        let request = http::Request::get("/ws/count?x=1&y=2")
            .header("Host", "[::1]:7681")
            .header("X-Thing", "a")
            .header("X-Thing", "b")
            .header("Proxy", "http://evil")
            .header("Cookie", "secret")
            .header("Authorization", "Bearer secret")
            .header("odd_name", "1")
            .body(())
            .expect("a request");
        let address = "127.0.0.1:4000".parse().expect("an address");
        let (parts, ()) = request.into_parts();
        let variables = variables(&parts, Peer::Tcp(address), Local::Tcp(address), "owner");
        let get = |key: &str| {
            variables
                .iter()
                .find(|(known, _)| known == key)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(get("QUERY_STRING"), Some("x=1&y=2"));
        assert_eq!(get("REQUEST_URI"), Some("/ws/count?x=1&y=2"));
        assert_eq!(get("SERVER_NAME"), Some("[::1]"));
        assert_eq!(get("HTTP_X_THING"), Some("a, b"));
        assert_eq!(get("REMOTE_PORT"), Some("4000"));
        assert_eq!(get("REMOTE_HOST"), Some("127.0.0.1"));
        assert_eq!(get("UNIQUE_ID").map(str::len), Some(32));
        for absent in [
            "HTTP_PROXY",
            "HTTP_COOKIE",
            "HTTP_AUTHORIZATION",
            "HTTP_ODD_NAME",
            "HTTPS",
        ] {
            assert_eq!(get(absent), None, "{absent}");
        }
    }
}
