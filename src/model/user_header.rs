//! The header in which a reverse proxy names its user: which names will do.

/// Headers that mean something else already.
const TAKEN: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "origin",
    "referer",
    "upgrade",
    "via",
    "x-awp-page-key",
];

/// The name of such a header, in lower case.
///
/// # Errors
/// Why it will not do.
pub fn user_header(name: &str) -> Result<String, String> {
    const FAMILIES: [&str; 3] = ["proxy-", "sec-", "x-forwarded-"];
    // Some proxies take an underscore for a dash and some drop it: what the client sent could then
    // pass for what the proxy set.
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(format!(
            "{name:?} cannot name a user; use letters, digits and dashes, as X-Remote-User"
        ));
    }
    let name = name.to_ascii_lowercase();
    let family = FAMILIES.iter().any(|begin| name.starts_with(begin));
    if family || TAKEN.contains(&name.as_str()) {
        return Err(format!(
            "{name} means something else already; use another, as X-Remote-User"
        ));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_every_header_can_name_a_user() {
        for good in ["X-Remote-User", "Remote-User", "x-authentik-username"] {
            assert_eq!(user_header(good), Ok(good.to_ascii_lowercase()));
        }
        for bad in [
            "",
            "X_Remote_User",
            "X Remote",
            "Cookie",
            "authorization",
            "Host",
            "X-Forwarded-For",
            "Sec-Fetch-Site",
            "x-awp-page-key",
            "X-User:",
        ] {
            assert!(user_header(bad).is_err(), "{bad}");
        }
    }
}
