//! Control groups (version 2): what all processes of a session may have together.
//!
//! A group can be limited where the system has delegated one to awp: systemd does so for a unit
//! with `Delegate=`, and containers for their own root. awp then moves itself into a group beside
//! those of its sessions, as the rules of control groups want it (cgroups(7): processes live in
//! the leaves), and makes one for each session that has limits of this kind. Nothing is touched
//! where no app has any.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustix::fs::{Access, access};
use tracing::{info, warn};

use super::StartError;
use crate::model::id::SessionId;
use crate::model::process::ProcessSpec;
use crate::model::resource::Resources;

/// The group that the server itself moves to.
const OWN: &str = "awp-server";

/// What the name of a session's group begins with.
const PREFIX: &str = "awp-";

/// The controllers that keep limits.
const CONTROLLERS: [&str; 3] = ["memory", "pids", "cpu"];

/// The time over which a share of the processors is counted, in microseconds: the system's own.
const CPU_PERIOD: u64 = 100_000;

/// The control groups of one server.
#[derive(Default)]
pub struct Groups {
    base: OnceLock<Option<Base>>,
    left: Arc<Left>,
}

/// Groups whose last processes were still dying; they are removed with the next one.
#[derive(Default)]
struct Left(Mutex<Vec<PathBuf>>);

/// Where groups are made.
#[derive(Debug, PartialEq, Eq)]
pub struct Base {
    folder: PathBuf,
    controllers: Vec<&'static str>,
}

/// The group of one session; when it is dropped, what still lives in it is killed.
pub struct Group {
    folder: PathBuf,
    left: Arc<Left>,
}

impl Groups {
    /// Groups in this folder of the system, with these controllers.
    #[cfg(test)]
    fn at(base: Base) -> Self {
        let groups = Self::default();
        let _ = groups.base.set(Some(base));
        groups
    }

    /// Makes the group of a session, if it has limits that a group keeps.
    ///
    /// # Errors
    /// What the system said.
    pub fn make(&self, id: &SessionId, limits: &Resources) -> io::Result<Option<Group>> {
        if limits.together().next().is_none() {
            return Ok(None);
        }
        let Some(base) = self.base.get_or_init(open) else {
            return Ok(None);
        };
        self.left.remove();
        let folder = base.folder.join(format!("{PREFIX}{id}"));
        fs::create_dir(&folder)?;
        let group = Group {
            folder,
            left: Arc::clone(&self.left),
        };
        for (controller, value) in limits.together() {
            if base.controllers.contains(&controller) {
                group.limit(controller, value)?;
            }
        }
        Ok(Some(group))
    }

    /// As [`make`](Self::make), for the first process of a session: it is started in it.
    ///
    /// # Errors
    /// When there should be a group and cannot be.
    pub fn of(&self, id: &SessionId, spec: &mut ProcessSpec) -> Result<Option<Group>, StartError> {
        let made = self.make(id, &spec.resources);
        let group = made.map_err(|source| StartError::Resource {
            what: "the session's control group cannot be made",
            source,
        })?;
        spec.resources.group = group.as_ref().map(Group::name);
        Ok(group)
    }

    /// Says what will apply, where anything of these is to apply; once.
    pub fn open<'limits>(&self, all: impl IntoIterator<Item = &'limits Resources>) {
        if all
            .into_iter()
            .any(|limits| limits.together().next().is_some())
        {
            self.base.get_or_init(open);
        }
    }
}

impl Group {
    /// Its folder, as the launcher is told.
    pub fn name(&self) -> String {
        self.folder.display().to_string()
    }

    fn limit(&self, controller: &str, value: u64) -> io::Result<()> {
        let write = |file: &str, text: String| fs::write(self.folder.join(file), text);
        match controller {
            "memory" => {
                // Where there is no swap, or no way to end a session as a whole, it goes without.
                let _ = write("memory.swap.max", "0".to_owned());
                let _ = write("memory.oom.group", "1".to_owned());
                write("memory.max", value.to_string())
            }
            "pids" => write("pids.max", value.to_string()),
            _ => {
                let quota = value.saturating_mul(CPU_PERIOD) / 100;
                write("cpu.max", format!("{quota} {CPU_PERIOD}"))
            }
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Its processes have ended, but for those that hid from being ended.
        let _ = fs::write(self.folder.join("cgroup.kill"), "1");
        self.left.add(std::mem::take(&mut self.folder));
        self.left.remove();
    }
}

impl Left {
    fn add(&self, folder: PathBuf) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.push(folder);
    }

    /// Removes those in which nothing lives any more.
    fn remove(&self) {
        let mut left = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        left.retain(|folder| {
            let removed = fs::remove_dir(folder);
            removed.is_err_and(|error| error.kind() != io::ErrorKind::NotFound)
        });
    }
}

/// Finds where groups may be made, moves there, and says so in the log.
fn open() -> Option<Base> {
    match find().and_then(|(base, inside)| settle(base, inside)) {
        Ok(base) => {
            let (folder, controllers) = (base.folder.display(), base.controllers.join(", "));
            info!("limits of a session that apply: {controllers}; control groups are in {folder}");
            let missing = CONTROLLERS
                .iter()
                .filter(|name| !base.controllers.contains(name));
            for name in missing {
                warn!("limits.{name} does not apply: {folder} has no controller {name}");
            }
            Some(base)
        }
        Err(why) => {
            warn!("limits.memory, limits.pids and limits.cpu do not apply: {why}");
            None
        }
    }
}

/// What would apply if the server started here: the controllers, or why there are none. Changes
/// nothing.
///
/// # Errors
/// Why none would apply.
pub fn outlook() -> Result<Vec<&'static str>, String> {
    find().map(|(base, _)| base.controllers)
}

/// The group that this process is in, with what it offers; whether the process is inside of it
/// already, where the server belongs.
fn find() -> Result<(Base, bool), String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let own = own_folder(&read("/proc/self/mounts"), &read("/proc/self/cgroup"));
    let own = own.ok_or("the system has no control groups of version 2")?;
    let inside = own.ends_with(OWN);
    let folder = match own.parent() {
        Some(parent) if inside => parent.to_owned(),
        _ => own,
    };
    let offered = fs::read_to_string(folder.join("cgroup.controllers")).unwrap_or_default();
    let offered: Vec<&str> = offered.split_ascii_whitespace().collect();
    let controllers = CONTROLLERS
        .into_iter()
        .filter(|name| offered.contains(name));
    let controllers: Vec<_> = controllers.collect();
    if controllers.is_empty() {
        let folder = folder.display();
        return Err(format!(
            "{folder} has none of the controllers memory, pids and cpu"
        ));
    }
    let may_write = ["", "cgroup.procs", "cgroup.subtree_control"].into_iter();
    let mut may_write = may_write.map(|file| access(folder.join(file), Access::WRITE_OK));
    if let Some(error) = may_write.find_map(Result::err) {
        let folder = folder.display();
        return Err(format!(
            "{folder} is not delegated to awp ({error}); a systemd unit needs Delegate=yes"
        ));
    }
    Ok((
        Base {
            folder,
            controllers,
        },
        inside,
    ))
}

/// Moves this process out of the way and has the controllers watch the groups below.
fn settle(mut base: Base, inside: bool) -> Result<Base, String> {
    let own = base.folder.join(OWN);
    let me = std::process::id().to_string();
    let failed = |what: &str, error: &io::Error| format!("{what}: {error}");
    if !inside {
        match fs::create_dir(&own) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(&own.display().to_string(), &error));
            }
            _ => {}
        }
        fs::write(own.join("cgroup.procs"), &me)
            .map_err(|error| failed("awp cannot move to a group of its own", &error))?;
    }
    let control = base.folder.join("cgroup.subtree_control");
    let mut why = String::new();
    base.controllers.retain(|name| {
        let enabled = fs::write(&control, format!("+{name}"));
        enabled
            .inspect_err(|error| why = failed(name, error))
            .is_ok()
    });
    if base.controllers.is_empty() {
        // Back to where it was: other processes live there, so nothing was delegated after all.
        let _ = fs::write(base.folder.join("cgroup.procs"), &me);
        let _ = fs::remove_dir(&own);
        let folder = base.folder.display();
        return Err(format!(
            "{folder} is not awp's alone ({why}); a systemd unit needs Delegate=yes"
        ));
    }
    sweep(&base.folder);
    Ok(base)
}

/// Removes groups of sessions that a server has left behind; those that are in use stay.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        if name.starts_with(PREFIX) && name != OWN {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// The folder of the group that a process is in.
fn own_folder(mounts: &str, groups: &str) -> Option<PathBuf> {
    let root = mounts.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (_, at, kind) = (words.next()?, words.next()?, words.next()?);
        (kind == "cgroup2").then_some(at)
    })?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    Some(Path::new(root).join(path.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::Command;

    use super::*;

    #[test]
    fn the_own_folder_is_found_in_both_hierarchies() {
        let unified = "cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
        let hybrid = "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n\
                      cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n\
                      cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
        for (mounts, groups, expected) in [
            (
                unified,
                "0::/system.slice/awp.service\n",
                Some("/sys/fs/cgroup/system.slice/awp.service"),
            ),
            (hybrid, "8:pids:/x\n0::/\n", Some("/sys/fs/cgroup/unified/")),
            (hybrid, "8:pids:/x\n", None),
            ("tmpfs / tmpfs rw 0 0\n", "0::/\n", None),
        ] {
            let found = own_folder(mounts, groups);
            assert_eq!(found, expected.map(PathBuf::from), "{groups}");
        }
    }

    /// A folder where this machine lets groups be made; `None` where it does not.
    fn real() -> Option<PathBuf> {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let own = own_folder(&read("/proc/self/mounts"), &read("/proc/self/cgroup"))?;
        let folder = own.join(format!("test-of-awp-{}", std::process::id()));
        fs::create_dir(&folder).ok().map(|()| folder)
    }

    #[test]
    fn a_group_holds_processes_and_takes_them_along_when_it_goes() {
        // Where none can be made there is nothing to see; tests/limits.rs says so.
        let Some(folder) = real() else {
            return;
        };
        let groups = Groups::at(Base {
            folder: folder.clone(),
            controllers: Vec::new(),
        });
        let id = SessionId::parse("s-aaaaaaaaaa").expect("an id");
        let none = groups
            .make(&id, &Resources::default())
            .expect("nothing to do");
        assert!(none.is_none());
        let limits = Resources {
            memory: Some(1 << 30),
            ..Resources::default()
        };
        let group = groups.make(&id, &limits).expect("made").expect("one");
        let mut child = Command::new("cat")
            .stdin(std::process::Stdio::piped())
            .spawn()
            .expect("a program");
        let procs = group.folder.join("cgroup.procs");
        fs::write(&procs, child.id().to_string()).expect("moved");
        let inside = fs::read_to_string(&procs).expect("a list");
        assert_eq!(inside.trim(), child.id().to_string());
        drop(group);
        let status = child.wait().expect("a child of ours");
        assert_eq!(status.signal(), Some(9), "it was killed");
        groups.left.remove();
        let left = fs::read_dir(&folder).expect("a folder").flatten();
        let left: Vec<_> = left.filter(|entry| entry.path().is_dir()).collect();
        assert!(left.is_empty(), "{left:?}");
        fs::remove_dir(&folder).expect("empty");
    }

    /// The files alone: what is written, without a system that reads it.
    #[test]
    fn the_limits_are_written_as_the_system_takes_them() {
        let home = tempfile::tempdir().expect("a folder");
        let groups = Groups::at(Base {
            folder: home.path().to_owned(),
            controllers: vec!["memory", "cpu"],
        });
        let limits = Resources {
            memory: Some(512 << 20),
            pids: Some(64),
            cpu: Some(50),
            ..Resources::default()
        };
        let id = SessionId::parse("s-aaaaaaaaaa").expect("an id");
        let group = groups.make(&id, &limits).expect("made").expect("one");
        let read = |file: &str| fs::read_to_string(group.folder.join(file)).ok();
        assert_eq!(read("memory.max").as_deref(), Some("536870912"));
        assert_eq!(read("cpu.max").as_deref(), Some("50000 100000"));
        assert_eq!(read("pids.max"), None, "there is no such controller");
    }
}
