//! TLS towards a server: whom the system trusts is trusted, and nobody else.

use std::io;
use std::sync::Arc;

use rustls_pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// What is spoken within: no HTTP/2, as on the server's side.
const ALPN: &[u8] = b"http/1.1";

/// Speaks TLS on this connection to `host`, a name or an address without brackets.
///
/// # Errors
/// When the server shows no certificate that is trusted for that name.
pub(super) async fn over(stream: TcpStream, host: &str) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let connector = TlsConnector::from(Arc::new(config()?));
    connector.connect(name, stream).await.map_err(|error| {
        let why = format!("TLS: {error}; SSL_CERT_FILE names a file of further certificates");
        io::Error::new(error.kind(), why)
    })
}

fn config() -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    // What cannot be read is not trusted; that shows when it is needed.
    let found = rustls_native_certs::load_native_certs();
    roots.add_parsable_certificates(found.certs);
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![ALPN.to_vec()];
    Ok(config)
}
