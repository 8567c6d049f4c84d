//! What ends logins, links and live sockets while the server runs: a token that was rotated, a user
//! that was changed, a link that was taken back, by this server or by the command line.

use std::path::Path;
use std::sync::{Arc, Weak};
use std::time::Duration;

use http::header::{self, HeaderMap};
use tracing::warn;

use super::Door;
use super::accounts::{self, Accounts, Known};
use super::auth::Credential;
use super::error::ApiError;
use super::grant::{GUEST, Grant, Origin, Verdict};
use super::peer::Local;
use super::secret::SecretHash;
use super::token::Token;
use super::user_changes::UserChanges;
use super::watch::Watch;
use crate::clock;
use crate::model::access::AUDIT;
use crate::model::id::SessionId;
use crate::session::catalog::Catalog;

/// How often is looked where the kernel does not tell of changes: half of the two seconds within
/// which a revocation holds.
const LOOK: Duration = Duration::from_secs(1);

/// In whose name a link is made.
pub(super) struct Epoch {
    /// The user; `None` is the owner by token.
    pub(super) user: Option<String>,
    /// What tells the creator's rights of now from later ones.
    pub(super) mark: String,
}

impl Door {
    /// The users and links.
    pub(super) fn accounts(&self) -> &Arc<Accounts> {
        &self.accounts
    }

    /// Everything that grants are held against.
    pub(super) async fn known(&self) -> Result<Known, ApiError> {
        self.accounts.known(self.token_mark()).await
    }

    /// In whose name this credential makes links.
    pub(super) fn epoch(&self, credential: &Credential) -> Result<Epoch, ApiError> {
        let origin = match credential {
            Credential::Login(login) | Credential::Vouched(login) => login.grant().origin.clone(),
            Credential::Owner(_) | Credential::UnixPeer { .. } => Origin::Token,
            Credential::Visitor => {
                return Err(ApiError::not_allowed("your role does not allow this"));
            }
            Credential::Open | Credential::Announced(_) => {
                let message = "this server asks nobody who they are, so a link would add nothing";
                return Err(ApiError::conflict(message));
            }
        };
        match origin {
            Origin::Token => Ok(Epoch {
                user: None,
                mark: self.token_mark(),
            }),
            Origin::User { epoch } => Ok(Epoch {
                user: Some(credential.user().to_owned()),
                mark: epoch.to_string(),
            }),
            Origin::Share { .. } | Origin::Admitted { .. } => {
                Err(ApiError::not_allowed("your role does not allow this"))
            }
        }
    }

    /// Says by which address browsers reach this server.
    pub(super) fn is_at(&self, address: String) {
        // The first one stands.
        let _ = self.address.set(address);
    }

    /// Says whose apps there are.
    pub(super) fn leads_to(&self, catalog: &Arc<Catalog>) {
        // The first one stands.
        let _ = self.catalog.set(Arc::downgrade(catalog));
    }

    /// Whether a socket may come in without any credential, to an app that asks by itself.
    pub(super) fn takes_visitors(&self) -> bool {
        let catalog = self.catalog.get().and_then(Weak::upgrade);
        catalog.is_some_and(|catalog| catalog.takes_visitors())
    }

    /// The address that links begin with: the one by which the client came, if it came by one.
    pub(super) fn links_begin_with(&self, headers: &HeaderMap, local: Local) -> Option<String> {
        // Both were held against the names that are ours.
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let scheme = if local.is_tls() { "https" } else { "http" };
        let site = match (text(header::ORIGIN), text(header::HOST), local) {
            (Some(origin), _, _) => Some(origin.to_owned()),
            (None, Some(host), Local::Tcp(_) | Local::Tls(_)) => Some(format!("{scheme}://{host}")),
            _ => self.address.get().cloned(),
        };
        site.map(|site| format!("{}{}", site.trim_end_matches('/'), self.base_path))
    }

    /// Holds every login against what is known now. Where that cannot be read, those that depend
    /// on it end: who cannot be checked does not stay.
    pub async fn settle(&self) {
        self.hold(&self.known().await);
    }

    fn hold(&self, known: &Result<Known, ApiError>) {
        match known {
            Ok(known) => self.logins.settle(|grant| known.judge(grant)),
            Err(_) => self.logins.settle(|grant| match grant.origin {
                Origin::Token | Origin::Admitted { .. } => Verdict::Holds(grant.role),
                Origin::User { .. } | Origin::Share { .. } => Verdict::Over,
            }),
        }
    }

    /// Uses a share link: what its secret gives.
    pub(super) async fn use_share(&self, secret: &str) -> Result<Option<Grant>, ApiError> {
        let hash = SecretHash::of(secret);
        let now = clock::now();
        let known = self.known().await?;
        let used = self
            .accounts
            .ask(false, move |store| store.use_share(hash.bytes(), now));
        let Some(share) = used.await?.flatten() else {
            return Ok(None);
        };
        let session = SessionId::parse(&share.session);
        let Some(session) = session.filter(|_| known.stands(&share)) else {
            return Ok(None);
        };
        tracing::info!(target: AUDIT, event = "share_used", share = share.id, session = %session);
        Ok(Some(Grant {
            user: GUEST.into(),
            role: accounts::role(&share),
            left: Some(share.left(now)),
            origin: Origin::Share {
                id: share.id.into(),
                session,
            },
        }))
    }

    /// Looks at the files again, whether or not they seem to have changed, and asks at once for a
    /// certificate that did not come before.
    pub fn look_again(&self) {
        self.look.notify_one();
        #[cfg(feature = "acme")]
        if let Some(acme) = &self.acme {
            acme.again();
        }
    }

    /// Watches the token's file, the certificate's and the database, for as long as it is polled.
    pub async fn watch(self: Arc<Self>, catalog: Arc<Catalog>) {
        let mut watch = Watch::new()
            .inspect_err(|error| warn!(%error, "changes are looked for once a second"))
            .ok();
        if let Some(file) = &self.token_file {
            add(&mut watch, file);
        }
        if let Some(tls) = &self.tls {
            add(&mut watch, &tls.files().cert);
            add(&mut watch, &tls.files().key);
            if let Some(file) = &tls.files().client_ca {
                add(&mut watch, file);
            }
        }
        let mut changes = UserChanges::default();
        if let Ok(known) = self.known().await {
            changes.note(known.users());
        }
        loop {
            tokio::select! {
                () = self.look.notified() => {}
                file = self.accounts.opened() => {
                    if let Some(file) = file {
                        add(&mut watch, file);
                    }
                }
                () = changed(&mut watch) => {}
            }
            if let Some(tls) = &self.tls {
                tls.reload();
            }
            self.reload_token();
            let known = self.known().await;
            self.hold(&known);
            if let Ok(known) = &known {
                let over = changes.note(known.users());
                if !over.is_empty() {
                    catalog.users_changed(&over).await;
                }
            }
        }
    }

    /// Takes the token that is in the file now. What is no token leaves the old one as it is.
    fn reload_token(&self) {
        let Some(file) = self.token_file.as_deref().filter(|file| file.exists()) else {
            return;
        };
        match Token::open(file) {
            Ok(token) if token.mark() != self.token_mark() => {
                self.replace_token(token);
                tracing::info!(target: AUDIT, event = "token_replaced");
            }
            Ok(_) => {}
            Err(error) => warn!(%error, "the token stays what it was"),
        }
    }
}

fn add(watch: &mut Option<Watch>, file: &Path) {
    let added = watch.as_mut().map(|watch| watch.add(file));
    if let Some(Err(error)) = added {
        warn!(file = %file.display(), %error, "changes are looked for once a second");
        *watch = None;
    }
}

async fn changed(watch: &mut Option<Watch>) {
    match watch {
        Some(known) => {
            if let Err(error) = known.changed().await {
                warn!(%error, "changes are looked for once a second");
                *watch = None;
            }
        }
        None => tokio::time::sleep(LOOK).await,
    }
}
