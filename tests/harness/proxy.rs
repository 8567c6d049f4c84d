//! A network between a client and the server that does what networks do to connections: it cuts
//! them anywhere, splits and gathers what it carries, and stands still for a moment.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::random::Random;

/// What is carried at once, in bytes.
const PIECE: usize = 64 * 1024;

/// The longest standstill. It is the fault itself that takes time here; nothing waits for it to be
/// over.
const STALL: u64 = 20;

/// What the network does.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// A connection is cut after twice as many bytes to the client at the latest; none where
    /// there is no number.
    pub down: Option<u64>,
    /// The same for bytes to the server.
    pub up: Option<u64>,
    /// Once in so many pieces it stands still.
    pub stall_once_in: u64,
}

/// How a connection is cut, to each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    /// As when a process dies with bytes unread, or a firewall has enough.
    Reset,
    /// As when a process closes.
    Close,
    /// As when a cable is pulled: this side is told nothing and nothing is read from it.
    Vanish,
}

/// A running proxy.
pub struct Proxy {
    pub address: SocketAddr,
    cuts: Arc<AtomicU64>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// A proxy in front of `server`.
    pub async fn start(server: SocketAddr, seed: u64, faults: Faults) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let cuts = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&cuts);
        let task = tokio::spawn(async move {
            // All that it carries ends with it.
            let mut carried = JoinSet::new();
            for number in 1.. {
                let (client, _) = listener.accept().await.expect("a connection");
                let random = Random::new(seed, number);
                let counted = Arc::clone(&counted);
                carried.spawn(async move {
                    let server = TcpStream::connect(server).await.expect("a server");
                    carry(client, server, random, faults, &counted).await;
                });
            }
        });
        Self {
            address,
            cuts,
            task,
        }
    }

    /// How many connections it has cut.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How carrying in one direction came to its end.
enum Ended {
    /// The bytes that were to be carried are carried: now the connection is cut.
    Due,
    /// The sender has closed, or one of them is gone.
    Over,
}

async fn carry(
    client: TcpStream,
    server: TcpStream,
    mut random: Random,
    faults: Faults,
    cuts: &AtomicU64,
) {
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket");
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut down = Way::new(from_server, to_client, &mut random, faults.down, faults);
    let mut up = Way::new(from_client, to_server, &mut random, faults.up, faults);
    let ended = tokio::select! {
        ended = down.carry() => ended,
        ended = up.carry() => ended,
    };
    let client = up.from.reunite(down.to).expect("of one socket");
    let server = down.from.reunite(up.to).expect("of one socket");
    match ended {
        Ended::Over => {
            tokio::join!(cut(client, Cut::Close), cut(server, Cut::Close));
        }
        Ended::Due => {
            cuts.fetch_add(1, Ordering::Relaxed);
            let (to_client, to_server) = match random.below(5) {
                0 => (Cut::Reset, Cut::Reset),
                1 => (Cut::Close, Cut::Close),
                2 => (Cut::Reset, Cut::Close),
                3 => (Cut::Close, Cut::Reset),
                _ => (Cut::Reset, Cut::Vanish),
            };
            tokio::join!(cut(client, to_client), cut(server, to_server));
        }
    }
}

async fn cut(stream: TcpStream, cut: Cut) {
    match cut {
        Cut::Reset => {
            let no_linger = Some(Duration::ZERO);
            let _ = socket2::SockRef::from(&stream).set_linger(no_linger);
        }
        Cut::Close => {
            let mut stream = stream;
            let _ = stream.shutdown().await;
            // What is left unread would make a reset of it.
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        }
        Cut::Vanish => {
            // Held until the proxy ends.
            let _held = stream;
            std::future::pending::<()>().await;
        }
    }
}

/// One direction.
struct Way {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    random: Random,
    /// Bytes until the cut.
    left: u64,
    stall_once_in: u64,
}

impl Way {
    fn new(
        from: OwnedReadHalf,
        to: OwnedWriteHalf,
        random: &mut Random,
        mean: Option<u64>,
        faults: Faults,
    ) -> Self {
        let left = mean.map_or(u64::MAX, |mean| 1 + random.below(2 * mean));
        Self {
            from,
            to,
            random: Random::new(random.number(), 0),
            left,
            stall_once_in: faults.stall_once_in,
        }
    }

    async fn carry(&mut self) -> Ended {
        let mut buffer = vec![0; PIECE];
        loop {
            match self.piece(&mut buffer).await {
                Ok(0) | Err(_) => return Ended::Over,
                Ok(_) if self.left == 0 => return Ended::Due,
                Ok(_) => {}
            }
        }
    }

    /// Carries a piece, as long as chance has it.
    async fn piece(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let random = &mut self.random;
        // Mostly as much as there is, so that a gigabyte does not take all day.
        let most = if random.once_in(8) {
            random.length(PIECE)
        } else {
            PIECE
        };
        let most = usize::try_from(self.left).map_or(most, |left| most.min(left));
        let mut length = self.from.read(&mut buffer[..most]).await?;
        if random.once_in(self.stall_once_in) {
            let time = Duration::from_millis(1 + random.below(STALL));
            // What comes meanwhile is gathered.
            let gathering = async {
                while length > 0 && length < most {
                    match self.from.read(&mut buffer[length..most]).await {
                        Ok(0) | Err(_) => break,
                        Ok(more) => length += more,
                    }
                }
                std::future::pending::<()>().await;
            };
            let _ = tokio::time::timeout(time, gathering).await;
        }
        let mut rest = &buffer[..length];
        while !rest.is_empty() {
            let part = if random.once_in(8) {
                random.length(rest.len())
            } else {
                rest.len()
            };
            self.to.write_all(&rest[..part]).await?;
            rest = &rest[part..];
        }
        self.left -= length as u64;
        Ok(length)
    }
}
