//! Moves bytes between an attached process and this process's own stdin, stdout and stderr, until
//! one of them has had enough. A terminal is shown in ours; pipes come out as they are.

use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::signal::unix::SignalKind;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::conversation::{Conversation, Heard};
use super::detach::{DetachKeys, Watch};
use super::error::ClientError;
pub use super::outcome::Outcome;
use super::outcome::Refusals;
use super::outlet::{OUTLETS, Outlet, Written};
use super::shown::Shown;
use super::signals::Signals;
use super::source::Source;
use super::terminal::{self, Terminal};
use crate::model::channel::{Channel, Lane};
use crate::model::id::ProcessId;
use crate::model::mode::Mode;
use crate::model::pace::PIPE_WINDOW;
use crate::model::screen::QueryFilter;
use crate::model::size::Size;
use crate::wire::message::ClientMessage;

/// What a terminal's key for the end of input sends, as terminals begin.
const END_OF_INPUT: &[u8] = b"\x04";

/// How long a terminal may take to show what is on its way to it before we leave. One that shows
/// nothing, because it was halted, is left as it is.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Bytes written out of a pipe that are acknowledged at once: an eighth of what may be on its way.
const ACK_BYTES: u64 = PIPE_WINDOW / 8;

/// After this long less is, too.
const ACK_DELAY: Duration = Duration::from_millis(50);

/// The signals that are passed on, by the names that the wire has for them.
const FORWARDED: [(SignalKind, &str); 3] = [
    (SignalKind::interrupt(), "INT"),
    (SignalKind::terminate(), "TERM"),
    (SignalKind::hangup(), "HUP"),
];

/// What becomes of the signals that would end this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSignal {
    /// They are sent on to the process: we stand in for it.
    Forward,
    /// They end the relay.
    Leave,
}

/// How a relay is set up.
pub struct Settings {
    /// The process that is attached.
    pub process: ProcessId,
    /// How it is connected.
    pub mode: Mode,
    /// Its terminal's size, if it has one.
    pub size: Size,
    /// What is typed is not passed on.
    pub read_only: bool,
    /// The keys that detach, where our terminal is raw.
    pub keys: DetachKeys,
    /// What becomes of signals.
    pub on_signal: OnSignal,
    /// Whether every byte must come through; a viewer can do with less.
    pub whole: bool,
}

/// Bytes on their way, both ways.
pub struct Relay {
    conversation: Conversation,
    settings: Settings,
    terminal: Option<Terminal>,
    /// What our terminal shows, if it is one that shows anything.
    shown: Option<Shown>,
    /// It was given back, and is to show everything again.
    given_back: bool,
    watch: Option<Watch>,
    source: Source,
    outlets: Vec<Outlet>,
    written: mpsc::Receiver<Written>,
    signals: Signals,
    /// Takes out what programs ask the terminal: the server answers, and ours would as well.
    questions: QueryFilter,
    over: Option<Outcome>,
    refusals: Refusals,
    /// When to say what was written and not told yet.
    ack_due: Option<Instant>,
}

enum Event {
    Signal(SignalKind),
    Written(Option<Written>),
    Heard(Result<Heard, ClientError>),
    Typed(std::io::Result<Bytes>),
    AckDue,
}

impl Relay {
    /// Takes over stdin, stdout and stderr; a terminal on stdin becomes raw if the process has one.
    ///
    /// # Errors
    /// When there is no thread to be had, or the terminal refuses.
    pub fn new(
        conversation: Conversation,
        signals: Signals,
        settings: Settings,
    ) -> std::io::Result<Self> {
        let (report, written) = mpsc::channel(OUTLETS);
        let outlets = settings.mode.outputs().iter();
        let outlets = outlets.map(|channel| Outlet::new(*channel, report.clone()));
        let outlets = outlets.collect::<Result<_, _>>()?;
        let terminal = match settings.mode {
            Mode::Pty | Mode::PtyErr if settings.on_signal == OnSignal::Leave => Terminal::take()?,
            _ => None,
        };
        let watch = terminal.as_ref().map(|_| Watch::new(settings.keys.clone()));
        // Who may not type reads the keyboard only for the keys that detach.
        let source = if settings.read_only && watch.is_none() {
            Source::none()
        } else {
            Source::stdin(Source::piece(settings.mode))?
        };
        let shows = terminal.is_some() && terminal::shows();
        let mut relay = Self {
            conversation,
            shown: shows.then(|| Shown::new(settings.size)),
            given_back: false,
            settings,
            terminal,
            watch,
            source,
            outlets,
            written,
            signals,
            questions: QueryFilter::default(),
            over: None,
            refusals: Refusals::default(),
            ack_due: None,
        };
        if shows {
            relay.show(Shown::greeting());
        }
        Ok(relay)
    }

    /// The signals that a relay of this kind takes: to be taken before there is anything that they
    /// could leave behind.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn signals(on_signal: OnSignal) -> std::io::Result<Signals> {
        let ends = FORWARDED.iter().map(|(kind, _)| *kind);
        let more = [
            SignalKind::quit(),
            SignalKind::window_change(),
            SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()),
            SignalKind::from_raw(rustix::process::Signal::CONT.as_raw()),
        ];
        let more = more.into_iter().filter(|_| on_signal == OnSignal::Leave);
        let kinds: Vec<SignalKind> = ends.chain(more).collect();
        Signals::take(&kinds)
    }

    /// Moves bytes until it is over.
    ///
    /// # Errors
    /// When the connection is lost, or stdin or stdout fail.
    pub async fn run(mut self) -> Result<Outcome, ClientError> {
        let outcome = self.relay().await;
        self.give_back().await;
        outcome
    }

    async fn relay(&mut self) -> Result<Outcome, ClientError> {
        loop {
            if let Some(outcome) = &self.over
                && self.outlets.iter().all(Outlet::is_idle)
            {
                return self.refusals.judge(outcome.clone());
            }
            let outcome = match self.event().await {
                Event::Signal(kind) => self.signalled(kind).await?,
                Event::Written(written) => self.written(written)?,
                Event::Heard(heard) => {
                    self.heard(heard?)?;
                    None
                }
                Event::Typed(piece) => self.typed(piece)?,
                Event::AckDue => {
                    self.acknowledge_all()?;
                    None
                }
            };
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
        }
    }

    async fn event(&mut self) -> Event {
        let listening = self.over.is_none();
        let due = self.ack_due;
        let piece = Source::piece(self.settings.mode);
        let reading = listening && self.source.is_open() && self.conversation.room() >= piece;
        // What came together is written together: handing it over costs more than the bytes.
        if listening
            && !self.outlets.iter().all(Outlet::is_idle)
            && let Some(heard) = self.conversation.next().now_or_never()
        {
            return Event::Heard(heard);
        }
        self.outlets.iter_mut().for_each(Outlet::write);
        tokio::select! {
            biased;
            kind = self.signals.next() => Event::Signal(kind),
            written = self.written.recv() => Event::Written(written),
            heard = self.conversation.next(), if listening => Event::Heard(heard),
            piece = self.source.next(), if reading => Event::Typed(piece),
            () = later(due), if self.ack_due.is_some() => Event::AckDue,
        }
    }

    async fn signalled(&mut self, kind: SignalKind) -> Result<Option<Outcome>, ClientError> {
        if kind == SignalKind::window_change() {
            self.tell_size()?;
            return Ok(None);
        }
        if kind.as_raw_value() == rustix::process::Signal::TSTP.as_raw() {
            self.give_back().await;
            let stopped = match &self.terminal {
                Some(terminal) => terminal.suspend(),
                None => terminal::stop(),
            };
            stopped.map_err(|error| failed("terminal", &error))?;
            self.tell_size()?;
            return Ok(None);
        }
        if kind.as_raw_value() == rustix::process::Signal::CONT.as_raw() {
            if let Some(terminal) = &self.terminal {
                terminal
                    .enter()
                    .map_err(|error| failed("terminal", &error))?;
            }
            if std::mem::take(&mut self.given_back)
                && let Some(shown) = &self.shown
            {
                let again = shown.again();
                self.show(&again);
            }
            return Ok(None);
        }
        if self.settings.on_signal == OnSignal::Leave {
            return Ok(Some(Outcome::Signalled(kind.as_raw_value())));
        }
        if let Some((_, name)) = FORWARDED.iter().find(|(known, _)| *known == kind) {
            self.conversation.say(&ClientMessage::Signal {
                process: self.settings.process,
                name: (*name).to_owned(),
            })?;
        }
        Ok(None)
    }

    /// Writes this for our terminal alone.
    fn show(&mut self, bytes: &[u8]) {
        if let Some(outlet) = self.outlet(Channel::Tty) {
            outlet.add(Bytes::copy_from_slice(bytes));
        }
    }

    /// Takes back what was set on our terminal, once everything before it is written.
    async fn give_back(&mut self) {
        let Some(shown) = self.shown.as_ref().filter(|_| !self.given_back) else {
            return;
        };
        let farewell = shown.farewell();
        self.show(&farewell);
        self.given_back = true;
        self.outlets.iter_mut().for_each(Outlet::write);
        let writing = async {
            while !self.outlets.iter().all(Outlet::is_idle) {
                match self.written.recv().await {
                    Some(Written {
                        channel,
                        result: Ok(()),
                    }) => {
                        if let Some(outlet) = self.outlet(channel) {
                            outlet.written();
                        }
                    }
                    // There is nothing left to be given back.
                    _ => return,
                }
            }
        };
        let _ = tokio::time::timeout(LAST_WORDS, writing).await;
    }

    fn tell_size(&mut self) -> Result<(), ClientError> {
        let counts = self.settings.mode.has_terminal() && !self.settings.read_only;
        match terminal::size().filter(|_| counts && self.over.is_none()) {
            Some(size) => self.conversation.say(&ClientMessage::Resize {
                process: Some(self.settings.process),
                cols: size.cols,
                rows: size.rows,
            }),
            None => Ok(()),
        }
    }

    fn written(&mut self, written: Option<Written>) -> Result<Option<Outcome>, ClientError> {
        let Some(Written { channel, result }) = written else {
            return Ok(Some(Outcome::OutputClosed));
        };
        match result {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                return Ok(Some(Outcome::OutputClosed));
            }
            Err(error) => return Err(failed(channel.name(), &error)),
        }
        let least = match channel {
            Channel::Tty => 1,
            _ => ACK_BYTES,
        };
        if let Some(outlet) = self.outlet(channel) {
            outlet.written();
        }
        self.acknowledge(channel, least)?;
        // What is left is told with what comes next, or a little later.
        let due = || Instant::now() + ACK_DELAY;
        self.ack_due = self.ack_due.or_else(|| (least > 1).then(due));
        Ok(None)
    }

    /// Says what was written of a channel, where it is so many bytes or more.
    fn acknowledge(&mut self, channel: Channel, least: u64) -> Result<(), ClientError> {
        let lane = Lane {
            process: self.settings.process,
            channel,
        };
        let written = self.outlet(channel).and_then(|outlet| outlet.ack(least));
        match written.filter(|_| self.over.is_none()) {
            Some(offset) => self.conversation.ack(lane, offset),
            None => Ok(()),
        }
    }

    /// Says what was written of every channel.
    fn acknowledge_all(&mut self) -> Result<(), ClientError> {
        self.ack_due = None;
        for channel in self.settings.mode.outputs() {
            self.acknowledge(*channel, 1)?;
        }
        Ok(())
    }

    fn heard(&mut self, heard: Heard) -> Result<(), ClientError> {
        match heard {
            Heard::Output {
                lane,
                offset,
                bytes,
            } => {
                let whole = self.settings.whole;
                let end = offset + bytes.len() as u64;
                let shown = self.seen(lane.channel, bytes);
                if let Some(outlet) = self.outlet(lane.channel) {
                    let expected = outlet.position().or(whole.then_some(0));
                    if expected.is_some_and(|expected| expected != offset) {
                        return Err(missing(lane.channel));
                    }
                    outlet.put(shown, end);
                }
            }
            Heard::Snapshot {
                lane,
                offset,
                size,
                bytes,
            } => {
                self.questions = QueryFilter::default();
                let bytes = match &mut self.shown {
                    Some(shown) => shown.replace(size, &bytes),
                    None => Shown::new(size).replace(size, &bytes),
                };
                if let Some(outlet) = self.outlet(lane.channel) {
                    outlet.put(bytes.into(), offset);
                }
            }
            Heard::Sized(lane, size) => {
                if let Some(shown) = self.shown.as_mut().filter(|_| lane.channel == Channel::Tty) {
                    shown.resize(size);
                }
            }
            Heard::Gap { lane, from, offset } => {
                if self.settings.whole && offset > from {
                    return Err(missing(lane.channel));
                }
                if let Some(outlet) = self.outlet(lane.channel) {
                    outlet.put(Bytes::new(), offset);
                }
            }
            Heard::Room => {}
            Heard::InputClosed => self.source.close(),
            Heard::Refused { code, message } => self.refusals.add(code, &message),
            Heard::Exit(status) => self.over = Some(Outcome::Ended(Some(status))),
            Heard::Over => self.over = Some(Outcome::Ended(None)),
        }
        Ok(())
    }

    /// What the own terminal is to see of some output.
    fn seen(&mut self, channel: Channel, mut bytes: Bytes) -> Bytes {
        if channel != Channel::Tty {
            return bytes;
        }
        if !self.questions.passes(&bytes, 0) {
            let mut rest = Vec::with_capacity(bytes.len());
            self.questions.filter(&bytes, 0, &mut rest);
            bytes = rest.into();
        }
        if let Some(shown) = &mut self.shown {
            shown.wrote(&bytes);
        }
        bytes
    }

    fn typed(&mut self, piece: std::io::Result<Bytes>) -> Result<Option<Outcome>, ClientError> {
        let piece = piece.map_err(|error| failed("stdin", &error))?;
        if piece.is_empty() {
            return match self.settings.mode {
                // A terminal that is gone takes its viewer with it.
                Mode::Pty | Mode::PtyErr if self.terminal.is_some() => Ok(Some(Outcome::Detached)),
                _ if self.settings.read_only => Ok(None),
                Mode::Pty | Mode::PtyErr => self
                    .conversation
                    .input(Bytes::from_static(END_OF_INPUT))
                    .map(|()| None),
                Mode::Pipe | Mode::Lines | Mode::Json => {
                    self.conversation.end_input().map(|()| None)
                }
            };
        }
        let (bytes, detach) = match &mut self.watch {
            Some(watch) => {
                let typed = watch.typed(&piece);
                (Bytes::from(typed.passed), typed.detach)
            }
            None => (piece, false),
        };
        if !bytes.is_empty() && !self.settings.read_only {
            self.conversation.input(bytes)?;
        }
        Ok(detach.then_some(Outcome::Detached))
    }

    fn outlet(&mut self, channel: Channel) -> Option<&mut Outlet> {
        self.outlets
            .iter_mut()
            .find(|outlet| outlet.channel() == channel)
    }
}

/// Waits until then, once there is such a time.
async fn later(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due).await;
    }
}

fn failed(what: &str, error: &std::io::Error) -> ClientError {
    ClientError::Failed(format!("{what}: {error}"))
}

fn missing(channel: Channel) -> ClientError {
    ClientError::Failed(format!("{}: a part of the output was lost", channel.name()))
}
