//! The server's side, put together from the parts of the model and the wire as the sessions and
//! connections of the server do it, without a runtime.

use std::collections::{BTreeMap, VecDeque};

use awp_server::model::access::Role;
use awp_server::model::channel::{Channel, Lane};
use awp_server::model::id::{ProcessId, SESSION_ID_ENTROPY, SessionId, ViewerId};
use awp_server::model::keep::OnDisconnect;
use awp_server::model::lane::{Reading, Step};
use awp_server::model::ledger::{Accept, Ledger};
use awp_server::model::mode::Mode;
use awp_server::model::output_log::{Cursor, Mark, Next, OutputLog};
use awp_server::model::pace::{self, Audience, Pace};
use awp_server::model::process::ExitStatus;
use awp_server::model::session::{Event, Phase, SessionState};
use awp_server::model::size::{Size, SizePolicy};
use awp_server::wire::close::CloseCode;
use awp_server::wire::dialect::{ClientEvent, Dialect as _, Hello, Message, ServerEvent};
use awp_server::wire::message::ProcessInfo;
use awp_server::wire::v1::V1;
use bytes::{Buf as _, Bytes, BytesMut};

use super::link::Way;

/// Input that waits for the process at most, in bytes, as in the server.
const QUEUE: usize = 64 * 1024;

/// The one process.
const PROCESS: ProcessId = ProcessId(1);

/// How it ends.
pub const STATUS: ExitStatus = ExitStatus::Code(7);

pub struct Server {
    pub log: OutputLog,
    audience: Audience,
    ledger: Ledger,
    speakers: BTreeMap<String, ViewerId>,
    state: SessionState,
    lane: Lane,
    pub connections: BTreeMap<ViewerId, Connection>,
    queue: VecDeque<(String, Bytes)>,
    queued: usize,
    /// What the process has read, by client.
    pub read: BTreeMap<String, Vec<u8>>,
    viewers: u64,
    /// How far the screen has read, and its size there.
    screen: (Cursor, Size),
}

/// An attached connection.
pub struct Connection {
    client: String,
    reading: Reading,
    waiting: VecDeque<(u64, Bytes)>,
    exited: bool,
    /// It was told that it is over.
    pub closed: bool,
}

impl Server {
    pub fn new(mode: Mode, capacity: usize) -> Self {
        let (channel, pace) = match mode {
            Mode::Pty | Mode::PtyErr => (Channel::Tty, Pace::Terminal { floor: None }),
            Mode::Pipe | Mode::Lines | Mode::Json => (Channel::Stdout, Pace::Pipe { floor: 0 }),
        };
        let size = Size::DEFAULT;
        let mut state = SessionState::new(OnDisconnect::Keep(None), SizePolicy::Active, size);
        state.apply(Event::Started);
        let mut log = OutputLog::new(capacity);
        if channel == Channel::Tty {
            log.mark(Mark::Size(size));
        }
        Self {
            log,
            audience: Audience::new(pace),
            ledger: Ledger::default(),
            speakers: BTreeMap::new(),
            state,
            lane: Lane {
                process: PROCESS,
                channel,
            },
            connections: BTreeMap::new(),
            queue: VecDeque::new(),
            queued: 0,
            read: BTreeMap::new(),
            viewers: 0,
            screen: (Cursor::default(), size),
        }
    }

    /// How much of the process may be read now.
    pub fn room(&self) -> usize {
        self.audience.room(self.log.head(), self.log.capacity())
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.log.append(bytes);
    }

    pub fn resize(&mut self, size: Size) {
        if self.lane.channel == Channel::Tty {
            self.log.mark(Mark::Size(size));
        }
    }

    pub fn exit(&mut self) {
        self.log.mark(Mark::End);
        self.state.apply(Event::Exited(PROCESS, STATUS));
        assert_eq!(self.state.phase(), Phase::Ended);
    }

    /// The process reads its input.
    pub fn consume(&mut self, count: usize) {
        let Some((client, bytes)) = self.queue.front_mut() else {
            return;
        };
        let part = bytes.split_to(count.min(bytes.len()));
        self.queued -= part.len();
        let read = self.read.entry(client.clone()).or_default();
        read.extend_from_slice(&part);
        if bytes.is_empty() {
            self.queue.pop_front();
        }
    }

    /// How much of a client's input was taken.
    pub fn taken(&self, client: &str) -> u64 {
        self.ledger.position(client, PROCESS)
    }

    /// An idle log gives its memory back.
    pub fn cool(&mut self, keep: usize) {
        let is_terminal = self.lane.channel == Channel::Tty;
        if is_terminal && self.audience.slowest() >= self.log.head() {
            self.log.trim(keep);
        }
    }

    pub fn give_up(&mut self) {
        self.audience.give_up();
    }

    /// A client has said hello.
    pub fn attach(&mut self, hello: &Hello, rewraps: bool, down: &mut Way) -> ViewerId {
        self.viewers += 1;
        let viewer = ViewerId(self.viewers);
        let from = hello.from.first().map(|at| at.offset);
        let cursor = match from {
            Some(offset) => self.log.cursor_at(offset).expect("it was written"),
            None => self.log.oldest(),
        };
        self.audience.join(viewer, cursor.offset());
        let mut reading = Reading::new(self.lane.channel, cursor, rewraps);
        if from.is_none() && self.log.head() > 0 && self.lane.channel == Channel::Tty {
            reading.awaits();
        }
        self.speakers.insert(hello.client.clone(), viewer);
        self.state.apply(Event::Joined {
            viewer,
            role: Role::Owner,
            size: None,
        });
        let mode = match self.lane.channel {
            Channel::Tty => Mode::Pty,
            _ => Mode::Pipe,
        };
        let process = ProcessInfo {
            process: PROCESS,
            mode,
            title: String::new(),
            size: Size::DEFAULT,
            exit: None,
            input: self.ledger.position(&hello.client, PROCESS),
        };
        say(
            down,
            &ServerEvent::Welcome {
                session: SessionId::from_entropy([0; SESSION_ID_ENTROPY]),
                name: None,
                role: Role::Owner,
                processes: vec![process],
            },
        );
        let connection = Connection {
            client: hello.client.clone(),
            reading,
            waiting: VecDeque::new(),
            exited: false,
            closed: false,
        };
        self.connections.insert(viewer, connection);
        viewer
    }

    pub fn leave(&mut self, viewer: ViewerId) {
        let connection = self.connections.remove(&viewer).expect("it was there");
        if self.speakers.get(&connection.client) == Some(&viewer) {
            self.speakers.remove(&connection.client);
        }
        self.audience.leave(viewer);
        self.state.apply(Event::Left(viewer));
    }

    /// A frame came.
    pub fn received(&mut self, viewer: ViewerId, frame: Bytes) {
        let event = V1.decode(Message::Binary(frame)).expect("a client's frame");
        let connection = self.connections.get_mut(&viewer).expect("attached");
        match event.expect("it says something") {
            ClientEvent::Ack { lane, offset } => {
                assert_eq!(lane, self.lane);
                let is_news = connection.reading.ack(offset).expect("it was sent");
                if is_news {
                    self.audience.ack(viewer, offset);
                }
            }
            ClientEvent::Input { seq, bytes, .. } => {
                connection
                    .waiting
                    .push_back((seq.expect("numbered"), bytes));
                let waits: usize = connection
                    .waiting
                    .iter()
                    .map(|(_, bytes)| bytes.len())
                    .sum();
                assert!(waits <= QUEUE, "{waits} bytes wait");
            }
            _ => panic!("nothing else is said"),
        }
    }

    /// Offers the process what waits of a connection's input.
    pub fn offer(&mut self, viewer: ViewerId, down: &mut Way) {
        let connection = self.connections.get_mut(&viewer).expect("attached");
        if self.speakers.get(&connection.client) != Some(&viewer) {
            connection.waiting.clear();
            if !connection.closed {
                connection.closed = true;
                down.close(CloseCode::Policy);
            }
            return;
        }
        let client = &connection.client;
        while let Some((mut seq, mut bytes)) = connection.waiting.pop_front() {
            match self.ledger.check(client, PROCESS, seq, bytes.len()) {
                Accept::Ahead => panic!("input of {client} is missing before {seq}"),
                Accept::After(known) => {
                    bytes.advance(known);
                    seq += known as u64;
                }
            }
            let part = bytes.split_to(bytes.len().min(QUEUE - self.queued));
            let taken = part.len();
            self.ledger.accept(client, PROCESS, taken);
            seq += taken as u64;
            if !part.is_empty() {
                self.queued += taken;
                self.queue.push_back((client.clone(), part));
            }
            say(
                down,
                &ServerEvent::InputAck {
                    lane: self.lane,
                    seq,
                },
            );
            if !bytes.is_empty() {
                connection.waiting.push_front((seq, bytes));
                return;
            }
        }
    }

    /// Gives a connection the next thing to show. False if there is nothing.
    pub fn fill(&mut self, viewer: ViewerId, down: &mut Way) -> bool {
        let lane = self.lane;
        let connection = self.connections.get_mut(&viewer).expect("attached");
        if connection.closed {
            return false;
        }
        let reading = &mut connection.reading;
        let mut out = BytesMut::new();
        let begin = |out: &mut BytesMut, offset| V1.begin_output(out, lane, offset);
        match reading.read(&self.log, &mut out, begin) {
            Step::Output(offset) => {
                let message = V1.output(lane, offset, 0, out.freeze());
                let Some(Message::Binary(frame)) = message else {
                    panic!("awp.v1 has output");
                };
                down.send(&frame);
                let beyond = reading.sent() - reading.acked();
                assert!(
                    beyond <= pace::window(lane.channel),
                    "{beyond} bytes beyond the last ack"
                );
            }
            Step::Sized(offset, size) => say(down, &ServerEvent::Sized { lane, offset, size }),
            Step::Ended(offset) => say(down, &ServerEvent::Ended { lane, offset }),
            Step::Gap(from, offset) => {
                self.audience.ack(viewer, offset);
                say(down, &ServerEvent::Gap { lane, from, offset });
            }
            Step::Nothing if reading.ended() && !connection.exited => {
                connection.exited = true;
                let status = self.state.processes()[&PROCESS].clone();
                let status = status.exit.expect("the end comes with the exit");
                say(
                    down,
                    &ServerEvent::Exited {
                        process: PROCESS,
                        status,
                    },
                );
            }
            Step::Nothing if connection.exited => {
                connection.closed = true;
                down.close(CloseCode::Ended);
            }
            Step::Nothing => return false,
        }
        true
    }

    /// The screen reads all there is.
    fn fold(&mut self) {
        let (mut cursor, mut size) = self.screen;
        loop {
            match self.log.read(&mut cursor, usize::MAX, &mut BytesMut::new()) {
                Next::Bytes(_) => {}
                Next::Mark(Mark::Size(told)) => size = told,
                Next::Lost(_) => cursor = self.log.oldest(),
                // The end is not passed: whoever goes on from here has to be told of it.
                Next::Mark(Mark::End) | Next::Nothing => break,
            }
            self.screen = (cursor, size);
        }
    }

    /// The snapshot that a connection waits for, if it does, is there.
    pub fn snapshot(&mut self, viewer: ViewerId, down: &mut Way) {
        self.fold();
        let (cursor, size) = self.screen;
        let connection = self.connections.get_mut(&viewer).expect("attached");
        if !connection.reading.is_awaiting() {
            return;
        }
        let offset = cursor.offset();
        let skipped = connection.reading.arrived(cursor, size);
        self.audience.ack(viewer, offset);
        say(
            down,
            &ServerEvent::Snapshot {
                lane: self.lane,
                offset,
                size,
                skipped,
                bytes: Bytes::new(),
            },
        );
    }

    /// What must hold at every moment.
    pub fn check(&self) {
        let held = self.log.head() - self.log.tail();
        assert!(
            held <= self.log.capacity() as u64,
            "{held} bytes in the log"
        );
        assert!(self.queued <= QUEUE, "{} bytes wait", self.queued);
        assert_eq!(self.state.viewers().len(), self.connections.len());
        for connection in self.connections.values() {
            let reading = &connection.reading;
            assert!(reading.acked() <= reading.sent() && reading.sent() <= self.log.head());
            // A pipe is never skipped.
            let in_log = reading.acked() >= self.log.tail();
            let begins = reading.acked() == reading.sent();
            assert!(self.lane.channel == Channel::Tty || in_log || begins);
        }
    }
}

fn say(down: &mut Way, event: &ServerEvent) {
    match V1.event(event) {
        Some(Message::Binary(frame)) => down.send(&frame),
        _ => panic!("awp.v1 has all events"),
    }
}
