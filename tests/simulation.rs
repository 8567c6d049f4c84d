//! The protocol under every order of events: the pure parts of the server and a pure client, over
//! links that are cut at any byte, by ten thousand seeds.

#[path = "simulation/client.rs"]
mod client;
mod harness;
#[path = "simulation/link.rs"]
mod link;
#[path = "simulation/server.rs"]
mod server;

use std::sync::LazyLock;

use awp_server::model::channel::{Channel, Lane};
use awp_server::model::id::{ProcessId, ViewerId};
use awp_server::model::mode::Mode;
use awp_server::model::pace::TERMINAL_LEAD;
use awp_server::model::size::Size;
use bytes::Bytes;
use client::Client;
use harness::random::{Random, seed};
use link::{Came, Link};
use server::Server;

/// Seeds per kind of world.
const SEEDS: u64 = 2500;

/// Events in a world before the network comes to rest.
const EVENTS: u64 = 300;

/// Rounds after that in which something must go forward, until everything has come to its end.
const ROUNDS: usize = 100;

/// Output and input at most, in bytes: several windows.
const LONGEST: usize = 1_200_000;

/// Bytes that all worlds take their output and input from.
static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| Random::new(1, 1).bytes(LONGEST));

/// What has happened, told when it ends badly.
struct Trace {
    seed: u64,
    events: Vec<(u64, usize)>,
}

impl Drop for Trace {
    #[expect(
        clippy::print_stderr,
        reason = "what is needed to have a failure again"
    )]
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last = &self.events[self.events.len().saturating_sub(40)..];
            eprintln!("AWP_TEST_SEED={} and the last events {last:?}", self.seed);
        }
    }
}

/// A client, and the connections it has had: the last one is the one it uses, the others are what
/// the server has not noticed the loss of.
struct Seat {
    client: Client,
    links: Vec<(ViewerId, Link)>,
    connected: bool,
    /// It reads nothing for now.
    frozen: bool,
    rewraps: bool,
}

struct World {
    random: Random,
    server: Server,
    seats: Vec<Seat>,
    output: &'static [u8],
    written: usize,
    exited: bool,
    lane: Lane,
    /// One client that was there from the start.
    alone: bool,
}

impl World {
    fn new(seed: u64, mode: Mode, alone: bool) -> Self {
        let mut random = Random::new(seed, 2);
        let (channel, least) = match mode {
            // A terminal's log holds more than its program may be ahead.
            Mode::Pty | Mode::PtyErr => {
                (Channel::Tty, usize::try_from(TERMINAL_LEAD).expect("small"))
            }
            Mode::Pipe | Mode::Lines | Mode::Json => (Channel::Stdout, 10_000),
        };
        let capacity = least + random.length(400_000);
        let count = if alone { 1 } else { 2 + random.below(3) };
        let seats = (0..count).map(|number| {
            let input = random.length(LONGEST / 4);
            let from_start = alone || random.once_in(2);
            let name = format!("client-{number}");
            Seat {
                client: Client::new(name, from_start, Bytes::from_static(&BYTES[..input])),
                links: Vec::new(),
                connected: false,
                frozen: false,
                rewraps: !alone && random.once_in(2),
            }
        });
        let seats = seats.collect();
        let length = random.length(LONGEST);
        Self {
            server: Server::new(mode, capacity),
            seats,
            output: &BYTES[..length],
            written: 0,
            exited: false,
            lane: Lane {
                process: ProcessId(1),
                channel,
            },
            alone,
            random,
        }
    }

    /// Something happens.
    fn step(&mut self, event: u64, at: usize) {
        match event {
            0..=2 => self.write(),
            3 => {
                let size = Size::clamped(1 + self.random.below(200), 24);
                self.server.resize(size);
            }
            4..=5 => {
                let count = self.random.length(30_000);
                self.server.consume(count);
            }
            6..=7 => self.connect(at),
            8..=12 => self.serve(at),
            13..=17 => self.land(at),
            18 => self.cut(at),
            19 => self.notice(at),
            20 => {
                let keep = self.random.length(20_000);
                self.server.cool(keep);
            }
            // A client alone comes back in time.
            21 if !self.alone => self.server.give_up(),
            22 if !self.alone => self.seats[at].frozen = self.random.once_in(2),
            _ => {}
        }
    }

    fn write(&mut self) {
        let most = self.random.length(100_000);
        let length = most
            .min(self.server.room())
            .min(self.output.len() - self.written);
        self.server
            .write(&self.output[self.written..self.written + length]);
        self.written += length;
        if self.written == self.output.len() && !self.exited && self.seats.iter().all(is_read) {
            self.exited = true;
            self.server.exit();
        }
    }

    fn connect(&mut self, at: usize) {
        let seat = &mut self.seats[at];
        if seat.connected || seat.client.done {
            return;
        }
        let hello = seat.client.hello(self.lane);
        let mut link = Link::default();
        let viewer = self.server.attach(&hello, seat.rewraps, &mut link.down);
        seat.links.push((viewer, link));
        seat.connected = true;
    }

    /// The server works for the connections of a client.
    fn serve(&mut self, at: usize) {
        let count = 1 + self.random.below(4);
        for (viewer, link) in &mut self.seats[at].links {
            let (viewer, down) = (*viewer, &mut link.down);
            self.server.offer(viewer, down);
            for _ in 0..count {
                if !down.has_room() || !self.server.fill(viewer, down) {
                    break;
                }
            }
            if self.random.once_in(2) {
                self.server.snapshot(viewer, down);
            }
        }
    }

    /// Bytes arrive, and are answered.
    fn land(&mut self, at: usize) {
        let Self {
            random,
            server,
            seats,
            output,
            lane,
            ..
        } = self;
        let seat = &mut seats[at];
        for (viewer, link) in &mut seat.links {
            link.up.land(random.length(100_000));
            while let Some(Came::Frame(frame)) = link.up.take() {
                server.received(*viewer, frame);
            }
        }
        let Some((_, link)) = seat
            .links
            .last_mut()
            .filter(|_| seat.connected && !seat.frozen)
        else {
            return;
        };
        link.down.land(random.length(150_000));
        let mut closed = false;
        while let Some(came) = link.down.take() {
            match came {
                Came::Frame(frame) => seat.client.received(frame, output),
                Came::Closed(code) => {
                    seat.client.closed(code);
                    closed = true;
                    break;
                }
            }
        }
        if closed {
            seat.connected = false;
            return;
        }
        if random.once_in(2) {
            seat.client.ack(*lane, link);
        }
        seat.client.type_some(*lane, random, link);
    }

    /// The connection is cut: some of what is on its way still arrives, on either side.
    fn cut(&mut self, at: usize) {
        let seat = &mut self.seats[at];
        if !seat.connected {
            return;
        }
        seat.connected = false;
        let (_, link) = seat.links.last_mut().expect("connected");
        let flying = self.random.below(link.up.flying() as u64 + 1);
        link.up.land(usize::try_from(flying).expect("it fits"));
        if self.random.once_in(2) {
            self.notice(at);
        }
    }

    /// The server notices which connections of a client are lost.
    fn notice(&mut self, at: usize) {
        let seat = &mut self.seats[at];
        let living = usize::from(seat.connected);
        for (viewer, mut link) in seat.links.drain(..seat.links.len() - living) {
            while let Some(Came::Frame(frame)) = link.up.take() {
                self.server.received(viewer, frame);
            }
            self.server.leave(viewer);
        }
    }

    fn state(&self) -> String {
        let clients = self.seats.iter().map(|seat| {
            let client = &seat.client;
            let (length, next, done) = (client.input.len(), client.next(), client.done);
            let accepted = client.accepted;
            format!("{accepted} of {length} typed, {next:?} read, done: {done}")
        });
        let clients = clients.collect::<Vec<_>>().join("; ");
        let (written, length) = (self.written, self.output.len());
        format!("{written} of {length} written; {clients}")
    }

    fn check(&self) {
        self.server.check();
        for seat in &self.seats {
            let Client { name, input, .. } = &seat.client;
            let read = self.server.read.get(name).map_or(&[][..], Vec::as_slice);
            assert!(input.starts_with(read), "{name}: input once and in order");
            let taken = self.server.taken(name);
            assert!(read.len() as u64 <= taken && seat.client.accepted as u64 <= taken);
            assert!(
                seat.client.skips == 0 || !self.alone,
                "{name} missed something"
            );
        }
    }
}

/// The process has all of a client's input.
fn is_read(seat: &Seat) -> bool {
    seat.client.accepted == seat.client.input.len()
}

fn world(seed: u64, mode: Mode, alone: bool) {
    let mut trace = Trace {
        seed,
        events: Vec::new(),
    };
    let mut world = World::new(seed, mode, alone);
    world.connect(0);
    for _ in 0..EVENTS {
        let event = world.random.below(24);
        let at = world.random.below(world.seats.len() as u64);
        let at = usize::try_from(at).expect("small");
        trace.events.push((event, at));
        world.step(event, at);
        world.check();
    }
    // The network comes to rest: everything comes to its end.
    let (mut last, mut still) = (String::new(), 0);
    loop {
        let state = world.state();
        still = if state == last { still + 1 } else { 0 };
        assert!(still < ROUNDS, "it stands still: {state}");
        last = state;
        for at in 0..world.seats.len() {
            world.seats[at].frozen = false;
            world.notice(at);
            world.connect(at);
            for event in [4, 4, 0, 8, 13, 13] {
                world.step(event, at);
            }
        }
        world.check();
        if world.seats.iter().all(|seat| seat.client.done) {
            break;
        }
    }
    for seat in &world.seats {
        let Client { name, input, .. } = &seat.client;
        while world.server.read.get(name).map_or(0, Vec::len) < input.len() {
            let before: usize = world.server.read.values().map(Vec::len).sum();
            world.server.consume(usize::MAX);
            let after: usize = world.server.read.values().map(Vec::len).sum();
            assert!(after > before, "{name}: input is lost");
        }
        assert_eq!(seat.client.next(), Some(world.output.len() as u64));
    }
    world.check();
}

fn worlds(mode: Mode, alone: bool) {
    let first = seed();
    for seed in first..first.saturating_add(SEEDS) {
        world(seed, mode, alone);
    }
}

#[test]
fn one_client_of_a_terminal() {
    worlds(Mode::Pty, true);
}

#[test]
fn many_clients_of_a_terminal() {
    worlds(Mode::Pty, false);
}

#[test]
fn one_client_of_pipes() {
    worlds(Mode::Pipe, true);
}

#[test]
fn many_clients_of_pipes() {
    worlds(Mode::Pipe, false);
}
