//! What was measured, as it is told: one table, one JSON.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::proc::Machine;
use super::targets::{self, Verdict};

/// A measure, in the order in which it is told.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What is measured.
    pub measure: String,
    /// In what.
    pub unit: &'static str,
    /// By whom, and what came out in each round.
    pub by: BTreeMap<String, Figure>,
}

/// What came out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figure {
    /// The middle one.
    pub median: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// One for each round.
    pub rounds: Vec<f64>,
}

impl Figure {
    fn add(&mut self, value: f64) {
        self.rounds.push(value);
        let mut sorted = self.rounds.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len() - 1;
        self.median = f64::midpoint(sorted[last / 2], sorted[last.div_ceil(2)]);
        (self.min, self.max) = (sorted[0], sorted[last]);
    }
}

/// Everything that is told.
#[derive(Serialize)]
pub struct Report {
    /// The day, as `date -u` writes it.
    pub date: String,
    /// What was typed.
    pub command: String,
    /// What was measured on.
    pub machine: Machine,
    /// The share of the machine that others used before each measurement, the middle one.
    pub ambient: Figure,
    /// Who is measured, in the order of the columns.
    pub subjects: Vec<&'static str>,
    /// Peers that are not installed.
    pub absent: Vec<&'static str>,
    /// The measures.
    pub rows: Vec<Row>,
    /// The targets, and what came out.
    pub targets: Vec<Verdict>,
    /// What else is to be said: measurements that did not come to an end.
    pub notes: Vec<String>,
}

impl Report {
    /// Nothing measured yet.
    pub fn new(command: String, subjects: Vec<&'static str>, absent: Vec<&'static str>) -> Self {
        let date = std::process::Command::new("date")
            .args(["-u", "+%F"])
            .output();
        let date = date.map_or(String::new(), |out| {
            String::from_utf8_lossy(&out.stdout).trim().to_owned()
        });
        Self {
            date,
            command,
            machine: Machine::this(),
            ambient: Figure::default(),
            subjects,
            absent,
            rows: Vec::new(),
            targets: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds what one round brought.
    pub fn add(&mut self, measure: &str, unit: &'static str, by: &str, value: f64) {
        let known = self
            .rows
            .iter()
            .position(|row| row.measure == measure && row.unit == unit);
        let place = known.unwrap_or_else(|| {
            self.rows.push(Row {
                measure: measure.to_owned(),
                unit,
                by: BTreeMap::new(),
            });
            self.rows.len() - 1
        });
        self.rows[place]
            .by
            .entry(by.to_owned())
            .or_default()
            .add(value);
    }

    /// Adds the share of the machine that others use.
    pub fn add_ambient(&mut self, share: f64) {
        self.ambient.add(share);
    }

    /// Says that something did not come to an end.
    pub fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// The middle figure of a measure.
    pub fn median(&self, measure: &str, unit: &str, by: &str) -> Option<f64> {
        let row = self
            .rows
            .iter()
            .find(|row| row.measure == measure && row.unit == unit)?;
        row.by.get(by).map(|figure| figure.median)
    }

    /// Holds everything against the targets.
    pub fn judge(&mut self) {
        self.targets = targets::judge(self);
    }

    /// All of it, for a page.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        let Machine {
            processor,
            cores,
            memory_gib,
            kernel,
        } = &self.machine;
        let _ = writeln!(
            out,
            "{}, `{}`. {processor}, {cores} cores, {memory_gib} GiB, Linux {kernel}; others used \
             {:.0} % of the machine [{:.0}-{:.0}].",
            self.date,
            self.command,
            self.ambient.median * 100.0,
            self.ambient.min * 100.0,
            self.ambient.max * 100.0,
        );
        if !self.absent.is_empty() {
            let _ = writeln!(
                out,
                "Not installed, so not measured: {}.",
                self.absent.join(", ")
            );
        }
        let _ = writeln!(
            out,
            "Each cell: the median of the rounds [smallest-largest]; one figure is one round.\n"
        );
        self.table(&mut out);
        out.push('\n');
        targets::table(&self.targets, &mut out);
        for note in &self.notes {
            let _ = writeln!(out, "\n- {note}");
        }
        out
    }

    fn table(&self, out: &mut String) {
        let _ = writeln!(out, "| measure | unit | {} |", self.subjects.join(" | "));
        let _ = writeln!(out, "|---|---|{}", "---:|".repeat(self.subjects.len()));
        for row in &self.rows {
            let _ = write!(out, "| {} | {} |", row.measure, row.unit);
            for subject in &self.subjects {
                let cell = row.by.get(*subject).map_or(String::new(), cell);
                let _ = write!(out, " {cell} |");
            }
            out.push('\n');
        }
    }
}

fn cell(figure: &Figure) -> String {
    let median = short(figure.median);
    if figure.rounds.len() < 2 {
        return median;
    }
    format!("{median} [{}-{}]", short(figure.min), short(figure.max))
}

/// A figure with as many digits as mean something.
pub fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        ..1.0 => format!("{value:.3}"),
        ..10.0 => format!("{value:.2}"),
        ..100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}
