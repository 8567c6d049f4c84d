//! The configuration on damaged files: it is refused with its place, or understood.

use std::path::Path;

use awp_server::model::keep::OnDisconnect;
use awp_server::model::mode::Mode;
use awp_server::model::size::SizePolicy;
use proptest::prelude::*;
use proptest::sample::Index;

use super::bytes::Bytes;
use super::file::ConfigFile;
use super::resources::Percent;
use super::text::{Listen, Text, Variable};

/// A file with something of everything.
const WHOLE: &str = r#"[server]
listen = ["127.0.0.1:7681", "unix:/run/awp.sock", "[::1]:1"]
memory = "512M"
[app.shell]
command = ["bash", "-l"]
mode = "pty"
on_disconnect = "keep=1h30m"
size_policy = "fixed=120x40"
env = { GREETING = "hi" }
query = ["lang"]
limits = { sessions = 100, idle = "30m", memory = "512MiB", pids = 64, cpu = "50%", files = 64 }
[login.corp]
command = ["./login.sh"]
timeout = "2m"
"#;

fn damaged() -> impl Strategy<Value = String> {
    let change = (any::<Index>(), any::<u8>(), 0..4);
    prop::collection::vec(change, 0..6).prop_map(|changes| {
        let mut bytes = WHOLE.as_bytes().to_vec();
        for (at, byte, kind) in changes {
            let at = at.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => bytes[at] = byte,
                2 => bytes.truncate(at),
                _ => drop(bytes.drain(at..bytes.len().min(at + usize::from(byte % 16)))),
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

proptest! {
    #[test]
    fn no_file_breaks_its_reader(text in damaged()) {
        if let Err(error) = ConfigFile::parse(Path::new("awp.toml"), text) {
            let message = error.to_string();
            prop_assert!(message.contains("awp.toml:"), "{message}");
            prop_assert!(!message.contains('\n'), "one line: {message}");
        }
    }

    #[test]
    fn no_value_breaks_its_reader(text in "[0-9a-zA-Z:=%x.\\[\\]+-]{0,24}|\\PC{0,12}") {
        let _ = Bytes::read(&text);
        let _ = Percent::read(&text);
        let _ = Listen::read(&text);
        let _ = Variable::read(&text);
        let _ = OnDisconnect::read(&text);
        let _ = SizePolicy::read(&text);
        let _ = <Mode as Text>::read(&text);
        let _ = <std::time::Duration as Text>::read(&text);
    }
}
