use std::fs;
use std::path::Path;

use clap::{CommandFactory, Parser};

use super::bytes::Bytes;
use super::*;
use crate::cli::Cli;

/// A user id that is not root's.
const USER: u32 = 1000;

fn environment<const N: usize>(more: [(&str, &str); N]) -> Environment {
    let usual = [("PATH", "/bin:/usr/bin"), ("HOME", "/nonexistent")];
    usual.into_iter().chain(more).collect()
}

fn load(flags: &[&str], environment: &Environment) -> Result<Config, ConfigError> {
    let typed = Cli::try_parse_from(std::iter::once(&"awp").chain(flags)).expect("flags parse");
    Config::load(typed.serve, environment, USER)
}

fn load_file(text: &str, flags: &[&str]) -> Result<Config, ConfigError> {
    load_file_with(text, flags, &environment([]))
}

fn load_file_with(
    text: &str,
    flags: &[&str],
    environment: &Environment,
) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("awp.toml");
    fs::write(&path, text).expect("the file is written");
    let path = path.to_str().expect("a plain path");
    let flags: Vec<_> = ["--config", path].iter().chain(flags).copied().collect();
    load(&flags, environment)
}

/// The refusal of a file, as `awp.toml:LINE: why`.
fn refusal(text: &str) -> String {
    let error = load_file(text, &[]).expect_err("the file is refused");
    assert_eq!(error.exit_status(), 2);
    let message = error.to_string();
    let at = message.find("awp.toml:").expect("it names the file");
    message[at..].to_owned()
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn nothing_said_means_the_defaults() {
    let config = load(&[], &environment([])).expect("defaults are valid");
    let address = "127.0.0.1:7681".parse().expect("an address");
    assert_eq!(config.listen, [Listener::Tcp(address)]);
    let token = Path::new("/nonexistent/.local/state/awp/token");
    assert_eq!(config.token_file.as_deref(), Some(token));
    assert_eq!(config.ping_interval, Duration::from_secs(15));
    assert_eq!(config.login_max, Duration::from_secs(30 * 24 * 3600));
    assert_eq!(config.root, RootRule::Ok);
    let app = &config.apps[DEFAULT_APP];
    assert_eq!(app.program, Path::new("/bin/sh"));
    assert_eq!(app.mode, Mode::Pty);
    let keep = OnDisconnect::Keep(Some(Duration::from_secs(900)));
    assert_eq!(app.on_disconnect, keep);
}

#[test]
fn flags_win_over_environment_over_file_over_default() {
    let file = "[server]\nping_interval = \"1s\"\nping_timeout = \"2s\"\nmax_sessions = 3\n\
                listen = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\nonce = true";
    let variables = environment([
        ("AWP_PING_TIMEOUT", "4s"),
        ("AWP_MAX_SESSIONS", "5"),
        ("AWP_LISTEN", "127.0.0.1:3, unix:/tmp/a"),
        ("AWP_OPEN", ""),
    ]);
    let flags = ["--max-sessions", "6", "--once=false"];
    let config = load_file_with(file, &flags, &variables).expect("valid");
    assert_eq!(config.ping_interval, Duration::from_secs(1), "file");
    assert_eq!(config.ping_timeout, Duration::from_secs(4), "environment");
    assert_eq!(config.max_sessions, 6, "flag");
    assert_eq!(config.max_viewers, 1000, "default");
    assert!(!config.once, "a flag can take back what the file says");
    let unix = Listener::Unix("/tmp/a".into());
    assert_eq!(config.listen[1..], [unix], "lists replace each other");
}

#[test]
fn the_commands_own_settings_come_from_every_source() {
    let file = "[server]\nenv = { A = \"server\", B = \"server\", C = \"server\" }\nmode = \"pty\"\n\
                [app.default]\ncommand = [\"cat\"]\nmode = \"pipe\"\nenv = { B = \"app\" }";
    let flags = ["--env", "C=flag", "--env", "D=x=y"];
    let config = load_file(file, &flags).expect("valid");
    let app = &config.apps[DEFAULT_APP];
    let expected = [("A", "server"), ("B", "app"), ("C", "flag"), ("D", "x=y")];
    let env: Vec<_> = app
        .env
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(env, expected);
    assert_eq!(app.command, ["cat"]);
    assert_eq!(
        (app.mode, app.on_disconnect),
        (Mode::Pipe, OnDisconnect::Hangup)
    );
    let typed = load_file(file, &["--mode", "pty", "--", "echo", "hi"]).expect("valid");
    assert_eq!(typed.apps[DEFAULT_APP].command, ["echo", "hi"]);
    assert_eq!(typed.apps[DEFAULT_APP].mode, Mode::Pty);
}

#[test]
fn every_option_can_be_a_variable_and_a_key() {
    for argument in Cli::command().get_arguments() {
        let Some(long) = argument.get_long().filter(|long| *long != "config") else {
            continue;
        };
        // A value that no option takes: known names complain about it, unknown ones about the name.
        let refused = refusal(&format!(
            "[server]\n{} = {{ x = 1 }}",
            long.replace('-', "_")
        ));
        assert!(!refused.contains("unknown key"), "{refused}");
    }
    let error = load(&[], &environment([("AWP_PING_TIMEOUT", "soon")])).expect_err("refused");
    let start = "AWP_PING_TIMEOUT: \"soon\" is not a duration";
    assert!(error.to_string().starts_with(start), "{error}");
    let error = load(&[], &environment([("AWP_NO_AUTH", "maybe")])).expect_err("refused");
    assert!(error.to_string().starts_with("AWP_NO_AUTH: "), "{error}");
}

#[test]
fn other_variables_with_the_prefix_mean_nothing() {
    let variables = environment([
        ("AWP_VERSION", "1"),
        ("AWP_HELP", "1"),
        ("AWP_SESSION", "s"),
    ]);
    load(&[], &variables).expect("they are not options");
}

#[test]
fn apps_are_read_whole() {
    let file = "[app.count]\ncommand = [\"sh\", \"-c\", \"date\"]\nmode = \"pipe\"\ncwd = \"/\"\n\
                env = { GREETING = \"hi\" }\non_disconnect = \"keep=1h30m\"\n\
                size_policy = \"fixed=120x40\"\n\
                files = false\n\
                limits = { sessions = 100, per_user = 3, idle = \"30m\", max = \"10h\", \
                transfers = 2, file_bytes = \"1MiB\", files = 64, cpu_time = \"1m\", \
                core = \"0\", memory = \"512MiB\", pids = 64, cpu = \"50%\" }";
    let config = load_file(file, &[]).expect("valid");
    let app = &config.apps["count"];
    assert_eq!(app.command, ["sh", "-c", "date"]);
    assert_eq!(app.program, Path::new("/bin/sh"));
    assert_eq!(app.cwd.as_deref(), Some(Path::new("/")));
    assert_eq!(app.env["GREETING"], "hi");
    assert_eq!(
        app.on_disconnect,
        OnDisconnect::Keep(Some(Duration::from_secs(5400)))
    );
    let size = awp_server::model::size::Size {
        cols: 120,
        rows: 40,
    };
    assert_eq!(app.size_policy, SizePolicy::Fixed(size));
    assert_eq!(app.limits.per_user, Some(3));
    assert_eq!(app.limits.max, Some(Duration::from_secs(36_000)));
    assert_eq!(app.limits.transfers, Some(2));
    assert_eq!(app.limits.file_bytes, Some(Bytes(1 << 20)));
    assert!(!app.files);
    let resources = awp_server::model::resource::Resources {
        files: Some(64),
        cpu_time: Some(60),
        core: Some(0),
        memory: Some(512 << 20),
        pids: Some(64),
        cpu: Some(50),
        ..Default::default()
    };
    assert_eq!(app.resources, resources);
}

#[test]
fn a_limit_that_lets_nothing_run_is_refused() {
    for (limit, expected) in [
        (
            "files = 3",
            "awp.toml:2: limits.files: with 3 no program starts",
        ),
        (
            "pids = 0",
            "awp.toml:2: limits.pids: 0 would let nothing run",
        ),
        (
            "memory = \"1MiB\"",
            "limits.memory: 1048576 bytes are too few",
        ),
        (
            "address_space = \"1\"",
            "limits.address_space: 1 bytes are too few",
        ),
        ("cpu_time = \"10ms\"", "limits.cpu_time: less than a second"),
        ("cpu = \"0%\"", "0% would let nothing run"),
        ("cpu = \"half\"", "\"half\" is no share of a processor"),
        ("momory = \"1GiB\"", "did you mean \"memory\"?"),
    ] {
        let file = format!("[app.a]\nlimits = {{ {limit} }}\ncommand = [\"sh\"]\n");
        let error = load_file(&file, &[]).expect_err(limit).to_string();
        assert!(error.contains(expected), "{limit}: {error}");
    }
}

#[test]
fn a_wrong_file_is_refused_with_line_and_suggestion() {
    for (text, expected) in [
        (
            "[app.x]\ncommand = [\"cat\"]\naccess = \"all\"",
            "awp.toml:3: \"all\" is none of owner, users, login",
        ),
        (
            "[app.x]\ncommand = [\"cat\"]\naccess = \"login\"",
            "awp.toml:2: access = \"login\" is for an app with a login program",
        ),
        (
            "[server]\n\nlisten_ = []",
            "awp.toml:3: unknown key \"listen_\"; did you mean \"listen\"?",
        ),
        (
            "[sever]",
            "awp.toml:1: unknown key \"sever\"; did you mean \"server\"?",
        ),
        (
            "[app.a]\ncommand=[\"sh\"]\nmod = 1",
            "awp.toml:3: unknown key \"mod\"; did you mean \"mode\"?",
        ),
        (
            "[app.a]\nzzz = 1",
            "awp.toml:2: unknown key \"zzz\"; there is command, dir, static, mode",
        ),
        (
            "[app.a]\nlimits = { session = 1 }",
            "awp.toml:2: unknown key \"session\"; did you mean \"sessions\"?",
        ),
        (
            "[server]\nmax_sessions = \"many\"",
            "awp.toml:2: invalid type: string \"many\", expected u32",
        ),
        (
            "[server]\nping_interval = \"15\"",
            "awp.toml:2: \"15\" is not a duration",
        ),
        (
            "[app.a]\nmode = \"turn\"",
            "awp.toml:2: there is no mode \"turn\"; the modes are pty, pipe, lines, json, pty+err",
        ),
        (
            "[app.a]\ncommand = \"sh\"",
            "awp.toml:2: invalid type: string \"sh\", expected a sequence",
        ),
        (
            "\n[app.a]\nmode = \"pty\"",
            "awp.toml:2: app \"a\" has no command",
        ),
        ("[app.a]\ncommand = []", "awp.toml:2: the command is empty"),
        (
            "[app.a]\n\ncommand = [\"nosuchprog\"]",
            "awp.toml:3: nosuchprog: not found in PATH",
        ),
        (
            "[app.default]\ncommand = [\"nosuchprog\"]",
            "awp.toml:2: nosuchprog: not found in PATH",
        ),
        (
            "[app.a]\ncommand = [\"sh\"]\ncwd = \"/gone\"",
            "awp.toml:3: there is no folder /gone",
        ),
        (
            "[app.\"a/b\"]\ncommand = [\"sh\"]",
            "awp.toml:1: \"a/b\" is no name for an app",
        ),
        (
            "[server]\nlisten = [\"7681\"]",
            "awp.toml:2: \"7681\" is neither HOST:PORT",
        ),
        ("[server]\nlisten = [", "awp.toml:2: "),
    ] {
        let message = refusal(text);
        assert!(
            message.starts_with(expected),
            "{text}\n{message}\n{expected}"
        );
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn an_app_is_one_thing_and_not_two() {
    for (text, expected) in [
        (
            "[app.a]\ncommand = [\"sh\"]\ndir = \"/tmp\"",
            "awp.toml:1: app \"a\" is one of command, dir and static",
        ),
        (
            "[app.a]\nstatic = \"/tmp\"\nmode = \"pipe\"",
            "awp.toml:1: app \"a\" is a folder of files",
        ),
        (
            "[app.a]\ndir = \"/gone\"",
            "awp.toml:2: there is no such folder",
        ),
        (
            "[app.a]\nstatic = \"/gone\"",
            "awp.toml:2: there is no folder /gone",
        ),
        (
            "[app.default]\ndir = \"/\"",
            "awp.toml:2: the default app is a program",
        ),
    ] {
        let message = refusal(text);
        assert!(
            message.starts_with(expected),
            "{text}\n{message}\n{expected}"
        );
    }
}

#[test]
fn a_login_is_a_program_or_one_that_awp_brings() {
    for (text, expected) in [
        (
            "timeout = \"1m\"",
            "awp.toml:1: login \"a\" has no command; add command = [...] or builtin = \"passwd\"",
        ),
        (
            "builtin = \"oidc\"",
            "awp.toml:2: there is no \"oidc\"; write builtin = \"passwd\"",
        ),
        (
            "builtin = \"pam\"",
            "awp.toml:2: awp brings no pam, which needs root",
        ),
        (
            "command = [\"sh\"]\nbuiltin = \"passwd\"",
            "awp.toml:3: login \"a\" has a command as well",
        ),
    ] {
        let message = refusal(&format!("[login.a]\n{text}"));
        assert!(message.starts_with(expected), "{message}\n{expected}");
    }
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let error = load(&["--config", "/gone.toml"], &environment([])).expect_err("refused");
    assert!(error.to_string().starts_with("/gone.toml: "), "{error}");
}

#[test]
fn the_default_file_is_read_if_present() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().to_str().expect("a plain path");
    let variables = environment([("XDG_CONFIG_HOME", home), ("XDG_STATE_HOME", home)]);
    let load_max = || load(&[], &variables).expect("valid").max_sessions;
    assert_eq!(load_max(), 100);
    fs::create_dir(folder.path().join("awp")).expect("made");
    fs::write(
        folder.path().join("awp/awp.toml"),
        "server.max_sessions = 7",
    )
    .expect("written");
    assert_eq!(load_max(), 7);
    let config = load(&[], &variables).expect("valid");
    assert_eq!(config.token_file, Some(folder.path().join("awp/token")));
}

#[test]
fn a_missing_program_on_the_command_line_is_an_operation_that_failed() {
    let error = load(&["--", "nosuchprog"], &environment([])).expect_err("refused");
    assert_eq!(error.to_string(), "nosuchprog: not found in PATH");
    assert_eq!(error.exit_status(), 1);
}

#[test]
fn the_shell_is_the_users() {
    let config = load(&[], &environment([("SHELL", "/bin/cat")])).expect("valid");
    assert_eq!(config.apps[DEFAULT_APP].command, ["/bin/cat"]);
}

#[test]
fn awp_never_starts_open() {
    let refused = |flags: &[&str], uid| {
        let typed = Cli::try_parse_from(std::iter::once(&"awp").chain(flags)).expect("parse");
        Config::load(typed.serve, &environment([]), uid)
            .err()
            .map(|error| {
                error
                    .to_string()
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
    };
    let open = "--listen=0.0.0.0:80";
    assert_eq!(refused(&[open], USER).as_deref(), Some("--listen"));
    assert_eq!(refused(&[open, "--insecure-http"], USER), None);
    assert_eq!(
        refused(&["--listen=[::]:80"], USER).as_deref(),
        Some("--listen")
    );
    let no_auth = refused(&[open, "--insecure-http", "--no-auth"], USER);
    assert_eq!(no_auth.as_deref(), Some("--no-auth"));
    let mixed = refused(&["--listen=unix:/tmp/a", open, "--no-auth"], USER);
    assert_eq!(mixed.as_deref(), Some("--no-auth"));
    for local in ["unix:/tmp/a", "127.0.0.9:0", "[::1]:0", "localhost:0"] {
        assert_eq!(
            refused(&["--listen", local, "--no-auth"], USER),
            None,
            "{local}"
        );
        assert_eq!(refused(&["--listen", local], 0), None, "{local}");
    }
    let root = refused(&[open, "--insecure-http"], 0);
    assert_eq!(root.as_deref(), Some("running as root"));
    assert_eq!(refused(&[open, "--insecure-http", "--allow-root"], 0), None);
    assert_eq!(
        refused(&["--max-sessions=0"], USER).as_deref(),
        Some("--max-sessions")
    );
    assert_eq!(
        refused(&["--ping-interval=0s"], USER).as_deref(),
        Some("--ping-interval")
    );
}

#[test]
fn only_named_proxies_are_believed() {
    let header = "--proxy-user-header=X-Remote-User";
    let why = |flags: &[&str]| {
        let error = load(flags, &environment([])).expect_err("refused");
        error.to_string()
    };
    assert!(why(&[header]).starts_with("--proxy-user-header: anybody could send it"));
    let unix = why(&[header, "--trust-proxy=unix"]);
    assert!(
        unix.starts_with("--trust-proxy unix: there is no"),
        "{unix}"
    );
    let local = "--trust-proxy=127.0.0.1";
    assert!(why(&[header, local, "--no-auth"]).contains("nobody is asked"));
    assert!(why(&["--proxy-user-header=Cookie", local]).contains("something else"));
    let variable = environment([("AWP_TRUST_PROXY", "10.0.0.0/8, fd00::/8")]);
    let config = load(&[header], &variable).expect("valid");
    assert_eq!(
        config.ways.proxy_user_header.as_deref(),
        Some("x-remote-user")
    );
    assert_eq!(config.ways.trust_proxy.len(), 2);
    let text = "[server]\nproxy_user_header = \"X-User\"\ntrust_proxy = [\"10.0.0.0/99\"]";
    assert!(
        refusal(text).contains("neither an address or network"),
        "{}",
        refusal(text)
    );
}

#[test]
fn a_base_path_is_a_path() {
    for (typed, path) in [("/", ""), ("/awp", "/awp"), ("/a/b/", "/a/b"), ("", "")] {
        let config = load(&["--base-path", typed], &environment([])).expect("valid");
        assert_eq!(config.base_path, path);
    }
    for typed in ["awp", "//x", "/a//b", "/../x", "/a b", "/a?b"] {
        assert!(
            load(&["--base-path", typed], &environment([])).is_err(),
            "{typed}"
        );
    }
}
