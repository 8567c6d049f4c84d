//! The provider of logins, with the secret that proves to it who asks.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use awp_server::server::oidc::{ClientSecret, OidcSettings};

use crate::config::oidc::Oidc;

/// Bytes of a secret: providers give some tens.
const LONGEST: u64 = 4096;

/// The provider that was configured, who is to have asked the person of late.
///
/// # Errors
/// When its secret cannot be read, or others can read it.
pub fn settings(oidc: Oidc, max_age: Duration) -> anyhow::Result<OidcSettings> {
    let secret = oidc.client_secret_file.as_deref().map(secret).transpose()?;
    Ok(OidcSettings {
        issuer: oidc.issuer,
        client_id: oidc.client_id,
        client_secret: secret,
        ca_file: oidc.ca_file,
        name: oidc.name,
        scopes: oidc.scopes,
        user_claim: oidc.user_claim,
        groups_claim: oidc.groups_claim,
        allow_users: oidc.allow_users,
        allow_groups: oidc.allow_groups,
        roles: oidc.roles,
        max_age,
    })
}

fn secret(file: &Path) -> anyhow::Result<ClientSecret> {
    let read = || {
        let known = fs::metadata(file)?;
        ensure!(known.is_file(), "is not a regular file");
        let mode = known.mode() & 0o777;
        if mode & 0o077 != 0 {
            bail!("others can read or write it (mode {mode:03o}); chmod 600 it");
        }
        ensure!(known.len() <= LONGEST, "is longer than {LONGEST} bytes");
        let text = fs::read_to_string(file)?;
        let text = text.trim();
        ensure!(!text.is_empty(), "is empty");
        Ok(ClientSecret::new(text.to_owned()))
    };
    read().with_context(|| format!("client_secret_file {}", file.display()))
}
