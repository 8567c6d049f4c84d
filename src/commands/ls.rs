//! `awp ls`: the sessions, for people and for programs.

use std::fmt::Write as _;

use awp_server::client::connect::Body;
use awp_server::client::text::escaped;
use awp_server::clock;
use http::Method;

use super::sessions::{self, Session};
use crate::cli::Ls;

/// The columns of the table.
const HEAD: [&str; 8] = [
    "ID", "NAME", "APP", "MODE", "STATE", "VIEWERS", "AGE", "PROGRAM",
];

/// Lists the sessions, the oldest first.
///
/// # Errors
/// When there is no server, or it refuses.
pub fn run(typed: &Ls) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    let list =
        sessions::run(async { Ok(server.request(Method::GET, "/sessions", Body::None).await?) })?;
    if typed.json {
        // The server's own words: a field that it adds one day is there at once.
        sessions::print(&[&list, &b"\n"[..]].concat())?;
    } else {
        let sessions: Vec<Session> = sessions::read(&list)?;
        let now = clock::seconds();
        sessions::print(table(&sessions, now).as_bytes())?;
    }
    Ok(0)
}

/// The table, in columns as wide as they need to be.
fn table(sessions: &[Session], now: u64) -> String {
    let rows = sessions.iter().map(|session| {
        let first = session.processes.first();
        [
            escaped(&session.id),
            session
                .name
                .as_deref()
                .map_or_else(|| "-".to_owned(), escaped),
            escaped(&session.app),
            first.map_or_else(String::new, |process| match process.mode.as_str() {
                "pty" => format!("pty {}x{}", session.size.cols, session.size.rows),
                mode => escaped(mode),
            }),
            escaped(&session.state),
            session.viewers.to_string(),
            age(now.saturating_sub(session.created)),
            first.map_or_else(String::new, |process| escaped(&process.title)),
        ]
    });
    let rows: Vec<[String; 8]> = std::iter::once(HEAD.map(str::to_owned))
        .chain(rows)
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; 8] = std::array::from_fn(|column| width(column).unwrap_or(0));
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string cannot fail.
            let _ = write!(line, "{cell:width$}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// A time span in its largest unit.
fn age(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_aligned_and_harmless() {
        let list = br#"[{"id":"s-0123456789","name":"a\u001bb","app":"default","mode":"pty",
            "state":"running","created":100,"size":{"cols":80,"rows":24},"viewers":2,
            "processes":[{"process":1,"title":"bash","pid":1,"mode":"pty","state":"running",
            "exit":null}]}]"#;
        let sessions: Vec<Session> = sessions::read(list).expect("a list");
        let expected = "\
ID            NAME      APP      MODE       STATE    VIEWERS  AGE  PROGRAM
s-0123456789  a\\u{1b}b  default  pty 80x24  running  2        2m   bash
";
        assert_eq!(table(&sessions, 220), expected);
        assert_eq!(table(&[], 0).lines().count(), 1);
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let ages = [59, 60, 7199, 86_400].map(age);
        assert_eq!(ages, ["59s", "1m", "1h", "1d"]);
    }
}
