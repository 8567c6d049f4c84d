//! The provider: what it says of itself, where it is asked who somebody is, and what it answers.

use std::pin::Pin;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreJwsSigningAlgorithm as Algorithm,
    CoreProviderMetadata,
};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, CsrfToken,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    Scope, SignatureVerificationError, TokenResponse as _,
};
use serde_json::Value;
use tokio::sync::Mutex;

use super::OidcSettings;
use super::claims::Claims;
use super::flow::Flow;
use crate::clock;
use crate::server::fetch::{FetchError, Fetcher};

/// How long what the provider says of itself is believed: addresses seldom change, and a key that is
/// new is asked for at once.
const KNOWN: Duration = Duration::from_secs(60 * 60);

/// How soon it is asked again where it did not answer, or has shown a key that it did not name:
/// whoever makes us ask cannot make us ask often.
const AGAIN: Duration = Duration::from_secs(5);

/// How far the provider's clock may be from ours.
const CLOCKS: Duration = Duration::from_secs(60);

/// Signatures by keys that are public. None by a shared secret, and no statement without one.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

impl<'c> AsyncHttpClient<'c> for Fetcher {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetch(request))
    }
}

/// The provider.
pub(super) struct Provider {
    fetcher: Fetcher,
    known: Mutex<Option<Known>>,
}

/// What the provider last said of itself, or that it said nothing.
struct Known {
    at: Instant,
    metadata: Result<CoreProviderMetadata, Untold>,
}

/// Why the provider says nothing that is of use. It holds no secret.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum Untold {
    /// It cannot be asked, or answers nonsense.
    #[error("{0}")]
    Silent(String),
    /// It does not take the code.
    #[error("the provider does not take the code: {0}")]
    Refused(String),
    /// What it says of the person does not hold.
    #[error("the statement does not hold: {0}")]
    Forged(String),
}

/// An error with all that led to it.
fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}

impl Provider {
    pub(super) fn new(fetcher: Fetcher) -> Self {
        Self {
            fetcher,
            known: Mutex::default(),
        }
    }

    /// Where the person is sent to be asked.
    ///
    /// # Errors
    /// When the provider does not say.
    pub(super) async fn asks_at(
        &self,
        settings: &OidcSettings,
        flow: &Flow<'_>,
        redirect: RedirectUrl,
    ) -> Result<String, Untold> {
        let metadata = self.metadata(settings, KNOWN).await?;
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(settings.client_id.clone()),
            None,
        );
        let client = client.set_redirect_uri(redirect);
        let verifier = PkceCodeVerifier::new(flow.verifier());
        let (state, nonce) = (flow.state(), flow.nonce());
        let request = client.authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            || CsrfToken::new(state),
            || Nonce::new(nonce),
        );
        let scopes = settings.scopes.iter().cloned().map(Scope::new);
        let (url, _, _) = request
            .add_scopes(scopes)
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            // A login counts as one of just now: the person is to be there, too.
            .set_max_age(settings.max_age)
            .url();
        Ok(url.into())
    }

    /// What the provider says of the person whose code this is, verified.
    ///
    /// # Errors
    /// When it says nothing, or what it says does not hold.
    pub(super) async fn tells(
        &self,
        settings: &OidcSettings,
        flow: &Flow<'_>,
        redirect: RedirectUrl,
        code: String,
    ) -> Result<Claims, Untold> {
        let metadata = self.metadata(settings, KNOWN).await?;
        let by_body = metadata
            .token_endpoint_auth_methods_supported()
            .is_some_and(|known| !known.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let client = CoreClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(settings.client_id.clone()),
            settings.client_secret.clone(),
        );
        let client = client.set_redirect_uri(redirect).set_auth_type(if by_body {
            AuthType::RequestBody
        } else {
            AuthType::BasicAuth
        });
        let refused = |error: &(dyn std::error::Error + 'static)| Untold::Refused(whole(error));
        let request = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| refused(&error))?
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier()));
        let answer = request.request_async(&self.fetcher).await;
        let answer = answer.map_err(|error| refused(&error))?;
        let forged = |why: &str| Untold::Forged(why.to_owned());
        let statement = answer.id_token().ok_or_else(|| forged("there is none"))?;
        let nonce = Nonce::new(flow.nonce());
        let holds = |metadata: CoreProviderMetadata| {
            let client = CoreClient::from_provider_metadata(
                metadata,
                ClientId::new(settings.client_id.clone()),
                settings.client_secret.clone(),
            );
            let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
            statement.claims(&verifier, &nonce).map(|_| ())
        };
        let mut held = holds(metadata);
        if let Err(ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        )) = held
        {
            held = holds(self.metadata(settings, AGAIN).await?);
        }
        held.map_err(|error| Untold::Forged(whole(&error)))?;
        let claims = payload(&statement.to_string());
        let claims = claims.ok_or_else(|| forged("it cannot be read"))?;
        if !is_recent(&claims, settings.max_age, clock::wall()) {
            return Err(forged("the person was asked too long ago"));
        }
        Ok(claims)
    }

    /// What the provider says of itself, no older than this.
    async fn metadata(
        &self,
        settings: &OidcSettings,
        age: Duration,
    ) -> Result<CoreProviderMetadata, Untold> {
        // Whoever comes meanwhile waits for the one answer.
        let mut known = self.known.lock().await;
        let now = Instant::now();
        if let Some(known) = &*known {
            let age = if known.metadata.is_ok() { age } else { AGAIN };
            if now < known.at + age {
                return known.metadata.clone();
            }
        }
        let silent = |error: &(dyn std::error::Error + 'static)| Untold::Silent(whole(error));
        let metadata = match IssuerUrl::new(settings.issuer.clone()) {
            Ok(issuer) => CoreProviderMetadata::discover_async(issuer, &self.fetcher)
                .await
                .map_err(|error| silent(&error)),
            Err(error) => Err(silent(&error)),
        };
        let at = Instant::now();
        *known = Some(Known {
            at,
            metadata: metadata.clone(),
        });
        metadata
    }
}

/// Whether the person was asked of late. Of a provider that does not say so it is believed: it was
/// told what is wanted.
fn is_recent(claims: &Claims, max_age: Duration, now: SystemTime) -> bool {
    let Some(asked) = claims.get("auth_time").and_then(Value::as_f64) else {
        return true;
    };
    let now = now.duration_since(SystemTime::UNIX_EPOCH);
    now.is_ok_and(|now| now.as_secs_f64() - asked <= (max_age + CLOCKS).as_secs_f64())
}

/// The claims of a statement that was verified, as they stand there.
fn payload(statement: &str) -> Option<Claims> {
    let payload = statement.split('.').nth(1)?;
    let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_was_asked_long_ago_is_not_there_now() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000);
        let recent = |claims: Value| {
            let Value::Object(claims) = claims else {
                panic!("{claims}");
            };
            is_recent(&claims, Duration::from_secs(600), now)
        };
        assert!(recent(json!({"auth_time": 9_999})) && recent(json!({"auth_time": 9_341})));
        assert!(!recent(json!({"auth_time": 9_339})) && !recent(json!({"auth_time": 0})));
        assert!(recent(json!({})), "it was not said");
    }
}
