//! Listening sockets, TCP and Unix.

use std::fs::{self, DirBuilder};
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, PermissionsExt as _,
};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::{TcpListener, UnixListener};

use super::passed::{Inherited, Passed};
use super::peer::{Local, Peer};
use super::policy::ListenAddr;
use super::tls::Tls;

/// Connections that the kernel keeps for us until we take them.
const BACKLOG: i32 = 1024;

/// Why a place cannot be listened at: one line that names it.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {place}: {reason}")]
pub struct BindError {
    place: ListenAddr,
    reason: String,
}

/// A socket that clients connect to.
#[derive(Debug)]
pub struct Listener {
    socket: Socket,
    tls: Option<Arc<Tls>>,
    of_proxies: bool,
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpListener, SocketAddr),
    Unix(UnixListener, SocketFile),
}

/// What a Unix socket may hold of what was sent and not read, in bytes: what is on the way to a
/// client of a pipe.
const SEND_BUFFER: usize = 1024 * 1024;

/// The file of a Unix socket; it goes when the listener goes, unless another one took its place.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    /// Which file we made; `None` where it is another's.
    inode: Option<(u64, u64)>,
}

/// A connection as it was accepted, tied to no runtime yet.
#[derive(Debug)]
pub(super) enum Accepted {
    Tcp(std::net::TcpStream, SocketAddr),
    Unix(StdUnixStream),
}

impl Listener {
    /// Listens there. Must be called within a runtime, which then does the accepting.
    ///
    /// # Errors
    /// If the place is taken, or not ours to take.
    pub fn bind(place: &ListenAddr) -> Result<Self, BindError> {
        let bound = match place {
            ListenAddr::Tcp(address) => bind_tcp(*address),
            ListenAddr::Unix(path) => bind_unix(path),
        };
        let socket = bound.map_err(|error| BindError {
            place: place.clone(),
            reason: match error.kind() {
                io::ErrorKind::AddrInUse => "already in use by another program".to_owned(),
                _ => error.to_string(),
            },
        })?;
        Ok(Self::over(socket))
    }

    /// The same, with TLS where it is a TCP one.
    pub fn with_tls(self, tls: Option<Arc<Tls>>) -> Self {
        let tls = tls.filter(|_| matches!(self.socket, Socket::Tcp(..)));
        Self { tls, ..self }
    }

    fn over(socket: Socket) -> Self {
        Self {
            socket,
            tls: None,
            of_proxies: false,
        }
    }

    /// The same, where it is a Unix one that only reverse proxies connect to: their user's rights
    /// are then lent to nobody.
    pub fn of_proxies(self, yes: bool) -> Self {
        let of_proxies = yes && matches!(self.socket, Socket::Unix(..));
        Self { of_proxies, ..self }
    }

    pub(super) fn is_of_proxies(&self) -> bool {
        self.of_proxies
    }

    pub(super) fn tls(&self) -> Option<&Arc<Tls>> {
        self.tls.as_ref()
    }

    fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    /// Takes the socket that was passed on for this place, and listens there itself if none was.
    ///
    /// # Errors
    /// As [`Listener::bind`].
    pub fn take(place: &ListenAddr, passed: &mut Passed) -> Result<Self, BindError> {
        let Some(inherited) = passed.remove(place) else {
            return Self::bind(place);
        };
        let socket = adopt(inherited, place).map_err(|error| BindError {
            place: place.clone(),
            reason: error.to_string(),
        })?;
        Ok(Self::over(socket))
    }

    /// What is printed about it: `http://127.0.0.1:7681/` or `unix:PATH`.
    pub fn describe(&self) -> String {
        match &self.socket {
            Socket::Unix(_, file) => format!("unix:{}", file.path.display()),
            Socket::Tcp(_, address) => format!("{}://{address}/", self.scheme()),
        }
    }

    /// The address of the page, where a browser can reach one. An address that stands for all
    /// is shown as the loopback one.
    pub fn url(&self) -> Option<String> {
        let Socket::Tcp(_, mut address) = self.socket else {
            return None;
        };
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        Some(format!("{}://{address}/", self.scheme()))
    }

    /// The TCP address with its real port.
    pub fn address(&self) -> Option<SocketAddr> {
        match self.socket {
            Socket::Tcp(_, address) => Some(address),
            Socket::Unix(..) => None,
        }
    }

    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        match &self.socket {
            Socket::Tcp(listener, _) => {
                let (stream, peer) = listener.accept().await?;
                Ok(Accepted::Tcp(stream.into_std()?, peer))
            }
            Socket::Unix(listener, _) => {
                let (stream, _) = listener.accept().await?;
                let stream = stream.into_std()?;
                // The system gives as much as it lets anybody have; with less it only gets slower.
                let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
                Ok(Accepted::Unix(stream))
            }
        }
    }
}

impl Accepted {
    /// Both ends of it.
    ///
    /// # Errors
    /// If the connection is gone, or a Unix peer is neither our own user nor root.
    pub(super) fn ends(&self) -> io::Result<(Peer, Local)> {
        match self {
            Self::Tcp(stream, peer) => Ok((Peer::Tcp(*peer), Local::Tcp(stream.local_addr()?))),
            Self::Unix(stream) => {
                let uid = rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw();
                if !is_trusted(uid, rustix::process::geteuid().as_raw()) {
                    return Err(io::ErrorKind::PermissionDenied.into());
                }
                Ok((Peer::Unix { uid }, Local::Unix))
            }
        }
    }
}

/// Only the server's own user and root, who could do anything anyway, may use a Unix listener.
fn is_trusted(uid: u32, own: u32) -> bool {
    uid == own || uid == 0
}

/// A socket of another's making: its file, if it has one, is not ours to remove.
fn adopt(inherited: Inherited, place: &ListenAddr) -> io::Result<Socket> {
    match (inherited, place) {
        (Inherited::Tcp(listener), _) => {
            let address = listener.local_addr()?;
            Ok(Socket::Tcp(TcpListener::from_std(listener)?, address))
        }
        (Inherited::Unix(listener), ListenAddr::Unix(path)) => {
            let (path, inode) = (path.clone(), None);
            let listener = UnixListener::from_std(listener)?;
            Ok(Socket::Unix(listener, SocketFile { path, inode }))
        }
        (Inherited::Unix(_), ListenAddr::Tcp(_)) => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn bind_tcp(address: SocketAddr) -> io::Result<Socket> {
    let domain = socket2::Domain::for_address(address);
    let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None)?;
    // A restarted server must not wait for the old one's connections to time out. On Linux this
    // does not let two servers share a port.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener = TcpListener::from_std(socket.into())?;
    let address = listener.local_addr()?;
    Ok(Socket::Tcp(listener, address))
}

fn bind_unix(path: &Path) -> io::Result<Socket> {
    if let Some(folder) = path.parent().filter(|path| !path.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    remove_stale(path)?;
    // The file has its final mode before anyone can connect: a socket that is bound but does not
    // listen yet refuses everyone.
    let socket = socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    socket.bind(&socket2::SockAddr::unix(path)?)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    socket.listen(BACKLOG)?;
    let listener = UnixListener::from_std(socket.into())?;
    let metadata = fs::symlink_metadata(path)?;
    let file = SocketFile {
        path: path.to_owned(),
        inode: Some((metadata.dev(), metadata.ino())),
    };
    Ok(Socket::Unix(listener, file))
}

/// Checks that nobody else can replace what we put into the folder of this path, making it if it is
/// not there. For paths that are the same on every machine: whoever came first could be anyone.
pub(super) fn check_private(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|path| !path.as_os_str().is_empty()) else {
        return Ok(());
    };
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    let metadata = fs::symlink_metadata(folder)?;
    let trusted = is_trusted(metadata.uid(), rustix::process::geteuid().as_raw());
    let (shared, sticky) = (metadata.mode() & 0o022 != 0, metadata.mode() & 0o1000 != 0);
    if metadata.is_dir() && trusted && (!shared || sticky) {
        Ok(())
    } else {
        Err(io::Error::other("its folder is not ours alone"))
    }
}

/// Removes a socket file that nobody answers on. Anything else at that path is left alone.
fn remove_stale(path: &Path) -> io::Result<()> {
    let metadata = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        other => other?,
    };
    if !metadata.file_type().is_socket() {
        return Err(io::Error::other("a file that is not a socket is there"));
    }
    match StdUnixStream::connect(path) {
        Ok(_) => Err(io::ErrorKind::AddrInUse.into()),
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let same = fs::symlink_metadata(&self.path)
            .is_ok_and(|metadata| Some((metadata.dev(), metadata.ino())) == self.inode);
        if same {
            // If it stays, the next server finds that nobody answers on it.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[tokio::test]
    async fn a_socket_file_is_private_and_goes_with_its_listener() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run/awp.sock");
        let place = ListenAddr::Unix(path.clone());
        let listener = Listener::bind(&place).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(listener.describe(), format!("unix:{}", path.display()));
        assert!(listener.url().is_none());
        drop(listener);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("awp.sock");
        let place = ListenAddr::Unix(path.clone());
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "std leaves the file behind");
        let listener = Listener::bind(&place).unwrap();
        let error = Listener::bind(&place).unwrap_err().to_string();
        assert!(error.contains("already in use"), "{error}");
        drop(listener);
        fs::write(&path, "precious").unwrap();
        assert!(Listener::bind(&place).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"precious");
    }

    #[tokio::test]
    async fn a_port_is_found_and_a_taken_one_is_an_error() {
        let any = ListenAddr::parse("127.0.0.1:0").unwrap();
        let listener = Listener::bind(&any).unwrap();
        let address = listener.address().unwrap();
        assert_ne!(address.port(), 0);
        assert_eq!(listener.url(), Some(listener.describe()));
        let error = Listener::bind(&ListenAddr::Tcp(address)).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot listen on {address}: already in use by another program")
        );
    }

    #[test]
    fn only_our_user_and_root_are_trusted() {
        assert!(is_trusted(1000, 1000) && is_trusted(0, 1000));
        assert!(!is_trusted(1001, 1000) && !is_trusted(1000, 0));
    }
}
