//! The header policy: what every response carries, whatever its status.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// The page may load its own files and nothing else, run no inline code, and sit in no frame.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; \
    style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; \
    worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'; require-trusted-types-for 'script'";

/// Everything a page could ask the browser for and a terminal has no use for.
const PERMISSIONS_POLICY: &str = "camera=(), display-capture=(), geolocation=(), hid=(), \
    microphone=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=()";

/// For a year no browser that was here comes without TLS.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// Says that this host is to be reached over TLS from now on, on every port of it.
pub fn insist_on_tls(headers: &mut HeaderMap) {
    let year = HeaderValue::from_static(STRICT_TRANSPORT);
    headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
}

/// Sets the headers that every response carries; `api` responses are never stored either.
pub fn apply(headers: &mut HeaderMap, api: bool) {
    let fixed: [(HeaderName, &'static str); 6] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            PERMISSIONS_POLICY,
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_exactly_this() {
        assert_eq!(
            CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
        );
    }

    #[test]
    fn only_the_api_is_never_stored() {
        let mut page = HeaderMap::new();
        apply(&mut page, false);
        assert!(!page.contains_key(header::CACHE_CONTROL));
        let mut api = HeaderMap::new();
        apply(&mut api, true);
        assert_eq!(api[header::CACHE_CONTROL], "no-store");
    }
}
