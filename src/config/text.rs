//! Values that are written as text, the same way in a flag, a variable and the file.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use awp_server::model::access::{Access, Role};
use awp_server::model::duration;
use awp_server::model::keep::OnDisconnect;
use awp_server::model::mode::Mode;
use awp_server::model::size::{Size, SizePolicy};
use ipnet::IpNet;
use serde::de::{Deserialize, Deserializer, Error as _};

/// A value with a written form.
pub trait Text: Sized {
    /// Reads the written form; the error says what is wrong and what may be written.
    ///
    /// # Errors
    /// As the implementing type says.
    fn read(text: &str) -> Result<Self, String>;
}

/// [`Text::read`] as a function of its own, for clap.
///
/// # Errors
/// What is wrong with the text.
pub fn parse<T: Text>(text: &str) -> Result<T, String> {
    T::read(text)
}

impl Text for Role {
    fn read(text: &str) -> Result<Self, String> {
        Self::by_name(text)
            .ok_or_else(|| format!("{text:?} is no role; write owner, write or watch"))
    }
}

impl Text for Access {
    fn read(text: &str) -> Result<Self, String> {
        Self::by_name(text).ok_or_else(|| format!("{text:?} is none of owner, users, login"))
    }
}

/// Reads one optional value of the file.
///
/// # Errors
/// What is wrong with the value.
pub fn value<'de, D: Deserializer<'de>, T: Text>(source: D) -> Result<Option<T>, D::Error> {
    let text = String::deserialize(source)?;
    T::read(&text).map(Some).map_err(D::Error::custom)
}

/// Reads a list of values of the file.
///
/// # Errors
/// What is wrong with one of them.
pub fn list<'de, D: Deserializer<'de>, T: Text>(source: D) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(source)?;
    let values = texts.iter().map(|text| T::read(text));
    values.collect::<Result<_, _>>().map_err(D::Error::custom)
}

/// Reads a table of variables of the file.
///
/// # Errors
/// What is wrong with one of them.
pub fn variables<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<Variable>, D::Error> {
    let table = BTreeMap::<String, String>::deserialize(source)?;
    let read = table
        .into_iter()
        .map(|(name, value)| Variable::new(name, value));
    read.collect::<Result<_, _>>().map_err(D::Error::custom)
}

impl Text for Duration {
    fn read(text: &str) -> Result<Self, String> {
        duration::parse(text)
    }
}

impl Text for Mode {
    fn read(text: &str) -> Result<Self, String> {
        text.parse()
            .map_err(|error: awp_server::model::mode::UnknownMode| error.to_string())
    }
}

impl Text for OnDisconnect {
    fn read(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            None if text == "keep" => Ok(Self::Keep(None)),
            None if text == "hangup" => Ok(Self::Hangup),
            Some(("keep", time)) => Ok(Self::Keep(Some(duration::parse(time)?))),
            _ => Err(format!("{text:?} is none of keep, hangup, keep=15m")),
        }
    }
}

/// Where to listen, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A host (a name, or an address without brackets) and a port.
    Tcp(String, u16),
    /// The path of a Unix socket.
    Unix(PathBuf),
}

impl Text for Listen {
    fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is neither HOST:PORT (127.0.0.1:7681) nor unix:PATH");
        if let Some(path) = text.strip_prefix("unix:") {
            return if path.is_empty() {
                Err(wrong())
            } else {
                Ok(Self::Unix(path.into()))
            };
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let inner = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = inner.unwrap_or(host);
        // Without its brackets an IPv6 address swallows the port: `::1:80` is an address itself.
        if host.is_empty() || (inner.is_none() && host.contains(':')) {
            return Err(wrong());
        }
        Ok(Self::Tcp(host.to_owned(), port))
    }
}

/// A reverse proxy that is believed, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trusted {
    /// Whoever connects from this network.
    Network(IpNet),
    /// Whoever connects to a Unix listener.
    Unix,
}

impl Text for Trusted {
    fn read(text: &str) -> Result<Self, String> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        let network = text.parse::<IpNet>().ok().or_else(address);
        network.map(Self::Network).ok_or_else(|| {
            format!("{text:?} is neither an address or network (10.0.0.0/8) nor unix")
        })
    }
}

/// A variable of the command's environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

impl Variable {
    fn new(name: String, value: String) -> Result<Self, String> {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            return Err(format!("{name:?} cannot be a variable; write NAME=VALUE"));
        }
        Ok(Self { name, value })
    }
}

impl Text for Variable {
    fn read(text: &str) -> Result<Self, String> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("{text:?} has no value; write NAME=VALUE"))?;
        Self::new(name.to_owned(), value.to_owned())
    }
}

impl Text for SizePolicy {
    fn read(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is none of active, owner, smallest, fixed=120x40");
        match text {
            "active" => Ok(Self::Active),
            "owner" => Ok(Self::Owner),
            "smallest" => Ok(Self::Smallest),
            _ => {
                let sides = text
                    .strip_prefix("fixed=")
                    .and_then(|size| size.split_once('x'));
                let (cols, rows) = sides.ok_or_else(wrong)?;
                let side = |text: &str| match text.parse() {
                    Ok(cells @ 1..=Size::MAX) => Ok(cells),
                    _ => Err(format!("{text:?} is no size; a side is 1 to {}", Size::MAX)),
                };
                Ok(Self::Fixed(Size {
                    cols: side(cols)?,
                    rows: side(rows)?,
                }))
            }
        }
    }
}

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

impl Text for LogFormat {
    fn read(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("{text:?} is neither text nor json")),
        }
    }
}

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLevel(pub tracing::level_filters::LevelFilter);

impl Default for LogLevel {
    fn default() -> Self {
        Self(tracing::level_filters::LevelFilter::INFO)
    }
}

impl Text for LogLevel {
    fn read(text: &str) -> Result<Self, String> {
        let names = ["off", "error", "warn", "info", "debug", "trace"];
        let level = names.contains(&text).then(|| text.parse().ok()).flatten();
        level
            .map(Self)
            .ok_or_else(|| format!("{text:?} is none of {}", names.join(", ")))
    }
}
