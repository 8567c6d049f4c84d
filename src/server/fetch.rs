//! HTTP towards others, a provider of logins or of certificates: one request to a connection, whose
//! answer is small and comes soon.
//!
//! No redirect is followed: what the other side says of itself is believed, and whom it sends us to
//! is not. Nothing leaves this machine in the clear.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::uri::Uri;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Bytes of an answer: a hundred keys and more.
const MOST: usize = 256 * 1024;

/// How long an answer may take, from the name's look-up to its last byte: somebody waits for it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What is spoken within TLS.
const ALPN: &[u8] = b"http/1.1";

/// Asks whoever it is.
#[derive(Clone)]
pub(super) struct Fetcher {
    tls: Arc<ClientConfig>,
}

/// Why there is no answer. It never holds what was asked.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address is none that may be asked.
    #[error("{0} is neither https nor on this machine")]
    Address(String),
    /// It cannot be reached, or does not speak HTTP.
    #[error("{host}: {why}")]
    Broken {
        /// Whom was asked.
        host: String,
        /// What happened.
        why: String,
    },
    /// It took too long.
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    Slow,
}

impl Fetcher {
    /// Trusts whom the system trusts, or else the authorities of this file alone.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn new(authorities: Option<&Path>) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        match authorities {
            None => {
                let found = rustls_native_certs::load_native_certs();
                roots.add_parsable_certificates(found.certs);
            }
            Some(file) => {
                let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
                let read = CertificateDer::pem_file_iter(file).map_err(|error| wrong(&error))?;
                for certificate in read {
                    let certificate = certificate.map_err(|error| wrong(&error))?;
                    roots.add(certificate).map_err(|error| wrong(&error))?;
                }
                if roots.is_empty() {
                    return Err(wrong(&"holds no certificate"));
                }
            }
        }
        let mut tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        tls.alpn_protocols = vec![ALPN.to_vec()];
        Ok(Self { tls: Arc::new(tls) })
    }

    /// The answer to this request.
    ///
    /// # Errors
    /// When there is none, or none in time.
    pub(super) async fn fetch(
        &self,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, FetchError> {
        let fetched = tokio::time::timeout(TIMEOUT, self.ask(request));
        fetched.await.unwrap_or(Err(FetchError::Slow))
    }

    async fn ask(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, FetchError> {
        let address = || FetchError::Address(origin(request.uri()));
        let place = Place::of(request.uri()).ok_or_else(address)?;
        let broken = |why: &dyn std::fmt::Display| FetchError::Broken {
            host: place.host.clone(),
            why: why.to_string(),
        };
        let stream = TcpStream::connect((place.host.as_str(), place.port));
        let stream = stream.await.map_err(|error| broken(&error))?;
        let request = place.request(request).map_err(|error| broken(&error))?;
        if !place.tls {
            return exchange(stream, request)
                .await
                .map_err(|error| broken(&error));
        }
        let name = ServerName::try_from(place.host.clone()).map_err(|error| broken(&error))?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let stream = connector.connect(name, stream).await;
        let stream = stream.map_err(|error| broken(&error))?;
        exchange(stream, request)
            .await
            .map_err(|error| broken(&error))
    }
}

/// Where to ask.
struct Place {
    host: String,
    port: u16,
    tls: bool,
    header: HeaderValue,
}

impl Place {
    /// What an address names, if it may be asked.
    fn of(uri: &Uri) -> Option<Self> {
        let authority = uri.authority()?;
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" if is_here(&host) => false,
            _ => return None,
        };
        // With a name or a password in front of the host nobody knows what it would mean.
        let header = HeaderValue::from_str(authority.as_str()).ok()?;
        (!authority.as_str().contains('@')).then(|| Self {
            host,
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            tls,
            header,
        })
    }

    /// The request as it is written there.
    fn request(&self, request: Request<Vec<u8>>) -> Result<Request<Full<Bytes>>, http::Error> {
        let (mut parts, body) = request.into_parts();
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = Uri::try_from(path)?;
        parts.headers.insert(HOST, self.header.clone());
        Ok(Request::from_parts(parts, Full::from(body)))
    }
}

/// Whether a host is this machine.
pub(super) fn is_here(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// What of an address may stand in a log.
fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or("");
    format!("{scheme}://{}", uri.host().unwrap_or(""))
}

async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Response<Vec<u8>>, Box<dyn std::error::Error + Send + Sync>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // Dropped with the answer, or when that took too long: the connection ends with it.
    let mut driving = JoinSet::new();
    driving.spawn(connection);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, MOST).collect().await?.to_bytes();
    Ok(Response::from_parts(parts, body.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_this_machine_in_the_clear() {
        let place = |text: &'static str| Place::of(&Uri::from_static(text));
        for (text, host, port, tls) in [
            ("https://id.example.org/x", "id.example.org", 443, true),
            ("https://id.example.org:8443/", "id.example.org", 8443, true),
            ("http://127.0.0.1:9400/", "127.0.0.1", 9400, false),
            ("http://[::1]:9400/", "::1", 9400, false),
            ("http://localhost/", "localhost", 80, false),
        ] {
            let found = place(text).unwrap();
            assert_eq!((&*found.host, found.port, found.tls), (host, port, tls));
        }
        for text in [
            "http://id.example.org/",
            "http://127.0.0.1.example.org/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "https://ann@id.example.org/",
            "/path",
        ] {
            assert!(place(text).is_none(), "{text}");
        }
    }
}
