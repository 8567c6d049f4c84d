//! Signed statements about a session, for services that cannot call back: a JWT (RFC 7519) signed
//! with Ed25519 (RFC 8037), good for minutes. Nothing takes one back before it is over; whoever
//! needs that asks about a token instead.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::catalog::Catalog;
use super::handle::SessionHandle;
use super::tokens::{self, NoRandomness};
use crate::clock;
use crate::model::session::Phase;

/// How long one is good: it cannot be taken back.
pub(super) const TTL: Duration = Duration::from_secs(5 * 60);

/// Who says so.
const ISSUER: &str = "awp";

/// The key that a server signs with. It lives as long as the server: so do the sessions that it
/// speaks of.
pub struct Signer {
    pair: Ed25519KeyPair,
    /// The key's thumbprint (RFC 7638).
    id: String,
}

impl Signer {
    /// Draws a key.
    pub(super) fn new() -> Result<Self, NoRandomness> {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| NoRandomness)?;
        let pair = Ed25519KeyPair::from_pkcs8(key.as_ref()).map_err(|_| NoRandomness)?;
        let members = format!(
            r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#,
            URL_SAFE_NO_PAD.encode(pair.public_key())
        );
        let id = URL_SAFE_NO_PAD.encode(Sha256::digest(members));
        Ok(Self { pair, id })
    }

    /// The public key, as a set of keys (RFC 7517).
    pub fn keys(&self) -> Value {
        json!({"keys": [{
            "kty": "OKP",
            "crv": "Ed25519",
            "alg": "EdDSA",
            "use": "sig",
            "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(self.pair.public_key()),
        }]})
    }

    fn sign(&self, claims: &Value) -> String {
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": self.id});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&header), part(claims));
        let signature = self.pair.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Catalog {
    /// What signs statements about its sessions; the key is drawn when it is first needed.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn signer(&self) -> Result<&Signer, NoRandomness> {
        if let Some(signer) = self.signer.get() {
            return Ok(signer);
        }
        let signer = Signer::new()?;
        Ok(self.signer.get_or_init(|| signer))
    }
}

impl SessionHandle {
    /// What is said of it now, for the services of its app, with when that is over, in seconds since
    /// 1970. `None` for a session that does not run, or whose login is over.
    pub(super) fn state(&self, signer: &Signer) -> Result<Option<(String, u64)>, NoRandomness> {
        let (said, now) = (self.validity(None), clock::seconds());
        let until = now.saturating_add(TTL.as_secs());
        let until = said.exp.map_or(until, |exp| exp.min(until));
        if self.view().phase != Phase::Running || until <= now {
            return Ok(None);
        }
        let mut claims = json!({
            "iss": ISSUER,
            "sub": said.sub,
            "aud": self.app(),
            "sid": self.id().to_string(),
            "iat": now,
            "exp": until,
            "jti": tokens::secret()?,
        });
        let more = [
            ("name", said.name.map(Value::from)),
            ("acr", said.acr.map(Value::from)),
            ("claims", said.claims.map(Value::from)),
        ];
        for (name, value) in more {
            if let Some(value) = value {
                claims[name] = value;
            }
        }
        Ok(Some((signer.sign(&claims), until)))
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    #[test]
    fn what_is_signed_is_held_by_the_published_key_and_nothing_else_is() {
        let signer = Signer::new().ok().expect("random");
        let statement = signer.sign(&json!({"sub": "ada"}));
        let keys = signer.keys();
        let key = &keys["keys"][0];
        let x = URL_SAFE_NO_PAD.decode(key["x"].as_str().expect("text"));
        let public = UnparsedPublicKey::new(&ED25519, x.expect("base64"));
        let (text, signature) = statement.rsplit_once('.').expect("three parts");
        let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        public.verify(text.as_bytes(), &signature).expect("good");
        let other = text.replace('.', "x.");
        public
            .verify(other.as_bytes(), &signature)
            .expect_err("changed");
        let header = URL_SAFE_NO_PAD.decode(text.split_once('.').expect("two").0);
        let header: Value = serde_json::from_slice(&header.expect("base64")).expect("JSON");
        assert_eq!(header["kid"], key["kid"]);
    }
}
