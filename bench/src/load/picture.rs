//! The figures as one picture: a panel for each measure, a bar for each server.

use std::fmt::Write as _;

use super::report::{Report, short};

/// What is drawn: measure, unit, title, whether less is better.
const PANELS: [(&str, &str, &str, bool); 6] = [
    ("mixed text", "MiB/s", "Output of a program, MiB/s", false),
    (
        "mixed text",
        "CPU s/GiB",
        "Server's CPU seconds per GiB",
        true,
    ),
    (
        "echo, a key each 5 ms",
        "µs, median",
        "Echo of a key, µs (median)",
        true,
    ),
    (
        "echo, a key each 5 ms beside 4 x 1 MiB/s",
        "µs, p99",
        "Echo beside four busy sessions, µs (p99)",
        true,
    ),
    (
        "sessions opened, N=1000",
        "1/s",
        "Sessions opened per second, N=1000",
        false,
    ),
    (
        "memory per idle session: server, N=1000",
        "KiB",
        "Server's memory per idle session, KiB",
        true,
    ),
];

const WIDTH: usize = 860;
const COLUMN: usize = 420;
const BAR: usize = 18;
const LABEL: usize = 84;
const TRACK: f64 = 240.0;
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#59636e}.t{font-weight:600;fill:#1f2328}\
rect{fill:#afb8c1}.a{fill:#0969da}.v{fill:#1f2328}\
@media(prefers-color-scheme:dark){text{fill:#9198a1}.t,.v{fill:#f0f6fc}rect{fill:#3d444d}.a{fill:#4493f8}}";

/// Draws a report.
pub fn draw(report: &Report) -> String {
    let panels: Vec<_> = PANELS.iter().map(|panel| bars(report, panel)).collect();
    let mut body = String::new();
    let mut top = 34;
    for pair in panels.chunks(2) {
        let tallest = pair.iter().map(Vec::len).max().unwrap_or(0);
        let first = (top, tallest);
        for (place, bars) in pair.iter().enumerate() {
            let panel = &PANELS[body.matches("class=\"t\"").count()];
            panel_at(&mut body, panel, bars, (place * COLUMN + 10, first.0));
        }
        top += 30 + tallest * (BAR + 5) + 18;
    }
    let machine = &report.machine;
    let caption = format!(
        "{} · {} cores of {} · {}",
        report.date, machine.cores, machine.processor, report.command
    );
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{}\" \
         viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"awp beside others\">\n\
         <style>{STYLE}</style>\n<text x=\"10\" y=\"16\">{}</text>\n{body}</svg>\n",
        top,
        top,
        escaped(&caption)
    )
}

fn bars(report: &Report, (measure, unit, _, _): &(&str, &str, &str, bool)) -> Vec<(String, f64)> {
    let subjects = report.subjects.iter();
    subjects
        .filter_map(|subject| {
            let value = report.median(measure, unit, subject)?;
            Some(((*subject).to_owned(), value))
        })
        .collect()
}

fn panel_at(
    out: &mut String,
    (_, _, title, less): &(&str, &str, &str, bool),
    bars: &[(String, f64)],
    (left, top): (usize, usize),
) {
    let better = if *less {
        "less is better"
    } else {
        "more is better"
    };
    let _ = writeln!(
        out,
        "<text class=\"t\" x=\"{left}\" y=\"{}\">{} <tspan font-weight=\"400\">({better})</tspan></text>",
        top + 14,
        escaped(title)
    );
    let most = bars
        .iter()
        .map(|(_, value)| *value)
        .fold(f64::MIN_POSITIVE, f64::max);
    for (place, (name, value)) in bars.iter().enumerate() {
        let y = top + 26 + place * (BAR + 5);
        let width = (value / most * TRACK).max(1.0);
        let class = if name == "awp" { " class=\"a\"" } else { "" };
        let x = left + LABEL;
        let after = x as f64 + width + 6.0;
        let base = y + BAR - 4;
        let _ = writeln!(
            out,
            "<text x=\"{left}\" y=\"{base}\">{}</text>\
             <rect{class} x=\"{x}\" y=\"{y}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"2\"/>\
             <text class=\"v\" x=\"{after:.1}\" y=\"{base}\">{}</text>",
            escaped(name),
            short(*value)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
