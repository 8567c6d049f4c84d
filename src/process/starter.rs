//! The threads that start programs, each with a table of descriptors of its own that is next to
//! empty.
//!
//! Starting a child copies the table of descriptors of the thread that asks for it, and the child
//! closes what it was given: with thousands of sessions that is most of what a start costs. So each
//! thread that sessions live on has another one start its programs. It is a thread and no process,
//! so that children stay the server's own, to be waited for and ended like any other; the memory is
//! shared, so only the child's ends of pipes have to be passed, over a socket. Where such a thread
//! is not to be had, programs are started without one, and cost what they cost.

use std::cell::RefCell;
use std::ffi::{CStr, CString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};
use rustix::process::Pid;

use super::program;
use super::spawn::{self, Image, Stdio};

/// The most descriptors that a child is given: its input, output and errors.
const GIVEN: usize = 3;

/// Requests and answers under way: who asks waits for the answer.
const ONE: usize = 1;

/// Set once the system has refused a thread a table of its own: before Linux 5.9, or in a sandbox.
static UNABLE: AtomicBool = AtomicBool::new(false);

/// A descriptor, and the number that it has in the child.
type Given = (OwnedFd, RawFd);

/// What is asked of a starter.
struct Request {
    image: Image,
    terminal: Option<CString>,
    /// The numbers in the child of the descriptors that were sent, in their order.
    numbers: Vec<RawFd>,
}

/// A thread that starts programs, as the one that asks it holds it. It ends when this is dropped.
struct Starter {
    requests: SyncSender<Request>,
    /// Where descriptors are sent, before the request that they belong to.
    socket: OwnedFd,
    answers: Receiver<io::Result<Pid>>,
}

thread_local! {
    /// This thread's starter, from its first start on.
    static STARTER: RefCell<Option<Starter>> = const { RefCell::new(None) };
}

/// Makes this thread's starter, where there is none, so that its first start costs no more than the
/// others. Where none is to be had, the first start will find that out.
pub(super) fn prepare() {
    STARTER.with_borrow_mut(|starter| {
        if starter.is_none() {
            *starter = Starter::new().ok();
        }
    });
}

/// Starts a child, and waits until it has become the program.
///
/// # Errors
/// When it cannot be started; then nothing was.
pub(super) fn start(image: Image, stdio: Stdio<'_>) -> io::Result<Pid> {
    let (terminal, given) = match stdio {
        Stdio::Terminal { slave, stderr } => {
            let path = CString::new(slave.path.as_os_str().as_encoded_bytes())?;
            (Some(path), stderr.into_iter().map(|end| (end, 2)).collect())
        }
        Stdio::Pipes {
            stdin,
            stdout,
            stderr,
        } => (None, vec![(stdin, 0), (stdout, 1), (stderr, 2)]),
    };
    STARTER.with_borrow_mut(|starter| started(starter, image, terminal, &given))
}

/// Has the starter do it, another one if that has come to an end, and nobody if there is none.
fn started(
    starter: &mut Option<Starter>,
    image: Image,
    terminal: Option<CString>,
    given: &[Given],
) -> io::Result<Pid> {
    let asked = match starter.take() {
        Some(starter) => Ok(starter),
        None => Starter::new(),
    };
    let Ok(ready) = asked else {
        return execute(image, terminal.as_deref(), given);
    };
    match ready.ask(image, terminal, given) {
        Ok(answer) => {
            *starter = Some(ready);
            answer
        }
        // Nothing was started. The next one gets a new starter.
        Err(request) => execute(request.image, request.terminal.as_deref(), given),
    }
}

impl Starter {
    /// Makes the thread.
    ///
    /// # Errors
    /// When the system has none, or none with a table of its own.
    fn new() -> io::Result<Self> {
        if UNABLE.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let (socket, other) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )?;
        let (requests, asked) = sync_channel(ONE);
        let (answer, answers) = sync_channel(ONE);
        let (ready, waiting) = sync_channel(ONE);
        let number = other.as_raw_fd();
        let body = move || {
            let socket = spawn::keep_only(number);
            // Only from here on may the other thread close its own.
            let able = ready.send(socket.is_ok());
            if let (Ok(socket), Ok(())) = (socket, able) {
                serve(&socket, &asked, &answer);
            }
        };
        thread::Builder::new()
            .name("awp-starter".to_owned())
            .spawn(body)?;
        if waiting.recv() != Ok(true) {
            UNABLE.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(Self {
            requests,
            socket,
            answers,
        })
    }

    /// Asks for a start and waits for its answer; gives back what it could not ask.
    fn ask(
        &self,
        image: Image,
        terminal: Option<CString>,
        given: &[Given],
    ) -> Result<io::Result<Pid>, Request> {
        let request = Request {
            image,
            terminal,
            numbers: given.iter().map(|(_, number)| *number).collect(),
        };
        if !given.is_empty() && send(&self.socket, given).is_err() {
            return Err(request);
        }
        self.requests.send(request).map_err(|unsent| unsent.0)?;
        let ended = |_| io::Error::other("the thread that starts programs has ended");
        Ok(self.answers.recv().map_err(ended).and_then(|answer| answer))
    }
}

/// Starts what is asked for, until nobody is left who asks.
fn serve(socket: &OwnedFd, requests: &Receiver<Request>, answers: &SyncSender<io::Result<Pid>>) {
    for request in requests {
        let Request {
            image,
            terminal,
            numbers,
        } = request;
        let given = match numbers.len() {
            0 => Ok(Vec::new()),
            _ => receive(socket, &numbers),
        };
        let answer = given.and_then(|given| execute(image, terminal.as_deref(), &given));
        if answers.send(answer).is_err() {
            return;
        }
    }
}

/// Starts it on this thread.
fn execute(image: Image, terminal: Option<&CStr>, given: &[Given]) -> io::Result<Pid> {
    let no_format = Some(rustix::io::Errno::NOEXEC.raw_os_error());
    match spawn::spawn(&image, terminal, given) {
        Err(error) if error.raw_os_error() == no_format => {
            spawn::spawn(&program::as_shell_script(image), terminal, given)
        }
        result => result,
    }
}

/// Sends descriptors in one message.
fn send(socket: &OwnedFd, given: &[Given]) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(GIVEN))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    let descriptors: Vec<_> = given.iter().map(|(end, _)| end.as_fd()).collect();
    if !ancillary.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    // A message needs a byte.
    let byte = [io::IoSlice::new(&[0])];
    sendmsg(socket, &byte, &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Receives the descriptors of one message, which become these numbers in the child.
fn receive(socket: &OwnedFd, numbers: &[RawFd]) -> io::Result<Vec<Given>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(GIVEN))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let mut bytes = [io::IoSliceMut::new(&mut byte)];
    while let Err(error) = recvmsg(socket, &mut bytes, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
        if error != rustix::io::Errno::INTR {
            return Err(error.into());
        }
    }
    let mut given = Vec::with_capacity(numbers.len());
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            given.extend(descriptors.zip(numbers.iter().copied()));
        }
    }
    if given.len() < numbers.len() {
        // The system has left some out.
        return Err(rustix::io::Errno::MFILE.into());
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::model::mode::Mode;
    use crate::model::process::ProcessSpec;
    use crate::model::size::Size;
    use crate::process::reaper;

    fn image(script: &str) -> Image {
        let spec = ProcessSpec {
            account: None,
            command: ["sh", "-c", script].map(str::to_owned).to_vec(),
            mode: Mode::Pipe,
            cwd: None,
            env: Vec::new(),
            size: Size::DEFAULT,
            stdio: crate::model::process::Stdio::default(),
            resources: crate::model::resource::Resources::default(),
            shims: crate::model::process::Shims::default(),
        };
        program::image(&spec).expect("there is a shell")
    }

    /// What a child says that is given a pipe for its output and one for its errors.
    fn said(starter: &mut Option<Starter>) -> [String; 2] {
        let pipe = || rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).expect("a pipe");
        let ((output, stdout), (errors, stderr)) = (pipe(), pipe());
        let given = [(stdout, 1), (stderr, 2)];
        let script = image("echo out; echo err >&2");
        let pid = started(starter, script, None, &given).expect("started");
        drop(given);
        let read = |end: OwnedFd| {
            let mut text = String::new();
            std::fs::File::from(end)
                .read_to_string(&mut text)
                .expect("text");
            text
        };
        let said = [read(output), read(errors)];
        reaper::reap(pid);
        said
    }

    #[test]
    fn one_starter_serves_many_starts_and_passes_each_its_own_descriptors() {
        let mut starter = None;
        for _ in 0..3 {
            assert_eq!(said(&mut starter), ["out\n", "err\n"]);
            assert!(starter.is_some());
        }
    }

    #[test]
    fn one_that_has_ended_is_noticed_and_replaced() {
        let (requests, _) = sync_channel(ONE);
        let (_, answers) = sync_channel(ONE);
        let (socket, _) = socketpair(
            AddressFamily::UNIX,
            SocketType::SEQPACKET,
            SocketFlags::CLOEXEC,
            None,
        )
        .expect("a socket");
        let mut starter = Some(Starter {
            requests,
            socket,
            answers,
        });
        assert_eq!(said(&mut starter), ["out\n", "err\n"]);
        assert!(starter.is_none(), "it is not asked again");
        assert_eq!(said(&mut starter), ["out\n", "err\n"]);
        assert!(starter.is_some());
    }

    #[test]
    fn what_cannot_be_started_says_why_and_harms_no_other_start() {
        let mut starter = None;
        let mut none = image("true");
        none.path = c"/no/such/program".to_owned();
        let refused = started(&mut starter, none, None, &[]).expect_err("no program");
        assert_eq!(refused.kind(), io::ErrorKind::NotFound);
        assert_eq!(said(&mut starter), ["out\n", "err\n"]);
    }
}
