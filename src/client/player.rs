//! Shows a recording in the own terminal, at the pace at which it was made.

use std::io::{self, Write as _};
use std::time::Duration;

use tokio::signal::unix::SignalKind;
use tokio::time::{Instant, sleep_until};

use super::shown::Shown;
use super::signals::Signals;
use super::source::Source;
use super::terminal::Terminal;
use crate::model::cast::read::{Cast, Event, What};
use crate::model::screen::QueryFilter;
use crate::model::size::Size;

/// How far an arrow key goes.
const STEP: Duration = Duration::from_secs(5);

/// Keys that are read at once, in bytes.
const KEYS: usize = 64;

/// The slowest and the fastest pace.
const PACES: (f64, f64) = (0.01, 100.0);

/// What ends a player besides its keys.
const ENDING: [SignalKind; 3] = [
    SignalKind::terminate(),
    SignalKind::interrupt(),
    SignalKind::hangup(),
];

/// How it is played.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Seconds of the recording in one second.
    pub speed: f64,
    /// No pause is longer than this.
    pub idle: Option<Duration>,
}

/// Everything that was written, without what asks the terminal something.
pub fn dump(cast: &Cast) -> Vec<u8> {
    let (mut questions, mut all) = (QueryFilter::default(), Vec::new());
    for event in &cast.events {
        if let What::Output(text) = &event.what {
            questions.filter(text.as_bytes(), 0, &mut all);
        }
    }
    all.extend(questions.finish());
    all
}

/// Plays it.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn play(cast: Cast, pace: Pace) -> io::Result<()> {
    let mut signals = Signals::take(&ENDING)?;
    let terminal = Terminal::take()?;
    let mut keys = match terminal {
        Some(_) => Source::stdin(KEYS)?,
        None => Source::none(),
    };
    let mut player = Player::new(cast, pace);
    write(Shown::greeting())?;
    let ended = player.run(&mut signals, &mut keys).await;
    let farewell = player.shown.farewell();
    let left = write(&farewell);
    drop(terminal);
    ended.and(left)
}

struct Player {
    size: Size,
    events: Vec<Event>,
    next: usize,
    /// How far it has come, as of `since`; `None`: it pauses.
    position: Duration,
    since: Option<Instant>,
    speed: f64,
    questions: QueryFilter,
    shown: Shown,
}

impl Player {
    fn new(cast: Cast, pace: Pace) -> Self {
        let idle = [pace.idle, cast.idle_limit].into_iter().flatten().min();
        Self {
            size: cast.size,
            events: shortened(cast.events, idle),
            next: 0,
            position: Duration::ZERO,
            since: Some(Instant::now()),
            speed: pace.speed.clamp(PACES.0, PACES.1),
            questions: QueryFilter::default(),
            shown: Shown::new(cast.size),
        }
    }

    async fn run(&mut self, signals: &mut Signals, keys: &mut Source) -> io::Result<()> {
        while self.next < self.events.len() {
            let due = self.since.map(|since| {
                let left = self.events[self.next].at.saturating_sub(self.position);
                since + left.div_f64(self.speed)
            });
            tokio::select! {
                biased;
                _ = signals.next() => return Ok(()),
                typed = keys.next(), if keys.is_open() => {
                    if !self.typed(&typed?)? {
                        return Ok(());
                    }
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.now();
                    self.show()?;
                }
            }
        }
        Ok(())
    }

    /// Shows the next event.
    fn show(&mut self) -> io::Result<()> {
        let Some(event) = self.events.get(self.next) else {
            return Ok(());
        };
        self.position = self.position.max(event.at);
        let mut bytes = Vec::new();
        take(&mut self.shown, &mut self.questions, event, &mut bytes);
        self.next += 1;
        write(&bytes)
    }

    /// Does what a key says; false: no more.
    fn typed(&mut self, keys: &[u8]) -> io::Result<bool> {
        let mut rest = keys;
        while let Some(first) = rest.first() {
            let position = self.now();
            let arrow = rest
                .get(..3)
                .filter(|key| matches!(key, [0x1b, b'[' | b'O', _]));
            let length = arrow.map_or(1, <[u8]>::len);
            match (arrow.map(|key| key[2]), *first) {
                (Some(b'C'), _) => self.seek(position + STEP)?,
                (Some(b'D'), _) => self.seek(position.saturating_sub(STEP))?,
                (None, b'q' | 3) => return Ok(false),
                (None, b' ') => {
                    self.since = match self.since {
                        Some(_) => None,
                        None => Some(Instant::now()),
                    };
                }
                (None, b'+') => self.speed = (self.speed * 2.0).min(PACES.1),
                (None, b'-') => self.speed = (self.speed / 2.0).max(PACES.0),
                _ => {}
            }
            rest = &rest[length..];
        }
        Ok(true)
    }

    /// How far it has come now; from here on it is counted from here.
    fn now(&mut self) -> Duration {
        if let Some(since) = &mut self.since {
            let now = Instant::now();
            self.position += now.duration_since(*since).mul_f64(self.speed);
            *since = now;
        }
        self.position
    }

    /// Goes to this place: what was on the screen then is drawn at once.
    fn seek(&mut self, to: Duration) -> io::Result<()> {
        let gone = self.shown.farewell();
        (self.shown, self.questions) = (Shown::new(self.size), QueryFilter::default());
        self.next = self.events.partition_point(|event| event.at <= to);
        self.position = to;
        let mut unseen = Vec::new();
        for event in &self.events[..self.next] {
            unseen.clear();
            take(&mut self.shown, &mut self.questions, event, &mut unseen);
        }
        let again = self.shown.again();
        write(&[gone, again].concat())
    }
}

fn write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// Takes an event in; what is to be written for it goes into `bytes`.
fn take(shown: &mut Shown, questions: &mut QueryFilter, event: &Event, bytes: &mut Vec<u8>) {
    match &event.what {
        What::Output(text) => questions.filter(text.as_bytes(), 0, bytes),
        What::Resize(size) => shown.resize(*size),
        What::Marker(_) | What::Exit(_) => {}
    }
    shown.wrote(bytes);
}

/// The same, with no pause longer than `idle`.
fn shortened(mut events: Vec<Event>, idle: Option<Duration>) -> Vec<Event> {
    let Some(idle) = idle else {
        return events;
    };
    let (mut before, mut cut) = (Duration::ZERO, Duration::ZERO);
    for event in &mut events {
        cut += event.at.saturating_sub(before).saturating_sub(idle);
        before = event.at;
        event.at -= cut;
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: u64, text: &str) -> Event {
        Event {
            at: Duration::from_secs(at),
            what: What::Output(text.to_owned()),
        }
    }

    #[test]
    fn pauses_are_shortened_and_going_back_draws_what_was_there() {
        let events = vec![
            event(1, "one"),
            event(10, "\x1b[2J\x1b[Htwo"),
            event(11, "three"),
        ];
        let times = |events: &[Event]| -> Vec<u64> {
            events.iter().map(|event| event.at.as_secs()).collect()
        };
        let idle = Some(Duration::from_secs(2));
        assert_eq!(times(&shortened(events.clone(), idle)), [1, 3, 4]);
        assert_eq!(times(&shortened(events.clone(), None)), [1, 10, 11]);
        let mut shown = Shown::new(Size::DEFAULT);
        let (mut questions, mut bytes) = (QueryFilter::default(), Vec::new());
        take(&mut shown, &mut questions, &events[0], &mut bytes);
        take(&mut shown, &mut questions, &event(2, "\x1b[6n"), &mut bytes);
        // A question that the own terminal would answer is not put to it.
        assert_eq!(bytes, b"one");
        let again = shown.again().escape_ascii().to_string();
        assert!(again.contains("one") && !again.contains("two"), "{again}");
    }
}
