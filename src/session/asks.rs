//! Questions of a session's programs that wait for a person's answer, and files that they offer.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::target::Target;

/// Questions of a session that wait at once: a person answers one after the other.
pub const MAX_WAITING: usize = 8;

/// Files that are offered at once: each holds a descriptor. The oldest gives way.
pub const MAX_OFFERS: usize = 8;

/// How long an offer stands: as long as somebody who is there takes to decide.
pub const OFFER_TIME: Duration = Duration::from_secs(10 * 60);

/// What a person answered.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// Yes, with what they typed where that was asked for.
    Accepted(Option<String>),
    /// A file, which is there now.
    File {
        /// Where.
        path: String,
        /// Its bytes.
        size: u64,
    },
    /// No.
    Declined,
}

/// What a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A secret.
    Secret,
    /// Yes or no.
    Confirm,
    /// A file.
    File,
}

impl Answer {
    /// Whether this can be the answer to such a question.
    const fn fits(&self, about: About) -> bool {
        match self {
            Self::Declined => true,
            Self::Accepted(Some(_)) => matches!(about, About::Secret),
            Self::Accepted(None) => matches!(about, About::Confirm),
            Self::File { .. } => matches!(about, About::File),
        }
    }
}

struct Waiting {
    ask: u64,
    about: About,
    /// Where the file goes; `None`: to a folder of its own.
    target: Option<Target>,
    answer: oneshot::Sender<Answer>,
}

/// A file that is offered.
#[derive(Clone)]
pub struct Offered {
    /// The file, open.
    pub file: Arc<File>,
    /// What it is called.
    pub name: String,
}

/// The questions and offers of one session.
#[derive(Default)]
pub(super) struct Asks {
    newest: u64,
    waiting: Vec<Waiting>,
    offers: Vec<(u64, Instant, Offered)>,
}

impl Asks {
    /// Takes a question; `None` where too many wait already.
    pub(super) fn ask(&mut self, about: About) -> Option<(u64, oneshot::Receiver<Answer>)> {
        self.waiting.retain(|waiting| !waiting.answer.is_closed());
        if self.waiting.len() >= MAX_WAITING {
            return None;
        }
        self.newest += 1;
        let (answer, answered) = oneshot::channel();
        let ask = self.newest;
        self.waiting.push(Waiting {
            ask,
            about,
            target: None,
            answer,
        });
        Some((ask, answered))
    }

    /// What a question that waits is about.
    pub(super) fn about(&self, ask: u64) -> Option<About> {
        let found = self.waiting.iter().find(|waiting| waiting.ask == ask)?;
        (!found.answer.is_closed()).then_some(found.about)
    }

    /// Says where the file goes that a question is about.
    pub(super) fn aim(&mut self, ask: u64, target: Option<Target>) {
        if let Some(found) = self.waiting.iter_mut().find(|waiting| waiting.ask == ask) {
            found.target = target;
        }
    }

    /// Where the file goes that a question is about, if its program has said so.
    pub(super) fn target(&self, ask: u64) -> Option<Target> {
        let found = self.waiting.iter().find(|waiting| waiting.ask == ask)?;
        found.target.clone()
    }

    /// Answers a question; false where it does not wait, or for something else.
    pub(super) fn answer(&mut self, ask: u64, answer: Answer) -> bool {
        let fits = |waiting: &Waiting| waiting.ask == ask && answer.fits(waiting.about);
        let Some(at) = self.waiting.iter().position(fits) else {
            return false;
        };
        self.waiting.swap_remove(at).answer.send(answer).is_ok()
    }

    /// Forgets a question.
    pub(super) fn withdraw(&mut self, ask: u64) {
        self.waiting.retain(|waiting| waiting.ask != ask);
    }

    /// Offers a file.
    pub(super) fn offer(&mut self, offered: Offered, now: Instant) -> u64 {
        self.expire(now);
        if self.offers.len() >= MAX_OFFERS {
            self.offers.remove(0);
        }
        self.newest += 1;
        self.offers.push((self.newest, now + OFFER_TIME, offered));
        self.newest
    }

    /// A file that is offered.
    pub(super) fn offered(&mut self, offer: u64, now: Instant) -> Option<Offered> {
        self.expire(now);
        let found = self.offers.iter().find(|(number, ..)| *number == offer);
        found.map(|(.., offered)| offered.clone())
    }

    /// A file was taken: once is enough.
    pub(super) fn taken(&mut self, offer: u64) {
        self.offers.retain(|(number, ..)| *number != offer);
    }

    /// Lets go of what was offered too long ago.
    pub(super) fn expire(&mut self, now: Instant) {
        self.offers.retain(|(_, until, _)| *until > now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_fits_its_question_and_counts_once() {
        let mut asks = Asks::default();
        let (secret, mut told) = asks.ask(About::Secret).expect("room");
        let (file, _waits) = asks.ask(About::File).expect("room");
        assert!(!asks.answer(secret, Answer::Accepted(None)));
        assert!(!asks.answer(file, Answer::Accepted(Some("x".to_owned()))));
        assert!(!asks.answer(99, Answer::Declined));
        assert!(asks.answer(secret, Answer::Accepted(Some("x".to_owned()))));
        assert!(!asks.answer(secret, Answer::Declined));
        assert_eq!(told.try_recv(), Ok(Answer::Accepted(Some("x".to_owned()))));
        asks.withdraw(file);
        assert_eq!(asks.about(file), None);
    }

    #[test]
    fn so_many_wait_and_who_no_longer_does_makes_room() {
        let mut asks = Asks::default();
        let mut held: Vec<_> = (0..MAX_WAITING)
            .map(|_| asks.ask(About::Confirm).expect("room"))
            .collect();
        assert!(asks.ask(About::Confirm).is_none());
        held.pop();
        assert!(asks.ask(About::Confirm).is_some());
    }

    #[tokio::test]
    async fn offers_are_bounded_in_number_and_time() {
        let mut asks = Asks::default();
        let now = Instant::now();
        let file = Arc::new(File::open("/dev/null").expect("a file"));
        let offered = || Offered {
            file: Arc::clone(&file),
            name: "a".to_owned(),
        };
        let first = asks.offer(offered(), now);
        let others: Vec<_> = (0..MAX_OFFERS)
            .map(|_| asks.offer(offered(), now))
            .collect();
        assert!(asks.offered(first, now).is_none());
        assert!(asks.offered(others[0], now).is_some());
        assert!(asks.offered(others[0], now + OFFER_TIME).is_none());
        assert_eq!(Arc::strong_count(&file), 1);
    }
}
