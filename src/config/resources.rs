//! What the system lets an app's processes have, as the file says it.

use awp_server::model::resource::Resources;
use rustix::process::{Resource, getrlimit};

use super::bytes::Bytes;
use super::error::ConfigError;
use super::file::{ConfigFile, Limits};
use super::text::Text;

/// The least number of descriptors with which a program starts: its three, and those through
/// which it and its libraries are loaded.
const LEAST_FILES: u64 = 16;

/// The least memory that a session can be held to, in bytes: below this nothing but the smallest
/// program starts.
const LEAST_MEMORY: u64 = 4 << 20;

/// A share of one processor, as typed: `50%`; `200%` are two whole ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Percent(pub u64);

impl Text for Percent {
    fn read(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("{text:?} is no share of a processor; write for example 50%, or 200% for two")
        };
        let number = text.strip_suffix('%').ok_or_else(wrong)?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number: u64 = number.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
        if number == 0 {
            return Err("0% would let nothing run; write 1% or more".to_owned());
        }
        Ok(Self(number))
    }
}

/// What an app's limits mean for the system. `uid` is awp's own account.
pub fn resources(file: &ConfigFile, limits: &Limits, uid: u32) -> Result<Resources, ConfigError> {
    let bytes = |value: Option<Bytes>| value.map(|Bytes(bytes)| bytes);
    if let Some(files) = &limits.files {
        let (at, value) = (files.span().start, *files.get_ref());
        let own = getrlimit(Resource::Nofile).maximum;
        if value < LEAST_FILES {
            let why =
                format!("limits.files: with {value} no program starts; {LEAST_FILES} is the least");
            return Err(file.wrong(at, why));
        }
        if let Some(own) = own.filter(|own| uid != 0 && value > *own) {
            let why = format!(
                "limits.files: {value} is more than the {own} that awp itself may have open"
            );
            return Err(file.wrong(at, why));
        }
    }
    if let Some(pids) = limits.pids.as_ref().filter(|pids| *pids.get_ref() == 0) {
        let why = "limits.pids: 0 would let nothing run; write 1 or more";
        return Err(file.wrong(pids.span().start, why));
    }
    for (name, value) in [
        ("memory", limits.memory),
        ("address_space", limits.address_space),
    ] {
        if let Some(Bytes(bytes)) = value.filter(|Bytes(bytes)| *bytes < LEAST_MEMORY) {
            let why = format!("{bytes} bytes are too few; 4MiB is the least");
            return Err(ConfigError::refused(format!("limits.{name}"), why));
        }
    }
    if limits.cpu_time.is_some_and(|time| time.as_secs() == 0) {
        let why = "less than a second; write 1s or more";
        return Err(ConfigError::refused("limits.cpu_time", why));
    }
    Ok(Resources {
        files: limits.files.as_ref().map(|files| *files.get_ref()),
        cpu_time: limits.cpu_time.map(|time| time.as_secs()),
        core: bytes(limits.core),
        address_space: bytes(limits.address_space),
        memory: bytes(limits.memory),
        pids: limits.pids.as_ref().map(|pids| *pids.get_ref()),
        cpu: limits.cpu.map(|Percent(percent)| percent),
        group: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_of_percent() {
        assert_eq!(Percent::read("50%"), Ok(Percent(50)));
        assert_eq!(Percent::read("400%"), Ok(Percent(400)));
        for text in ["", "%", "50", "0%", "-1%", "+5%", "1.5%", "50 %", "50%%"] {
            assert!(Percent::read(text).is_err(), "{text}");
        }
    }
}
