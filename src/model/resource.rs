//! What the system lets a session's processes have, beyond what it lets awp itself have.

/// Limits of a session's processes; `None`: as awp itself was started with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Descriptors that one process may have open.
    pub files: Option<u64>,
    /// Seconds that one process may compute.
    pub cpu_time: Option<u64>,
    /// Bytes that one process may leave behind when it crashes.
    pub core: Option<u64>,
    /// Bytes that one process may address.
    pub address_space: Option<u64>,
    /// Bytes of memory of all processes of the session together.
    pub memory: Option<u64>,
    /// Processes and threads of the session at once.
    pub pids: Option<u64>,
    /// What all of them together may compute, in percent of one processor.
    pub cpu: Option<u64>,
    /// The folder of the session's control group, once it is made.
    pub group: Option<String>,
}

/// A limit that each process has for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerProcess {
    /// [`Resources::files`]
    Files,
    /// [`Resources::cpu_time`]
    CpuTime,
    /// [`Resources::core`]
    Core,
    /// [`Resources::address_space`]
    AddressSpace,
}

impl PerProcess {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Files, Self::CpuTime, Self::Core, Self::AddressSpace];

    /// What it is called in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::CpuTime => "cpu_time",
            Self::Core => "core",
            Self::AddressSpace => "address_space",
        }
    }
}

impl Resources {
    /// The limits that each process has for itself.
    pub fn per_process(&self) -> impl Iterator<Item = (PerProcess, u64)> {
        PerProcess::ALL.into_iter().filter_map(|which| {
            let value = match which {
                PerProcess::Files => self.files,
                PerProcess::CpuTime => self.cpu_time,
                PerProcess::Core => self.core,
                PerProcess::AddressSpace => self.address_space,
            };
            Some((which, value?))
        })
    }

    /// The limits that all processes of a session have together, by the name of the controller
    /// that keeps them; the names are those of the configuration as well.
    pub fn together(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let all = [
            ("memory", self.memory),
            ("pids", self.pids),
            ("cpu", self.cpu),
        ];
        all.into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
    }

    /// Whether a process of the session is to be started under something of this.
    pub fn at_start(&self) -> bool {
        self.group.is_some() || self.per_process().next().is_some()
    }

    /// The limits of each process in a word, as the launcher is told: `files=64,core=0`.
    pub fn word(&self) -> String {
        let each = self.per_process();
        let each = each.map(|(which, value)| format!("{}={value}", which.name()));
        each.collect::<Vec<_>>().join(",")
    }

    /// What [`word`](Self::word) said; `None` where this is no such word.
    pub fn read_word(word: &str) -> Option<Self> {
        let mut read = Self::default();
        for limit in word.split(',').filter(|limit| !limit.is_empty()) {
            let (name, value) = limit.split_once('=')?;
            let value = Some(value.parse().ok()?);
            match PerProcess::ALL
                .into_iter()
                .find(|which| which.name() == name)?
            {
                PerProcess::Files => read.files = value,
                PerProcess::CpuTime => read.cpu_time = value,
                PerProcess::Core => read.core = value,
                PerProcess::AddressSpace => read.address_space = value,
            }
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_of_each_process_are_one_word_and_read_back() {
        let limits = Resources {
            files: Some(64),
            core: Some(0),
            address_space: Some(u64::MAX),
            memory: Some(1),
            ..Resources::default()
        };
        assert_eq!(
            limits.word(),
            format!("files=64,core=0,address_space={}", u64::MAX)
        );
        let read = Resources::read_word(&limits.word()).expect("it is one");
        assert_eq!(
            read,
            Resources {
                memory: None,
                ..limits
            }
        );
        assert_eq!(Resources::read_word(""), Some(Resources::default()));
        for wrong in ["files", "files=", "files=-1", "nosuch=1", "files=1,,x"] {
            assert_eq!(Resources::read_word(wrong), None, "{wrong}");
        }
    }
}
