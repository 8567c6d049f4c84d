//! Which process groups belong to a Unix session: one look at `/proc` for all who ask at once.
//!
//! A look costs some microseconds per process on the machine. When many sessions end together,
//! their questions are gathered while a look is under way and answered by the next one.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::io::Errno;
use rustix::process::Pid;
use tokio::sync::oneshot;

/// Descriptors that a look takes: the folder, and one process's line at a time.
const DESCRIPTORS: usize = 2;

/// Answers which process groups a session still has.
pub struct Sweep {
    state: Mutex<State>,
    /// Held back for looks: a server that has no descriptor left must still be able to end what
    /// holds them.
    spare: Mutex<Vec<File>>,
}

impl Default for Sweep {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            spare: Mutex::new(spare()),
        }
    }
}

fn spare() -> Vec<File> {
    let one = || File::open("/dev/null").ok();
    std::iter::repeat_with(one)
        .take(DESCRIPTORS)
        .flatten()
        .collect()
}

#[derive(Default)]
struct State {
    questions: Vec<Question>,
    looking: bool,
}

struct Question {
    leader: i32,
    /// The leader was reaped: a living process with its id is another's, and then nothing of the
    /// session is left, for the kernel gives no id away while a group or session bears it.
    reaped: bool,
    answer: oneshot::Sender<Vec<Pid>>,
}

impl Sweep {
    /// The process groups with a living member in the session that `leader` started; `reaped` says
    /// that the leader itself has ended.
    pub async fn groups(self: &Arc<Self>, leader: Pid, reaped: bool) -> Vec<Pid> {
        let (answer, answered) = oneshot::channel();
        let start = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.questions.push(Question {
                leader: leader.as_raw_nonzero().get(),
                reaped,
                answer,
            });
            !std::mem::replace(&mut state.looking, true)
        };
        if start {
            // A thread of its own for each look, not one of the runtime's, which panics where none is
            // to be had. Then it is this one that looks: what holds the threads must still end.
            let sweep = Arc::clone(self);
            let thread = thread::Builder::new().name("awp-sweep".to_owned());
            if thread.spawn(move || sweep.look()).is_err() {
                self.look();
            }
        }
        answered.await.unwrap_or_default()
    }

    /// Every process; where no descriptor is left, by way of those held back.
    fn members(&self) -> io::Result<Vec<Member>> {
        living().or_else(|_| {
            let mut spared = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
            spared.clear();
            let members = living();
            *spared = spare();
            members
        })
    }

    /// Looks until nobody asks any more.
    fn look(&self) {
        loop {
            let questions = {
                let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                if state.questions.is_empty() {
                    state.looking = false;
                    return;
                }
                std::mem::take(&mut state.questions)
            };
            let mut groups: HashMap<i32, BTreeSet<i32>> = questions
                .iter()
                .map(|question| (question.leader, BTreeSet::new()))
                .collect();
            let mut alive = BTreeSet::new();
            let members = self.members();
            if members.is_err() {
                // What is known without looking: the group that the leader leads.
                for question in questions.iter().filter(|question| !question.reaped) {
                    let group = groups.entry(question.leader).or_default();
                    group.insert(question.leader);
                }
            }
            for Member {
                pid,
                group,
                session,
            } in members.into_iter().flatten()
            {
                if let Some(found) = groups.get_mut(&session) {
                    found.insert(group);
                }
                if groups.contains_key(&pid) {
                    alive.insert(pid);
                }
            }
            for Question {
                leader,
                reaped,
                answer,
            } in questions
            {
                let reused = reaped && alive.contains(&leader);
                let found = groups
                    .get(&leader)
                    .filter(|_| !reused)
                    .into_iter()
                    .flatten();
                let _ = answer.send(found.filter_map(|group| Pid::from_raw(*group)).collect());
            }
        }
    }
}

/// A process, and what it belongs to.
#[derive(Debug, PartialEq, Eq)]
struct Member {
    pid: i32,
    group: i32,
    session: i32,
}

/// Every process that is not a zombie.
///
/// # Errors
/// Where there is no descriptor to look with: what is missing then is not gone.
fn living() -> io::Result<Vec<Member>> {
    let mut members = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let name = entry.file_name();
        let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        match fs::read_to_string(entry.path().join("stat")) {
            Ok(stat) => members.extend(parse(pid, &stat)),
            Err(error) => {
                let none_left = [Errno::MFILE, Errno::NFILE];
                if Errno::from_io_error(&error).is_some_and(|errno| none_left.contains(&errno)) {
                    return Err(error);
                }
            }
        }
    }
    Ok(members)
}

/// Reads session and group out of `/proc/PID/stat` (proc(5)): the command in parentheses may hold
/// anything, so the fields are counted from the last one; then state, parent, group, session.
fn parse(pid: i32, stat: &str) -> Option<Member> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    let group = fields.nth(1)?.parse().ok()?;
    let session = fields.next()?.parse().ok()?;
    (!matches!(state, "Z" | "X")).then_some(Member {
        pid,
        group,
        session,
    })
}

/// The Unix session of a living process: the number of its leader, or `None` where that is a process
/// of the world around the container that we are in. getsid(2) says 0 then, which is no process, and
/// what wraps it does not expect that.
///
/// # Errors
/// When there is no such process.
pub fn session_of(pid: Pid) -> io::Result<Option<Pid>> {
    let pid = pid.as_raw_nonzero().get();
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let member = parse(pid, &stat).ok_or(io::ErrorKind::NotFound)?;
    Ok(Pid::from_raw(member.session))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn a_session_is_told_of_whoever_lives() {
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        let own = parse(1, &stat).unwrap().session;
        let told = session_of(rustix::process::getpid()).unwrap();
        assert_eq!(told, Pid::from_raw(own));
        assert!(session_of(Pid::from_raw(i32::MAX).unwrap()).is_err());
    }

    #[test]
    fn a_line_of_proc_is_read_whatever_the_command_is_called() {
        let member = Member {
            pid: 42,
            group: 40,
            session: 39,
        };
        assert_eq!(parse(42, "42 (a) b) c) S 1 40 39 0 -1"), Some(member));
        assert_eq!(parse(42, "42 (dead) Z 1 40 39 0 -1"), None);
        assert_eq!(parse(42, "nonsense"), None);
    }

    #[tokio::test]
    async fn a_new_session_has_the_group_of_its_leader() {
        let mut child = Command::new("setsid")
            .args(["sh", "-c", "echo $$; read -r _"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("setsid starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("its output"))
            .read_line(&mut line)
            .expect("the shell names itself");
        let leader = Pid::from_raw(line.trim().parse().expect("a number")).expect("a process");
        let groups = Arc::new(Sweep::default()).groups(leader, false).await;
        assert_eq!(groups, [leader]);
        drop(child.stdin.take());
        child.wait().expect("setsid ends");
    }
}
