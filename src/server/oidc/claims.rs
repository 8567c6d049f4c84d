//! Whom the provider's claims name, and what that one may do here.

use serde_json::{Map, Value};

use super::OidcSettings;
use crate::model::access::Role;
use crate::store::users::valid_name;

/// The claims of a statement that was verified.
pub(super) type Claims = Map<String, Value>;

/// The claim that is believed only where the provider has made sure of it.
const EMAIL: &str = "email";

/// Whom they name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The name, which is one that users may have.
    pub(super) name: String,
    /// The most that the groups give; `None`: they give nothing.
    pub(super) role: Option<Role>,
}

/// Why they let nobody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unnamed {
    /// The claim is not there, or is not text.
    #[error("the claim that names the user is missing")]
    Missing,
    /// The provider has not made sure of the address.
    #[error("the e-mail address is not verified")]
    Unverified,
    /// It is no name here.
    #[error("the claim is no name that users may have")]
    NoName,
    /// The user is not one of those who may come.
    #[error("the user is neither in allow_users nor in a group of allow_groups")]
    NotAllowed,
}

/// Holds the claims against the settings.
///
/// # Errors
/// Why they let nobody in.
pub(super) fn named(settings: &OidcSettings, claims: &Claims) -> Result<Named, Unnamed> {
    let name = claim(claims, &settings.user_claim).and_then(Value::as_str);
    let name = name.ok_or(Unnamed::Missing)?;
    let verified = || claims.get("email_verified").is_some_and(is_yes);
    if settings.user_claim == EMAIL && !verified() {
        return Err(Unnamed::Unverified);
    }
    if !valid_name(name) {
        return Err(Unnamed::NoName);
    }
    let groups = claim(claims, &settings.groups_claim);
    let groups = groups.map(texts).unwrap_or_default();
    let restricted = !settings.allow_users.is_empty() || !settings.allow_groups.is_empty();
    let allowed = settings.allow_users.iter().any(|user| user == name)
        || settings
            .allow_groups
            .iter()
            .any(|group| groups.contains(&group.as_str()));
    if restricted && !allowed {
        return Err(Unnamed::NotAllowed);
    }
    let roles = settings.roles.iter();
    let given = roles.filter(|(group, _)| groups.contains(&group.as_str()));
    Ok(Named {
        name: name.to_owned(),
        role: given.map(|(_, role)| *role).max(),
    })
}

/// The claim of this name; where there is none, dots lead into objects.
fn claim<'a>(claims: &'a Claims, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        claim(claims.get(first)?.as_object()?, rest)
    })
}

/// A claim of several words, or of one.
fn texts(claim: &Value) -> Vec<&str> {
    match claim {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// Some providers write it as text.
fn is_yes(claim: &Value) -> bool {
    claim == &Value::Bool(true) || claim == "true"
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settings() -> OidcSettings {
        OidcSettings {
            roles: vec![
                ("staff".to_owned(), Role::Write),
                ("admins".to_owned(), Role::Owner),
            ],
            ..OidcSettings::of("https://id.example.org", "awp")
        }
    }

    fn of(settings: &OidcSettings, claims: Value) -> Result<Named, Unnamed> {
        let Value::Object(claims) = claims else {
            panic!("{claims}");
        };
        named(settings, &claims)
    }

    #[test]
    fn the_highest_role_of_the_groups_counts() {
        let role = |groups: Value| {
            let claims = json!({"preferred_username": "ann", "groups": groups});
            let named = of(&settings(), claims).unwrap();
            assert_eq!(named.name, "ann");
            named.role
        };
        assert_eq!(role(json!(["staff"])), Some(Role::Write));
        assert_eq!(role(json!(["other", "admins", "staff"])), Some(Role::Owner));
        assert_eq!(role(json!("staff")), Some(Role::Write));
        for none in [
            json!([]),
            json!(["Staff"]),
            json!("staff admins"),
            json!(7),
            json!([["staff"]]),
        ] {
            assert_eq!(role(none), None);
        }
    }

    #[test]
    fn a_claim_may_lie_deeper() {
        let settings = OidcSettings {
            groups_claim: "realm_access.roles".to_owned(),
            ..settings()
        };
        let deep = json!({"preferred_username": "ann", "realm_access": {"roles": ["staff"]}});
        assert_eq!(of(&settings, deep).unwrap().role, Some(Role::Write));
        let flat = json!({"preferred_username": "ann", "realm_access.roles": ["admins"]});
        assert_eq!(of(&settings, flat).unwrap().role, Some(Role::Owner));
    }

    #[test]
    fn a_name_is_plain_and_nobody_else() {
        for (name, why) in [
            (json!(null), Unnamed::Missing),
            (json!(7), Unnamed::Missing),
            (json!(["ann"]), Unnamed::Missing),
            (json!("owner"), Unnamed::NoName),
            (json!("a b"), Unnamed::NoName),
            (json!("a\n"), Unnamed::NoName),
        ] {
            let claims = json!({"preferred_username": name});
            assert_eq!(of(&settings(), claims), Err(why));
        }
        assert_eq!(of(&settings(), json!({})), Err(Unnamed::Missing));
    }

    #[test]
    fn an_address_counts_where_it_is_verified() {
        let settings = OidcSettings {
            user_claim: "email".to_owned(),
            ..settings()
        };
        let with = |verified: Value| {
            of(
                &settings,
                json!({"email": "a@example.org", "email_verified": verified}),
            )
        };
        assert!(with(json!(true)).is_ok() && with(json!("true")).is_ok());
        for not in [json!(false), json!(null), json!("no"), json!(1)] {
            assert_eq!(with(not), Err(Unnamed::Unverified));
        }
    }

    #[test]
    fn either_list_lets_in_and_none_is_no_list() {
        let settings = OidcSettings {
            allow_users: vec!["ann".to_owned()],
            allow_groups: vec!["staff".to_owned()],
            ..settings()
        };
        let who = |name: &str, groups: Value| {
            of(
                &settings,
                json!({"preferred_username": name, "groups": groups}),
            )
        };
        assert!(who("ann", json!([])).is_ok() && who("bob", json!(["staff"])).is_ok());
        assert_eq!(who("bob", json!(["admins"])), Err(Unnamed::NotAllowed));
        assert_eq!(who("Ann", json!(null)), Err(Unnamed::NotAllowed));
    }
}
