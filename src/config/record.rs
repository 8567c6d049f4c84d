//! Whether an app's terminals are recorded, as the file says it: `record = true`, or a table.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use toml::Spanned;

use awp_server::model::cast::{Record, TOTAL};

use super::bytes::Bytes;
use super::error::ConfigError;
use super::file::ConfigFile;
use super::text;

/// Bytes of one recording where nothing is said: a working day of a person, a minute of a flood.
const MAX: u64 = 64 << 20;

/// The shortest limit, in bytes: below this there is hardly more than a beginning and an end.
const LEAST: u64 = 64 << 10;

/// How long a recording is kept where nothing is said.
const KEEP: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// `record`, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordSection {
    /// Yes or no.
    Switch(bool),
    /// Yes, in this way.
    Table(RecordTable),
}

/// How it is recorded; what is `None` has its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RecordTable {
    /// Bytes of one recording.
    #[serde(deserialize_with = "text::value")]
    pub max: Option<Bytes>,
    /// How long it is kept.
    #[serde(deserialize_with = "text::value")]
    pub keep: Option<Duration>,
}

impl<'de> Deserialize<'de> for RecordSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SectionVisitor)
    }
}

struct SectionVisitor;

impl<'de> Visitor<'de> for SectionVisitor {
    type Value = RecordSection;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("true, false or a table such as { max = \"64MiB\", keep = \"30d\" }")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(RecordSection::Switch(value))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        RecordTable::deserialize(MapAccessDeserializer::new(map)).map(RecordSection::Table)
    }
}

/// What it means.
///
/// # Errors
/// When nothing, or nothing useful, would be recorded.
pub fn record(
    file: &ConfigFile,
    section: Option<Spanned<RecordSection>>,
) -> Result<Option<Record>, ConfigError> {
    let Some(section) = section else {
        return Ok(None);
    };
    let at = section.span().start;
    let table = match section.into_inner() {
        RecordSection::Switch(false) => return Ok(None),
        RecordSection::Switch(true) => RecordTable::default(),
        RecordSection::Table(table) => table,
    };
    let max = table.max.map_or(MAX, |Bytes(bytes)| bytes);
    if !(LEAST..=TOTAL).contains(&max) {
        let why = format!("record.max is {} KiB to {} GiB", LEAST >> 10, TOTAL >> 30);
        return Err(file.wrong(at, why));
    }
    let keep = table.keep.unwrap_or(KEEP);
    if keep.is_zero() {
        let why = "record.keep: 0s would keep nothing; write record = false";
        return Err(file.wrong(at, why));
    }
    Ok(Some(Record { max, keep }))
}
