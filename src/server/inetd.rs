//! Sockets without HTTP: a connection is a session, and its bytes are the program's.
//!
//! Two kinds of place. At an app's own socket the first byte is the program's already, as inetd has
//! it. At a shared one the client first says in one line what it wants:
//! `AWP/1 open app=calc mode=raw cols=80 rows=24 token=...`, and is answered `AWP/1 ok session=...`
//! or `AWP/1 err 401 ...`; what follows are bytes, or with `mode=json` the messages of `awp.json`,
//! one per line. Both run the loop of every other connection, with a plain stream as the socket.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tracing::{debug, warn};

use super::Door;
use super::audit;
use super::auth::Credential;
use super::connection::{Connection, Revoked};
use super::error::ApiError;
use super::heartbeat::KeepAlive;
use super::listener::{Accepted, Listener};
use super::peer::{Local, Peer};
use super::places::Place;
use super::plain::{Plain, Stdio};
use super::policy::ListenAddr;
use super::router::Core;
use super::told;
use crate::model::access::Action;
use crate::model::id::ProcessId;
use crate::model::keep::OnDisconnect;
use crate::model::size::Size;
use crate::session::app::{self, App};
use crate::session::catalog::NewSession;
use crate::session::viewer::{Attach, Viewer};
use crate::wire::close::CloseCode;
use crate::wire::dialect::Dialect;
use crate::wire::json::Json;

/// How long a client may take to say its line.
const LINE_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest such line, in bytes: an app, a token and a size fit many times over.
const MAX_LINE: usize = 4 * 1024;

/// How long accepting rests after it failed, for want of descriptors as a rule.
const ACCEPT_REST: Duration = Duration::from_millis(100);

/// Bytes have no sign of life to ask for: TCP's own tells when the other end is gone.
const NO_PINGS: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The process of such a session.
const ONLY: ProcessId = ProcessId(1);

/// How requests of browsers begin. A page can make its visitor's browser send one to any port of
/// his machine, and its body would be typed into the program.
const METHODS: [&[u8]; 9] = [
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"OPTIONS ",
    b"DELETE ",
    b"PATCH ",
    b"CONNECT ",
    b"PRI ",
];

/// A place to listen at without HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainPlace {
    /// Where.
    pub listen: ListenAddr,
    /// The app that a connection is a session of; `None`: its first line says.
    pub app: Option<String>,
}

/// What all connections of one place share.
pub(super) struct Shared {
    pub(super) core: Arc<Core>,
    pub(super) door: Arc<Door>,
    pub(super) app: Option<String>,
}

/// Takes connections until the server goes away.
pub(super) async fn serve(
    listener: Listener,
    shared: Arc<Shared>,
    runtime: impl Fn() -> Handle,
    mut shutdown: watch::Receiver<bool>,
) {
    loop {
        let accepted = tokio::select! {
            _ = shutdown.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok(stream) => {
                let shared = Arc::clone(&shared);
                runtime().spawn(async move {
                    if let Err(error) = connection(stream, &shared).await {
                        debug!(%error, "a plain connection was lost");
                    }
                });
            }
            Err(error) => {
                warn!(%error, "cannot accept plain connections for now");
                tokio::time::sleep(ACCEPT_REST).await;
            }
        }
    }
}

async fn connection(stream: Accepted, shared: &Shared) -> io::Result<()> {
    let ends = stream.ends()?;
    match stream {
        Accepted::Tcp(stream, _) => {
            stream.set_nodelay(true)?;
            rustix::net::sockopt::set_socket_keepalive(&stream, true)?;
            converse(TcpStream::from_std(stream)?, ends, shared).await
        }
        Accepted::Unix(stream) => converse(UnixStream::from_std(stream)?, ends, shared).await,
    }
}

async fn converse<S>(mut stream: S, (peer, local): (Peer, Local), shared: &Shared) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let first = Opening {
        app: shared.app.clone().unwrap_or_default(),
        ..Opening::default()
    };
    let Ok(place) = Place::take(&shared.core) else {
        debug!("there are as many viewers as there may be");
        return Ok(());
    };
    if shared.app.is_some() {
        let mut begun = vec![0; MAX_LINE];
        // A browser that was made to speak first would have said so by now; a program that greets
        // its client must not wait for it.
        let came = tokio::time::timeout(FIRST_BYTES, stream.read(&mut begun)).await;
        let (begun, over) = match came {
            Ok(read) => {
                let read = read?;
                begun.truncate(read);
                (begun, read == 0)
            }
            Err(_) => (Vec::new(), false),
        };
        if is_request(&begun) {
            warn!(
                "a browser's request came to the socket of app {}; closed",
                first.app
            );
            return Ok(());
        }
        match open(&first, shared, peer, local, true) {
            Ok(viewer) => {
                run(
                    Plain::new(stream, &begun, over, false),
                    viewer,
                    false,
                    shared,
                )
                .await;
            }
            Err(error) => debug!(%error, "no session for a plain connection"),
        }
        drop(place);
        return Ok(());
    }
    let line = tokio::time::timeout(LINE_TIMEOUT, read_line(&mut stream)).await;
    let Ok(Ok((line, rest))) = line else {
        return Ok(());
    };
    let opened = Opening::read(&line).and_then(|opening| {
        let opened = open(&opening, shared, peer, local, false)?;
        Ok((opened, opening.json))
    });
    match opened {
        Ok((opened, json)) => {
            let answer = format!("AWP/1 ok session={}\n", opened.0.session().id());
            stream.write_all(answer.as_bytes()).await?;
            run(Plain::new(stream, &rest, false, json), opened, json, shared).await;
        }
        Err(error) => {
            let answer = format!("AWP/1 err {} {error}\n", error.status().as_u16());
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await?;
        }
    }
    drop(place);
    Ok(())
}

/// For so long the first bytes of a client are waited for, to see whether it is a browser. One that
/// was made to come here sends its request with the connection.
const FIRST_BYTES: Duration = Duration::from_millis(50);

fn is_request(begun: &[u8]) -> bool {
    METHODS.iter().any(|method| begun.starts_with(method))
}

/// Reads up to the first line's end; what came behind it is the program's.
async fn read_line<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<(String, Vec<u8>)> {
    let mut read = Vec::with_capacity(MAX_LINE);
    loop {
        if let Some(end) = read.iter().position(|byte| *byte == b'\n') {
            let rest = read.split_off(end + 1);
            let line = String::from_utf8(read).map_err(|_| io::ErrorKind::InvalidData)?;
            return Ok((line.trim_end().to_owned(), rest));
        }
        if read.len() >= MAX_LINE || stream.read_buf(&mut read).await? == 0 {
            return Err(io::ErrorKind::InvalidData.into());
        }
    }
}

/// What a client wants.
#[derive(Debug, Default, PartialEq, Eq)]
struct Opening {
    app: String,
    json: bool,
    size: Option<Size>,
    token: Option<String>,
}

/// Whether this is such a line.
#[cfg(test)]
pub(super) fn reads(line: &str) -> bool {
    Opening::read(line).is_ok()
}

impl Opening {
    /// Reads the line that a connection to a shared place begins with.
    fn read(line: &str) -> Result<Self, ApiError> {
        let wrong = |why: String| ApiError::bad_request(why);
        let mut words = line.split_ascii_whitespace();
        if (words.next(), words.next()) != (Some("AWP/1"), Some("open")) {
            return Err(wrong("a line begins with AWP/1 open".to_owned()));
        }
        let mut opening = Self {
            app: app::DEFAULT.to_owned(),
            ..Self::default()
        };
        let (mut cols, mut rows) = (None, None);
        for word in words {
            let (key, value) = word
                .split_once('=')
                .ok_or_else(|| wrong(format!("{word:?} is not KEY=VALUE")))?;
            let number = || {
                let number = value.parse::<u64>();
                number.map_err(|_| wrong(format!("{key}: is not a number")))
            };
            match key {
                "app" => value.clone_into(&mut opening.app),
                "token" => opening.token = Some(value.to_owned()),
                "cols" => cols = Some(number()?),
                "rows" => rows = Some(number()?),
                "mode" if value == "raw" || value == "json" => opening.json = value == "json",
                "mode" => return Err(wrong("mode: is neither raw nor json".to_owned())),
                _ => {
                    let known = "app, mode, cols, rows, token";
                    return Err(wrong(format!("unknown key {key:?}; there is {known}")));
                }
            }
        }
        if cols.is_some() || rows.is_some() {
            let Size { cols: c, rows: r } = Size::DEFAULT;
            let size = Size::clamped(cols.unwrap_or(c.into()), rows.unwrap_or(r.into()));
            opening.size = Some(size);
        }
        Ok(opening)
    }
}

/// Starts what the client wants and attaches it. `trusted`: whoever reaches the place may.
fn open(
    opening: &Opening,
    shared: &Shared,
    peer: Peer,
    local: Local,
    trusted: bool,
) -> Result<(Viewer, Credential), ApiError> {
    let credential = if trusted {
        Credential::Open
    } else {
        let mut headers = HeaderMap::new();
        if let Some(token) = &opening.token {
            let value = HeaderValue::try_from(format!("Bearer {token}"));
            headers.insert(
                header::AUTHORIZATION,
                value.map_err(|_| ApiError::unauthorized())?,
            );
        }
        shared.door.authenticate(&headers, peer, local)?
    };
    let (user, role) = (credential.user(), credential.role());
    if !role.allows(Action::Create) {
        return Err(ApiError::not_allowed("your role does not allow this"));
    }
    let catalog = &shared.core.catalog;
    let known = catalog
        .app(&opening.app)
        .ok_or_else(|| ApiError::not_found("there is no such app"))?;
    // The connection is the session.
    let app = App {
        on_disconnect: OnDisconnect::Hangup,
        ..App::clone(&known)
    };
    let size = opening.size.unwrap_or(Size::DEFAULT);
    let mut identity = vec![("AWP_USER".to_owned(), user.to_owned())];
    if let Peer::Tcp(address) = peer
        && !app.mode.has_terminal()
    {
        let ip = address.ip().to_canonical().to_string();
        identity.push(("REMOTE_ADDR".to_owned(), ip));
        identity.push(("REMOTE_PORT".to_owned(), address.port().to_string()));
    }
    let session = catalog.create(NewSession {
        app: &app,
        name: None,
        maker: credential.maker(),
        from: peer.source_address(),
        size,
        identity,
    })?;
    let attach = Attach {
        process: Some(ONLY),
        size: Some(size),
        user: Some(user.into()),
        from: peer.source_address(),
        label: Some("socket".into()),
        notices: false,
        rewraps: opening.json,
        resume: Vec::new(),
        client: None,
    };
    audit::start(&credential, peer, &session);
    let dialect = if opening.json { "json" } else { "raw" };
    audit::attach(&credential, peer, &session, role, dialect);
    let viewer = Viewer::attach(session, role, attach)
        .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, "bad_from", error.to_string()))?;
    Ok((viewer, credential))
}

/// Lives as long as the connection.
async fn run<S>(
    socket: Plain<S>,
    (viewer, credential): (Viewer, Credential),
    json: bool,
    shared: &Shared,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let shown = viewer.processes().next();
    let terminal = shown.is_some_and(|view| view.mode.has_terminal());
    // A login program comes before the one process.
    let process = shown.map_or(ONLY, |view| view.id);
    let mut dialect: Box<dyn Dialect> = if json {
        Box::new(Json::new(process, Vec::new()))
    } else {
        Box::new(Stdio::new(process, terminal))
    };
    let first = dialect.event(&told::welcome(&viewer, ""));
    let keep_alive = KeepAlive {
        interval: NO_PINGS,
        timeout: NO_PINGS,
    };
    let mut shutdown = shared.core.shutdown.clone();
    let role = viewer.role();
    let revoked: Revoked = Box::pin(async move {
        let stopped = async {
            if shutdown.wait_for(|stop| *stop).await.is_err() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            code = credential.revoked(role) => code,
            () = stopped => CloseCode::GoingAway,
        }
    });
    let connection = Connection::new(socket, dialect, viewer, String::new(), keep_alive);
    Box::new(connection).run(revoked, first).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_what_is_wanted() {
        let opening = Opening::read("AWP/1 open app=calc mode=json cols=90 token=t").unwrap();
        assert_eq!((opening.app.as_str(), opening.json), ("calc", true));
        assert_eq!(opening.size, Some(Size { cols: 90, rows: 24 }));
        assert_eq!(opening.token.as_deref(), Some("t"));
        assert_eq!(Opening::read("AWP/1 open").unwrap().app, app::DEFAULT);
        for line in [
            "",
            "GET / HTTP/1.1",
            "AWP/2 open",
            "AWP/1 open app",
            "AWP/1 open mode=tty",
            "AWP/1 open cols=wide",
            "AWP/1 open command=rm",
        ] {
            let error = Opening::read(line).expect_err(line);
            assert_eq!(error.status(), StatusCode::BAD_REQUEST, "{line}");
        }
    }

    #[test]
    fn a_browser_is_known_by_its_first_word() {
        assert!(is_request(b"POST / HTTP/1.1\r\n") && is_request(b"GET / HTTP/1.1"));
        assert!(!is_request(b"") && !is_request(b"POSTER") && !is_request(b"1+1\n"));
    }
}
