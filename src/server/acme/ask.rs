//! What is asked of the authority: an account once, and then certificates.

use std::time::Duration;

use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, DistinguishedName, KeyPair};
use serde::{Deserialize, Serialize};

use super::challenge::Challenges;
use super::kept::Pair;
use super::{Acme, AcmeError};

/// How long the authority may take to look at the domains, and then to sign.
const PATIENCE: Duration = Duration::from_secs(120);

/// The account, as it is kept.
#[derive(Deserialize, Serialize)]
struct Known {
    /// Whose account it is.
    directory: String,
    credentials: AccountCredentials,
}

/// Shows no proof any more when it goes, however the asking has ended.
struct Proofs<'c>(&'c Challenges);

impl Drop for Proofs<'_> {
    fn drop(&mut self) {
        self.0.clear();
    }
}

impl Acme {
    /// The account with this authority: the one that is kept, or a new one.
    pub(super) async fn account(&self) -> Result<Account, AcmeError> {
        let builder = || Account::builder_with_http(Box::new(self.fetcher.clone()));
        let directory = &self.settings.directory;
        let known = self.kept.account()?;
        let known = known.and_then(|text| serde_json::from_str::<Known>(&text).ok());
        if let Some(known) = known.filter(|known| known.directory == *directory) {
            let account = builder().from_credentials(known.credentials).await;
            return account.map_err(|error| asked(&error));
        }
        let mail = |address: &String| format!("mailto:{address}");
        let contact: Vec<String> = self.settings.contact.iter().map(mail).collect();
        let contact: Vec<&str> = contact.iter().map(String::as_str).collect();
        let wanted = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let made = builder().create(&wanted, directory.clone(), None).await;
        let (account, credentials) = made.map_err(|error| asked(&error))?;
        let known = Known {
            directory: directory.clone(),
            credentials,
        };
        let text = serde_json::to_string(&known);
        let text = text.map_err(|error| AcmeError::Asked(error.to_string()))?;
        self.kept.write_account(&text)?;
        Ok(account)
    }

    /// A new certificate, and the key that was made for it.
    pub(super) async fn certificate(&self, account: &Account) -> Result<Pair, AcmeError> {
        let domains = &self.settings.domains;
        let names: Vec<Identifier> = domains.iter().cloned().map(Identifier::Dns).collect();
        let order = account.new_order(&NewOrder::new(&names)).await;
        let mut order = order.map_err(|error| asked(&error))?;
        let proofs = Proofs(&self.challenges);
        prove(&mut order, proofs.0).await?;
        let patience = RetryPolicy::default().timeout(PATIENCE);
        let status = order.poll_ready(&patience).await;
        if status.map_err(|error| asked(&error))? != OrderStatus::Ready {
            return Err(refused(&mut order).await);
        }
        drop(proofs);
        let (key, request) =
            request(domains).map_err(|error| AcmeError::Asked(error.to_string()))?;
        let finalized = order.finalize_csr(&request).await;
        finalized.map_err(|error| asked(&error))?;
        let chain = order.poll_certificate(&patience).await;
        Ok(Pair {
            chain: chain.map_err(|error| asked(&error))?,
            key: key.serialize_pem(),
        })
    }
}

/// Has the authority look at each domain that it does not know to be ours.
async fn prove(order: &mut Order, challenges: &Challenges) -> Result<(), AcmeError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(|error| asked(&error))?;
        match authorization.status {
            AuthorizationStatus::Valid => continue,
            AuthorizationStatus::Pending => {}
            other => {
                let name = authorization.identifier().to_string();
                return Err(AcmeError::Asked(format!("{name} is {other:?}")));
            }
        }
        let name = authorization.identifier().to_string();
        let challenge = authorization.challenge(ChallengeType::TlsAlpn01);
        let Some(mut challenge) = challenge else {
            let why = format!("{name}: the authority does not look for TLS-ALPN-01");
            return Err(AcmeError::Asked(why));
        };
        let digest = challenge.key_authorization().digest();
        let shown = challenges.show(&name, digest.as_ref());
        shown.map_err(AcmeError::Asked)?;
        let ready = challenge.set_ready().await;
        ready.map_err(|error| asked(&error))?;
    }
    Ok(())
}

/// Why the authority did not find a domain here.
async fn refused(order: &mut Order) -> AcmeError {
    let mut why = Vec::new();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if authorization.refresh().await.is_err() {
            continue;
        }
        let name = authorization.identifier().to_string();
        let problems = authorization.challenges.iter();
        let problems = problems.filter_map(|challenge| challenge.error.as_ref());
        why.extend(problems.map(|problem| format!("{name}: {problem}")));
    }
    if why.is_empty() {
        why.push("the order was refused".to_owned());
    }
    AcmeError::Asked(one_line(&why.join("; ")))
}

/// A key, and the request to sign for it.
fn request(domains: &[String]) -> Result<(KeyPair, Vec<u8>), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(domains)?;
    params.distinguished_name = DistinguishedName::new();
    let request = params.serialize_request(&key)?.der().to_vec();
    Ok((key, request))
}

fn asked(error: &Error) -> AcmeError {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let further = error.to_string();
        if !text.contains(&further) {
            text = format!("{text}: {further}");
        }
        cause = error.source();
    }
    AcmeError::Asked(one_line(&text))
}

/// What somebody else has written, so that it is one line of a log.
fn one_line(text: &str) -> String {
    /// Characters: several sentences.
    const LONGEST: usize = 600;
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(LONGEST).map(plain).collect()
}
