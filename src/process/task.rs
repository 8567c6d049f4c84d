//! One process: its task, the only owner of its descriptors and of the child.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use rustix::process::{Pid, Signal};

use super::descriptor::{Descriptor, Drained};
use super::fold::{Folders, Snapshot};
use super::input::InputQueue;
use super::memory::Memory;
use super::output::Output;
#[cfg(not(target_os = "linux"))]
use super::portable::Child;
use super::pump::Pump;
#[cfg(target_os = "linux")]
use super::reaper::Child;
use super::rest::Rest;
use super::root::Root;
use super::sweep::Sweep;
use super::wiring::{self, Descriptors};
use super::{StartError, ladder, program, pty, signal};
use crate::model::channel::Channel;
use crate::model::colors::Colors;
use crate::model::line::LineGate;
use crate::model::meter::Meter;
use crate::model::mode::Mode;
use crate::model::output_log::Mark;
use crate::model::process::{ExitStatus, ProcessSpec};
use crate::model::screen::Screen;
use crate::model::size::Size;

/// Commands that wait for a process's task at most. They come at the pace of people (resizes are
/// merged before they get here) and are worked off between two drains. The mailbox holds room for
/// all of them from the beginning: a pointer for each.
const MAILBOX: usize = 32;

/// What processes need of the server.
#[derive(Clone)]
pub struct Settings {
    /// Counts what happens to processes.
    pub meter: Arc<Meter>,
    /// Finds the process groups of a session that is ended.
    pub sweep: Arc<Sweep>,
    /// Keeps the screens of terminals up to date.
    pub folders: Folders,
    /// What logs and screens hold.
    pub memory: Arc<Memory>,
}

impl Default for Settings {
    fn default() -> Self {
        let meter = Arc::default();
        Self {
            sweep: Arc::default(),
            folders: Folders::new(&meter),
            memory: Arc::default(),
            meter,
        }
    }
}

/// A process that was started, as the rest of the server holds it.
#[derive(Clone)]
pub struct Process {
    /// Its process id on this machine.
    pub pid: u32,
    /// The way in.
    pub input: Arc<InputQueue>,
    /// The ways out, one per output channel.
    pub outputs: Arc<[Output]>,
    control: mpsc::Sender<Box<Control>>,
    folders: Folders,
}

/// Tells how the process ended, after the last byte of its output is in the log.
pub type Ended = oneshot::Receiver<ExitStatus>;

enum Control {
    Resize(Size),
    Signal(Signal),
    /// Which process group its terminal's keys speak to, asked while its own id is surely its own.
    Foreground(oneshot::Sender<Option<Pid>>),
    End,
}

impl Process {
    /// When it last wrote, or was written to.
    pub fn touched(&self) -> Option<Instant> {
        let written = self.outputs.iter().map(Output::touched);
        written.chain(self.input.touched()).max()
    }

    /// Resizes its terminal.
    pub fn resize(&self, size: Size) {
        self.tell(Control::Resize(size));
    }

    /// Says what its viewers draw text in.
    pub fn show_in(&self, colors: Colors) {
        self.outputs
            .iter()
            .for_each(|output| output.show_in(colors));
    }

    /// Sends it a signal: what a terminal's keys send goes to the foreground, the rest to its own
    /// process group.
    pub fn signal(&self, signal: Signal) {
        self.tell(Control::Signal(signal));
    }

    /// Ends it and everything in its Unix session, see [`ladder`].
    pub fn end(&self) {
        self.tell(Control::End);
    }

    /// Takes a snapshot of a terminal, with up to so many lines above it, or as many as are usual;
    /// `signal` is notified when it is there. `None` where there is no such terminal.
    pub fn snapshot(
        &self,
        channel: Channel,
        lines: Option<u32>,
        signal: &Arc<Notify>,
    ) -> Option<oneshot::Receiver<Snapshot>> {
        let index = self
            .outputs
            .iter()
            .position(|output| output.channel() == channel)?;
        let terminal = channel == Channel::Tty;
        terminal.then(|| self.folders.snapshot(&self.outputs, index, lines, signal))
    }

    /// Looks at the screen of its terminal, off the byte path. `None` where there is no terminal.
    pub async fn look<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Screen) -> T + Send + 'static,
    ) -> Option<T> {
        let is_terminal = |output: &Output| output.channel() == Channel::Tty;
        let index = self.outputs.iter().position(is_terminal)?;
        self.folders.look(&self.outputs, index, look).await.ok()
    }

    /// The directory that it is in now, where the system tells.
    pub fn cwd(&self) -> Option<String> {
        let link = std::fs::read_link(format!("/proc/{}/cwd", self.pid)).ok()?;
        let cwd = link.into_os_string().into_string().ok()?;
        Path::new(&cwd).is_dir().then_some(cwd)
    }

    /// Holds the folder that its foreground is in, off the byte path; what lies below `private` is
    /// not reached by way of it. `None` where the process has ended or the system does not tell.
    pub async fn root(&self, private: Arc<[PathBuf]>) -> Option<Root> {
        let (answer, answered) = oneshot::channel();
        let asked = self
            .control
            .send(Box::new(Control::Foreground(answer)))
            .await;
        asked.ok()?;
        let foreground = answered.await.ok()?;
        let leader = Pid::from_raw(self.pid.try_into().ok()?)?;
        let look = move || Root::of(leader, foreground, private).ok();
        tokio::task::spawn_blocking(look).await.ok()?
    }

    /// The output of this channel, if the process has it.
    pub fn output(&self, channel: Channel) -> Option<&Output> {
        self.outputs
            .iter()
            .find(|output| output.channel() == channel)
    }

    /// A task that is ending no longer empties its mailbox: then nothing is left to say to it.
    fn tell(&self, control: Control) {
        let _ = self.control.try_send(Box::new(control));
    }
}

/// Starts a process on the current runtime. The handle that is returned ends when nothing of the
/// process is left: neither its task nor what it was told to end.
///
/// # Errors
/// When it cannot be started; then nothing was.
pub fn start(
    spec: &ProcessSpec,
    settings: &Settings,
) -> Result<(Process, Ended, JoinHandle<()>), StartError> {
    settings.memory.check()?;
    if let Some(cwd) = &spec.cwd {
        program::check_cwd(cwd)?;
    }
    let (descriptors, child) = measured(&settings.meter, || match spec.mode {
        Mode::Pty => wiring::on_terminal(spec, None),
        Mode::PtyErr => wiring::on_terminal(spec, Some(wiring::pipe()?)),
        Mode::Pipe | Mode::Lines | Mode::Json => wiring::on_pipes(spec),
    })?;
    let input = Arc::new(match spec.mode {
        Mode::Json => InputQueue::gated(LineGate::json()),
        Mode::Lines => InputQueue::gated(LineGate::lines()),
        Mode::Pipe => InputQueue::pipe(),
        Mode::Pty | Mode::PtyErr => InputQueue::default(),
    });
    let outputs: Arc<[Output]> = spec
        .mode
        .outputs()
        .iter()
        .map(|channel| match channel {
            Channel::Tty => Output::terminal(spec.size, Arc::clone(&input), &settings.memory),
            other => Output::pipe(*other, &settings.memory),
        })
        .collect();
    settings.memory.watch(&outputs);
    let (control, commands) = mpsc::channel(MAILBOX);
    let (report, ended) = oneshot::channel();
    let pid = child.pid().as_raw_nonzero().get().unsigned_abs();
    let task = Box::new(ProcessTask {
        descriptors,
        child,
        input: Arc::clone(&input),
        outputs: Arc::clone(&outputs),
        commands,
        settings: settings.clone(),
    });

    let handle = tokio::spawn(task.run(report));
    Ok((
        Process {
            pid,
            input,
            outputs,
            control,
            folders: settings.folders.clone(),
        },
        ended,
        handle,
    ))
}

/// Measures how long starting a process takes.
fn measured<T>(
    meter: &Meter,
    start: impl FnOnce() -> Result<T, StartError>,
) -> Result<T, StartError> {
    let begun = Instant::now();
    let started = start();
    match &started {
        Ok(_) => meter.spawns.observe(begun.elapsed()),
        Err(_) => meter.spawn_failures.one(),
    }
    started
}

struct ProcessTask {
    descriptors: Descriptors,
    child: Child,
    input: Arc<InputQueue>,
    outputs: Arc<[Output]>,
    commands: mpsc::Receiver<Box<Control>>,
    settings: Settings,
}

impl ProcessTask {
    /// Moves bytes until both the child and every output have ended.
    async fn run(mut self: Box<Self>, report: oneshot::Sender<ExitStatus>) {
        let mut gone: Option<watch::Sender<bool>> = None;
        let mut ending: Option<JoinHandle<()>> = None;
        let mut exit = None;
        let mut open = [true, self.descriptors.outputs.get(1).is_some()];
        let mut report = Some(report);
        let mut pumps = [(); 2].map(|()| Pump::new(&self.settings.meter));
        let mut typed = None;
        let mut rest = Rest::default();
        loop {
            if !open.contains(&true)
                && let Some(status) = exit.take()
            {
                self.finish(status, report.take());
                break;
            }
            let second = self
                .descriptors
                .outputs
                .get(1)
                .unwrap_or(&self.descriptors.outputs[0]);
            let [first, other] = &mut pumps;
            tokio::select! {
                drained = first.turn(&self.descriptors.outputs[0], &self.outputs[0], typed), if open[0] => {
                    open[0] = !drained.ended;
                    self.follow(&mut rest);
                    give_way(drained).await;
                }
                drained = other.turn(second, self.outputs.get(1).unwrap_or(&self.outputs[0]), typed), if open[1] => {
                    open[1] = !drained.ended;
                    give_way(drained).await;
                }
                more = feed(self.descriptors.input.as_ref(), &self.input, &self.settings.meter), if self.descriptors.input.is_some() => {
                    typed = Some(Instant::now());
                    if !more {
                        self.close_input();
                    }
                }
                status = self.child.ended(), if exit.is_none() => {
                    exit = Some(status);
                    if let Some(gone) = &gone {
                        gone.send_replace(true);
                    }
                    self.close_input();
                }
                command = self.commands.recv(), if ending.is_none() => match command.map(|command| *command) {
                    Some(Control::Resize(size)) => self.resize(size),
                    Some(Control::Signal(signal)) => self.signal(signal, exit.is_some()),
                    Some(Control::Foreground(answer)) => {
                        if exit.is_none() {
                            let _ = answer.send(self.foreground());
                        }
                    }
                    // Nobody holds the process any more: it ends with its session.
                    Some(Control::End) | None => {
                        self.close_input();
                        let (tell, is_gone) = watch::channel(exit.is_some());
                        gone = Some(tell);
                        let ladder = ladder::descend(self.child.pid(), self.settings.clone(), is_gone);
                        ending = Some(tokio::spawn(ladder));
                    }
                },
                () = rest.due(), if rest.due.is_some() => {
                    if rest.is_over(self.outputs[0].head()) {
                        self.cool();
                    }
                }
                () = finished(&mut ending), if exit.is_some() && ending.is_some() => {
                    // Whoever still holds the output has left the session; it is not waited for.
                    open = [false, false];
                }
            }
        }
        // The descriptors close first: a terminal's hang-up is what some programs wait for.
        drop(self);
        finished(&mut ending).await;
    }

    /// Marks the end of every output, then tells how the process ended.
    fn finish(&self, status: ExitStatus, report: Option<oneshot::Sender<ExitStatus>>) {
        self.input.close();
        for output in &*self.outputs {
            output.mark(Mark::End);
        }
        self.cool_for_good();
        if let Some(report) = report {
            let _ = report.send(status);
        }
    }

    /// Closes the process's standard input, if it is a pipe. A terminal has no half-close.
    fn close_input(&mut self) {
        self.input.close();
        self.descriptors.input = None;
    }

    /// Sees to it that the screen of a terminal follows its output.
    fn follow(&self, rest: &mut Rest) {
        let lags = self.outputs[0].lags();
        if lags {
            let outputs = Arc::clone(&self.outputs);
            self.settings.folders.run(move || outputs[0].follow());
        }
        rest.disturbed(lags || self.outputs[0].is_warm());
    }

    /// Gives back what is not needed while nothing happens.
    fn cool(&self) {
        if self.outputs[0].is_warm() {
            // What is forgotten before its turn comes gave everything back.
            let outputs = Arc::downgrade(&self.outputs);
            self.settings.folders.run(move || {
                if let Some(outputs) = outputs.upgrade() {
                    outputs[0].cool();
                }
            });
        }
    }

    /// Gives back what is not needed after the end, once whoever may come back for it has.
    fn cool_for_good(&self) {
        self.cool();
        let Some(until) = self.outputs[0].away_until() else {
            return;
        };
        // A session that is forgotten before gives everything back at once.
        let (outputs, folders) = (Arc::downgrade(&self.outputs), self.settings.folders.clone());
        tokio::spawn(async move {
            tokio::time::sleep_until(until).await;
            if let Some(outputs) = outputs.upgrade() {
                folders.run(move || outputs[0].cool());
            }
        });
    }

    fn resize(&self, size: Size) {
        if let Some(master) = self.descriptors.outputs[0].master() {
            master.resize(size);
            self.outputs[0].mark(Mark::Size(size));
        }
    }

    fn foreground(&self) -> Option<Pid> {
        let master = self.descriptors.outputs[0].master();
        master.and_then(pty::Master::foreground)
    }

    fn signal(&self, signal: Signal, reaped: bool) {
        let from_keys = signal::is_from_keys(signal);
        match self.foreground().filter(|_| from_keys) {
            Some(group) => signal::send_to_group(group, signal),
            // The process id may be another's once the child was reaped.
            None if !reaped => signal::send_to_group(self.child.pid(), signal),
            None => {}
        }
    }
}

/// After a turn that left something behind, everybody else on this thread has a turn first: the
/// viewers that send what was just read, and the other sessions.
async fn give_way(drained: Drained) {
    if !drained.empty && !drained.ended {
        tokio::task::yield_now().await;
    }
}

/// Writes the next piece of input. False when there will be no more, or nobody to read it.
async fn feed(descriptor: Option<&Arc<Descriptor>>, input: &InputQueue, meter: &Meter) -> bool {
    let (Some(descriptor), Some(piece)) = (descriptor, input.next().await) else {
        return false;
    };
    match descriptor.write(&piece).await {
        Ok(count) => {
            input.written(count);
            meter.input.add(count as u64);
            true
        }
        Err(_) => false,
    }
}

/// Waits for the ladder, once; for ever if there is none.
async fn finished(ending: &mut Option<JoinHandle<()>>) {
    if let Some(ladder) = ending {
        let _ = ladder.await;
        *ending = None;
    }
}

impl Drop for ProcessTask {
    fn drop(&mut self) {
        self.input.close();
    }
}
