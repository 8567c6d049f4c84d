//! An app: the named definition of what a session runs.

use super::files;
use crate::model::access::Access;
use crate::model::cast::Record;
use crate::model::keep::OnDisconnect;
use crate::model::mode::Mode;
use std::sync::Arc;
use std::time::Duration;

use crate::model::process::{Account, ProcessSpec, Shims, Stdio};
use crate::model::resource::Resources;
use crate::model::size::{Size, SizePolicy};

/// The app that the command line itself defines.
pub const DEFAULT: &str = "default";

/// Variables that name what belongs to the server's account alone.
const OF_ACCOUNT: [&str; 2] = ["XDG_RUNTIME_DIR", "TMPDIR"];

/// What a session of this kind runs, and its rules.
#[derive(Clone)]
pub struct App {
    /// Its name, as clients choose it.
    pub name: String,
    /// The program and its arguments.
    pub command: Vec<String>,
    /// How the program is connected.
    pub mode: Mode,
    /// Nobody said so: whoever starts it may know better.
    pub mode_is_default: bool,
    /// Where it starts; `None` is the server's own directory.
    pub cwd: Option<String>,
    /// What it adds to the environment.
    pub env: Vec<(String, String)>,
    /// What becomes of it when nobody is attached.
    pub on_disconnect: OnDisconnect,
    /// Whose window decides the size.
    pub size_policy: SizePolicy,
    /// How its standard streams are treated.
    pub stdio: Stdio,
    /// The account that it runs as; `None` is the server's own.
    pub account: Option<Account>,
    /// The keys of an address that are passed on, as `AWP_QUERY_<KEY>`.
    pub query: Vec<String>,
    /// How much of it there may be.
    pub limits: Limits,
    /// What the system lets its processes have.
    pub resources: Resources,
    /// What its processes find awp in the place of.
    pub shims: Shims,
    /// What may be done with files.
    pub files: files::Rules,
    /// How its terminals are recorded, if they are.
    pub record: Option<Record>,
    /// Who may open it.
    pub access: Access,
    /// What says who a session of it is for, before anything else of it begins.
    pub login: Option<Arc<LoginProgram>>,
}

/// A program that says who a session is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginProgram {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// Where it starts; `None` is the server's own directory.
    pub cwd: Option<String>,
    /// What it adds to the environment.
    pub env: Vec<(String, String)>,
    /// How long it has.
    pub timeout: Duration,
    /// How many may be under way at once from one address.
    pub max_starts: u32,
}

/// How much of an app there may be; what is `None` has no limit of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Sessions at a time.
    pub sessions: Option<u32>,
    /// Sessions at a time of one user.
    pub per_user: Option<u32>,
    /// A session without input or output for this long is ended.
    pub idle: Option<Duration>,
    /// A session is ended after this long in any case.
    pub max: Option<Duration>,
}

impl App {
    /// Whether who has no credential may open it: its login program then asks who they are.
    pub fn takes_visitors(&self) -> bool {
        self.access == Access::Login && self.login.is_some()
    }

    /// What of an address goes into the environment: the keys that the app names, each once, and
    /// nothing else.
    pub fn from_query(&self, pairs: &[(String, String)]) -> Vec<(String, String)> {
        let found = |key: &String| pairs.iter().find(|(known, _)| known == key);
        let named = self.query.iter().filter_map(found);
        named
            .map(|(key, value)| {
                let name = key.to_ascii_uppercase().replace('-', "_");
                (format!("AWP_QUERY_{name}"), value.clone())
            })
            .collect()
    }
}

impl App {
    /// The same, with its login program in the place of its own.
    #[must_use]
    pub fn at_login(&self, login: &LoginProgram) -> Self {
        Self {
            command: login.command.clone(),
            cwd: login.cwd.clone(),
            env: login.env.clone(),
            // It speaks for the server, whose socket no other account may open.
            account: None,
            // It asks by itself, on the terminal.
            shims: Shims::default(),
            ..self.clone()
        }
    }

    /// What to start for a session: `inherited` is what the server passes on of its own
    /// environment, `identity` what it says of the session; the app's own entries win over what
    /// is inherited, and nothing wins over the identity.
    pub fn spec(
        &self,
        inherited: &[(String, String)],
        identity: Vec<(String, String)>,
        size: Size,
    ) -> ProcessSpec {
        let mut env: Vec<(String, String)> =
            Vec::with_capacity(inherited.len() + self.env.len() + 8);
        let terminal = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];
        let terminal = terminal.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let terminal = terminal.into_iter().filter(|_| self.mode.has_terminal());
        let own = self.env.iter().cloned();
        let account = self.account.iter().flat_map(Account::variables);
        let account = account.map(|(key, value)| (key.to_owned(), value.to_owned()));
        // Folders of the server's account are not another's.
        let passed = |key: &str| self.account.is_none() || !OF_ACCOUNT.contains(&key);
        let inherited = inherited.iter().filter(|(key, _)| passed(key));
        for (key, value) in inherited
            .cloned()
            .chain(account)
            .chain(terminal)
            .chain(own)
            .chain(identity)
        {
            env.retain(|(known, _)| *known != key);
            env.push((key, value));
        }
        ProcessSpec {
            command: self.command.clone(),
            mode: self.mode,
            cwd: self.cwd.clone().or_else(|| {
                let account = self.account.as_ref();
                account.map(|account| account.home.clone())
            }),
            env,
            size,
            stdio: self.stdio,
            account: self.account.clone(),
            resources: self.resources.clone(),
            shims: self.shims,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn the_environment_is_what_it_is_said_to_be_and_each_name_stands_once() {
        let mut app = App {
            name: "x".to_owned(),
            command: vec!["true".to_owned()],
            mode: Mode::Pty,
            mode_is_default: true,
            cwd: None,
            env: vec![
                pair("LANG", "C"),
                pair("TERM", "vt100"),
                pair("AWP_SESSION", "forged"),
            ],
            on_disconnect: OnDisconnect::Hangup,
            size_policy: SizePolicy::Active,
            stdio: Stdio::default(),
            account: None,
            shims: Shims::default(),
            query: vec!["lang".to_owned(), "no-such".to_owned()],
            limits: Limits::default(),
            resources: Resources::default(),
            access: Access::default(),
            login: None,
            files: files::Rules::default(),
            record: None,
        };
        let pairs = [pair("lang", "de"), pair("lang", "fr"), pair("PATH", "/x")];
        assert_eq!(app.from_query(&pairs), [pair("AWP_QUERY_LANG", "de")]);
        let inherited = [pair("LANG", "de"), pair("HOME", "/root")];
        let identity = vec![pair("AWP_SESSION", "s-1")];
        let spec = app.spec(&inherited, identity.clone(), Size::DEFAULT);
        let mut env = spec.env;
        env.sort();
        let expected = [
            ("AWP_SESSION", "s-1"),
            ("COLORTERM", "truecolor"),
            ("HOME", "/root"),
            ("LANG", "C"),
            ("TERM", "vt100"),
        ];
        assert_eq!(env, expected.map(|(key, value)| pair(key, value)));
        app.account = Some(Account {
            name: "ann".to_owned(),
            uid: 1001,
            gid: 1001,
            groups: vec![1001],
            home: "/home/ann".to_owned(),
            shell: "/bin/dash".to_owned(),
        });
        let inherited = [pair("USER", "root"), pair("XDG_RUNTIME_DIR", "/run/root")];
        let spec = app.spec(&inherited, Vec::new(), Size::DEFAULT);
        assert_eq!(spec.cwd.as_deref(), Some("/home/ann"));
        assert!(spec.env.contains(&pair("USER", "ann")));
        assert!(spec.env.contains(&pair("HOME", "/home/ann")));
        assert!(spec.env.iter().all(|(key, _)| key != "XDG_RUNTIME_DIR"));
        app.account = None;
        app.mode = Mode::Pipe;
        app.env.clear();
        assert!(
            app.spec(&[], identity, Size::DEFAULT)
                .env
                .iter()
                .all(|(key, _)| key != "TERM")
        );
    }
}
