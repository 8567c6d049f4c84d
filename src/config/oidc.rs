//! The provider of logins: `[oidc]`.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use awp_server::model::access::Role;
use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::file::ConfigFile;

/// What the provider is asked for beside `openid`, where nothing is said.
const SCOPES: [&str; 2] = ["profile", "email"];

/// The claim that names the user, where nothing is said.
const USER_CLAIM: &str = "preferred_username";

/// The claim that names the user's groups, where nothing is said.
const GROUPS_CLAIM: &str = "groups";

/// Characters of a name that fits on a button.
const LONGEST_NAME: usize = 40;

/// `[oidc]`, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcSection {
    /// The provider's own address.
    pub issuer: Spanned<String>,
    /// Whom the provider knows awp as.
    pub client_id: Spanned<String>,
    /// The file of what proves that to the provider.
    pub client_secret_file: Option<PathBuf>,
    /// The file of the authorities of the provider's certificate.
    pub ca_file: Option<PathBuf>,
    /// What the page calls the provider.
    pub name: Option<Spanned<String>>,
    /// What the provider is asked for beside `openid`.
    pub scopes: Option<Vec<String>>,
    /// The claim that names the user.
    pub user_claim: Option<String>,
    /// The claim that names the user's groups.
    pub groups_claim: Option<String>,
    /// Who may come.
    #[serde(default)]
    pub allow_users: Vec<String>,
    /// Whose members may come.
    #[serde(default)]
    pub allow_groups: Vec<String>,
    /// What the members of a group may do.
    #[serde(default)]
    pub roles: BTreeMap<String, Role>,
}

/// The provider, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oidc {
    /// The provider's own address, as it was written.
    pub issuer: String,
    /// Whom the provider knows awp as.
    pub client_id: String,
    /// The file of what proves that; a public client has none.
    pub client_secret_file: Option<PathBuf>,
    /// The authorities of its certificate; `None`: those of the system.
    pub ca_file: Option<PathBuf>,
    /// What the page calls it.
    pub name: String,
    /// What it is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that names the user.
    pub user_claim: String,
    /// The claim that names the user's groups.
    pub groups_claim: String,
    /// Who may come.
    pub allow_users: Vec<String>,
    /// Whose members may come.
    pub allow_groups: Vec<String>,
    /// What the members of a group may do.
    pub roles: Vec<(String, Role)>,
}

/// The provider of the file.
///
/// # Errors
/// What is wrong with it, with its place.
pub fn oidc(
    file: &ConfigFile,
    section: Option<Spanned<OidcSection>>,
    no_auth: bool,
) -> Result<Option<Oidc>, ConfigError> {
    let Some(section) = section else {
        return Ok(None);
    };
    let at = section.span().start;
    if !cfg!(feature = "oidc") {
        let why = "this awp is built without OpenID Connect; build it with --features oidc";
        return Err(file.wrong(at, why));
    }
    if no_auth {
        let why = "with --no-auth nobody is asked who they are; leave one of the two out";
        return Err(file.wrong(at, why));
    }
    let section = section.into_inner();
    let wrong = |place: &Spanned<String>, why: String| Err(file.wrong(place.span().start, why));
    let (issuer, client_id) = (section.issuer, section.client_id);
    let Some(host) = host(issuer.get_ref()) else {
        let why = format!(
            "{:?} is no issuer; write its address as the provider does, with https://",
            issuer.get_ref()
        );
        return wrong(&issuer, why);
    };
    let name = match &section.name {
        None => host.to_owned(),
        Some(name) if is_name(name.get_ref()) => name.get_ref().clone(),
        Some(name) => {
            let why = format!("the page has room for 1 to {LONGEST_NAME} plain characters");
            return wrong(name, why);
        }
    };
    if client_id.get_ref().is_empty() {
        return wrong(&client_id, "the client id is empty".to_owned());
    }
    let scopes = || SCOPES.map(str::to_owned).to_vec();
    Ok(Some(Oidc {
        issuer: issuer.into_inner(),
        client_id: client_id.into_inner(),
        client_secret_file: section.client_secret_file,
        ca_file: section.ca_file,
        name,
        scopes: section.scopes.unwrap_or_else(scopes),
        user_claim: section.user_claim.unwrap_or_else(|| USER_CLAIM.to_owned()),
        groups_claim: section
            .groups_claim
            .unwrap_or_else(|| GROUPS_CLAIM.to_owned()),
        allow_users: section.allow_users,
        allow_groups: section.allow_groups,
        roles: section.roles.into_iter().collect(),
    }))
}

/// The host of an address that is asked over TLS or on this machine.
pub(super) fn host(issuer: &str) -> Option<&str> {
    let (scheme, rest) = issuer.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or("");
    let plain = |c: char| c.is_ascii_graphic() && !"?#@\\\"".contains(c);
    if authority.is_empty() || !issuer.chars().all(plain) {
        return None;
    }
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.split(':').next()?,
    };
    let address = host.parse::<IpAddr>();
    let here = host == "localhost" || address.is_ok_and(|it| it.to_canonical().is_loopback());
    (!host.is_empty() && (scheme == "https" || (scheme == "http" && here))).then_some(host)
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Result<Option<Oidc>, String> {
        let read = || {
            let mut file = ConfigFile::parse(Path::new("awp.toml"), text.to_owned())?;
            let section = file.sections.oidc.take();
            oidc(&file, section, false)
        };
        read().map_err(|error: ConfigError| error.to_string())
    }

    #[test]
    fn an_issuer_is_asked_over_tls_or_here() {
        for good in [
            "https://id.example.org",
            "https://id.example.org/realms/site/",
            "http://127.0.0.1:9400",
            "http://[::1]:9400",
            "http://localhost:1",
        ] {
            assert!(host(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "id.example.org",
            "http://id.example.org",
            "http://127.0.0.1.example.org",
            "https://",
            "https:///x",
            "https://a@b",
            "https://a?b",
            "https://a#b",
            "ftp://a",
            "https://a b",
        ] {
            assert!(host(bad).is_none(), "{bad}");
        }
    }

    #[cfg(feature = "oidc")]
    #[test]
    fn what_is_left_out_has_a_default() {
        let minimal = "[oidc]\nissuer = \"https://id.example.org/x\"\nclient_id = \"awp\"\n";
        let oidc = read(minimal).unwrap().unwrap();
        assert_eq!(
            (&*oidc.name, &*oidc.user_claim),
            ("id.example.org", USER_CLAIM)
        );
        assert!(oidc.roles.is_empty() && oidc.client_secret_file.is_none());
        let roles = format!("{minimal}roles = {{ staff = \"write\", ops = \"owner\" }}\n");
        let roles = read(&roles).unwrap().unwrap().roles;
        assert_eq!(roles[0], ("ops".to_owned(), Role::Owner));
        for (more, why) in [
            ("roles = { staff = \"root\" }", "unknown variant"),
            ("secret = \"x\"", "unknown key \"secret\""),
            ("name = \"\"", "room for 1 to"),
        ] {
            let error = read(&format!("{minimal}{more}\n")).unwrap_err();
            assert!(
                error.contains("awp.toml:4") && error.contains(why),
                "{error}"
            );
        }
    }

    #[cfg(not(feature = "oidc"))]
    #[test]
    fn a_build_without_it_says_so() {
        let minimal = "[oidc]\nissuer = \"https://id.example.org/x\"\nclient_id = \"awp\"\n";
        let error = read(minimal).unwrap_err();
        assert!(error.contains("--features oidc"), "{error}");
    }
}
