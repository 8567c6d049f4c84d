//! The accept loop: HTTP/1.1 with deadlines, caps and an orderly end.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::header::{self, HeaderValue};
use http::{Method, Request, StatusCode, Version};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::io::Errno;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::{Notify, mpsc, watch};
use tower_service::Service as _;

use super::certified::Certified;
use super::error::ApiError;
use super::headers;
use super::listener::{Accepted, Listener};
use super::peer::{Local, Peer};
use super::spare::Spare;
use super::strict_head::{MAX_HEAD, StrictHead};
use super::tls::{CHALLENGE, Tls};
use super::unproven::{PassGuard, Unproven};

/// Header lines of a request; browsers send about twenty.
const MAX_HEADERS: usize = 100;

/// Bytes that hyper reads ahead on a connection: a whole head and some body.
const READ_BUFFER: usize = 2 * MAX_HEAD;

/// How long accepting rests after it failed, where no connection ends before.
const ACCEPT_REST: Duration = Duration::from_secs(1);

/// Deadlines and caps of the accept loop.
#[derive(Clone, Copy, Debug)]
pub struct AcceptSettings {
    /// How long a request's head may take to arrive, and how long a kept connection may idle.
    pub header_timeout: Duration,
    /// Connections held at once that have not shown credentials.
    pub max_unproven: usize,
    /// How long connections have to end after the shutdown signal.
    pub drain: Duration,
}

impl Default for AcceptSettings {
    /// Ten seconds for a head, which no real network needs; 64 strangers; ten seconds to drain.
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            max_unproven: 64,
            drain: Duration::from_secs(10),
        }
    }
}

/// What every connection of one listener shares.
struct Shared {
    router: Router,
    settings: AcceptSettings,
    tls: Option<Arc<Tls>>,
    /// Whether whoever connects is a reverse proxy.
    of_proxies: bool,
    unproven: Arc<Unproven>,
    freed: Notify,
    shutdown: watch::Receiver<bool>,
}

/// Serves the router on this listener until `shutdown` says `true` (or its sender is gone) and
/// the connections have ended or their time to drain is over. `runtime` says for each connection
/// where it lives from then on. Upgraded connections are their handlers' own.
pub async fn serve(
    listener: Listener,
    router: Router,
    settings: AcceptSettings,
    runtime: impl Fn() -> Handle,
    shutdown: watch::Receiver<bool>,
) {
    let shared = Arc::new(Shared {
        router,
        settings,
        tls: listener.tls().cloned(),
        of_proxies: listener.is_of_proxies(),
        unproven: Arc::default(),
        freed: Notify::new(),
        shutdown: shutdown.clone(),
    });
    // Nothing is ever sent: each connection holds a sender, and the channel closes after the last.
    let (alive, mut all_gone) = mpsc::channel::<Infallible>(1);
    {
        let mut stopped = pin!(stop(shutdown));
        let mut spare = Spare::default();
        loop {
            let accepted = tokio::select! {
                () = &mut stopped => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok(stream) => start(stream, &shared, &runtime(), alive.clone()),
                Err(error) => {
                    tokio::select! {
                        () = &mut stopped => break,
                        () = recover(&error, &listener, &mut spare, &shared) => {}
                    }
                }
            }
        }
    }
    tracing::debug!(listener = listener.describe(), "no longer accepting");
    drop(listener);
    drop(alive);
    let _ = tokio::time::timeout(settings.drain, all_gone.recv()).await;
}

async fn stop(mut shutdown: watch::Receiver<bool>) {
    // A sender that is gone can never say it: that is the end as well.
    let _ = shutdown.wait_for(|stop| *stop).await;
}

/// After a failed accept: a connection that broke off costs nothing. Anything else, as a rule that
/// there are no descriptors left, would fail again at once. If a stranger holds a connection and
/// asks nothing, he is sent away, and accepting rests until that is done; otherwise whoever waits to
/// be let in is told that there is no room.
async fn recover(error: &io::Error, listener: &Listener, spare: &mut Spare, shared: &Shared) {
    let broke_off = [Errno::CONNABORTED, Errno::CONNRESET, Errno::INTR];
    if Errno::from_io_error(error).is_some_and(|errno| broke_off.contains(&errno)) {
        tracing::debug!(%error, "a connection broke off before it was accepted");
        return;
    }
    tracing::warn!(%error, "cannot accept connections for now");
    if shared.unproven.evict_idle() || !spare.refuse(listener).await {
        let _ = tokio::time::timeout(ACCEPT_REST, shared.freed.notified()).await;
    }
}

fn start(
    stream: Accepted,
    shared: &Arc<Shared>,
    runtime: &Handle,
    alive: mpsc::Sender<Infallible>,
) {
    let (peer, local) = match stream.ends() {
        Ok((Peer::Unix { uid }, local)) if shared.of_proxies => (Peer::Proxy { uid }, local),
        Ok(ends) => ends,
        Err(error) => {
            tracing::debug!(%error, "connection refused");
            return;
        }
    };
    let guard = shared.unproven.enter(shared.settings.max_unproven);
    let shared = Arc::clone(shared);
    runtime.spawn(async move {
        match stream {
            Accepted::Tcp(stream, _) => {
                // Keystrokes must not wait for more of them.
                let ready = stream.set_nodelay(true);
                match ready.and_then(|()| TcpStream::from_std(stream)) {
                    Ok(stream) if shared.tls.is_some() => {
                        encrypted(stream, peer, local, &guard, &shared).await;
                    }
                    Ok(stream) => connection(stream, (peer, local, None), &guard, &shared).await,
                    Err(error) => tracing::debug!(%error, "connection lost"),
                }
            }
            Accepted::Unix(stream) => match UnixStream::from_std(stream) {
                Ok(stream) => connection(stream, (peer, local, None), &guard, &shared).await,
                Err(error) => tracing::debug!(%error, "connection lost"),
            },
        }
        drop(guard);
        shared.freed.notify_one();
        drop(alive);
    });
}

/// Shakes hands, within the time that a request's head may take, then serves as any other.
async fn encrypted(
    stream: TcpStream,
    peer: Peer,
    local: Local,
    guard: &PassGuard,
    shared: &Arc<Shared>,
) {
    let (Some(tls), Local::Tcp(address)) = (&shared.tls, local) else {
        return;
    };
    let shaking = tls.acceptor().accept(stream);
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(shared.settings.header_timeout, shaking) => shaken,
        () = guard.evicted.notified() => return,
        () = stop(shared.shutdown.clone()) => return,
    };
    match shaken {
        Ok(Ok(stream)) => {
            if stream.get_ref().1.alpn_protocol() == Some(CHALLENGE) {
                // It has seen the proof that it came for.
                return;
            }
            let shown = stream.get_ref().1.peer_certificates();
            let certified = shown.and_then(|chain| Certified::read(chain.first()?));
            let ends = (peer, Local::Tls(address), certified);
            connection(stream, ends, guard, shared).await;
        }
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS"),
        Err(_) => tracing::debug!(%peer, "no TLS in time"),
    }
}

async fn connection<S>(
    stream: S,
    (peer, local, certified): (Peer, Local, Option<Certified>),
    guard: &PassGuard,
    shared: &Arc<Shared>,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let pass = guard.pass.clone();
    let router = shared.router.clone();
    let service = service_fn(move |mut request: Request<Incoming>| {
        let pass = pass.clone();
        let router = router.clone();
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(local);
        if let Some(certified) = &certified {
            request.extensions_mut().insert(certified.clone());
        }
        request.extensions_mut().insert(pass.clone());
        async move {
            pass.set_busy(true);
            let response = answer(router, request).await;
            pass.set_busy(false);
            Ok::<_, Infallible>(response)
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(shared.settings.header_timeout)
        .max_header_size(MAX_HEAD)
        .max_headers(MAX_HEADERS)
        .max_buf_size(READ_BUFFER);
    let io = TokioIo::new(StrictHead::new(stream));
    let mut served = pin!(http.serve_connection(io, service).with_upgrades());
    let mut stopped = pin!(stop(shared.shutdown.clone()));
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = guard.evicted.notified() => {
            tracing::debug!(%peer, "sent away: too many connections without credentials");
            return;
        }
        () = stopped.as_mut() => {
            served.as_mut().graceful_shutdown();
            drain(served, shared.settings.drain).await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "connection ended");
    }
}

async fn drain(
    served: impl Future<Output = hyper::Result<()>>,
    limit: Duration,
) -> hyper::Result<()> {
    tokio::time::timeout(limit, served).await.unwrap_or(Ok(()))
}

/// Answers one request. After a request whose end the strict reader did not follow, and after a
/// method that has no business here, the connection is closed.
async fn answer(mut router: Router, request: Request<Incoming>) -> Response {
    let upgrade = request.headers().contains_key(header::UPGRADE);
    let unfollowed = upgrade || request.headers().contains_key(header::TRANSFER_ENCODING);
    let refused = if [Method::TRACE, Method::CONNECT].contains(request.method()) {
        Some(ApiError::method_not_allowed())
    } else if upgrade && request.version() < Version::HTTP_11 {
        Some(ApiError::bad_request("an upgrade needs HTTP/1.1"))
    } else {
        None
    };
    let mut response = if let Some(error) = &refused {
        let mut response = error.clone().into_response();
        headers::apply(response.headers_mut(), true);
        response
    } else {
        let Ok(response) = router.call(request.map(Body::new)).await;
        response
    };
    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    if refused.is_some() || (unfollowed && !switched) {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}
