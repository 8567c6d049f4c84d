//! Making a session: the request that `awp new` and `awp run` have in common.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use awp_server::client::connect::{Body, Server};
use awp_server::client::error::ClientError;
use awp_server::model::mode::Mode;
use awp_server::model::size::Size;
use http::Method;
use serde::Serialize;

use super::sessions::{self, Session};

/// A session to make.
#[derive(Default)]
pub struct Start<'a> {
    /// Its name.
    pub name: Option<&'a str>,
    /// Its app.
    pub app: Option<&'a str>,
    /// Its command; the app's if it is empty.
    pub command: &'a [OsString],
    /// How it is connected; as the app says if it is not given.
    pub mode: Option<Mode>,
    /// How it is connected where the app does not say.
    pub fallback_mode: Option<Mode>,
    /// Its working directory.
    pub cwd: Option<&'a Path>,
    /// Its further variables.
    pub env: BTreeMap<&'a str, &'a str>,
    /// Its first size.
    pub size: Option<Size>,
    /// Whether it goes with its viewer, whatever the app says.
    pub hangup: bool,
}

#[derive(Serialize)]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    app: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    command: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_mode: Option<Mode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cols: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_disconnect: Option<&'static str>,
}

impl Start<'_> {
    /// Makes it.
    ///
    /// # Errors
    /// When there is no server, or it refuses.
    pub async fn make(&self, server: &Server) -> anyhow::Result<Session> {
        let command: Result<Vec<_>, _> = self.command.iter().map(sessions::text).collect();
        let request = Request {
            name: self.name,
            app: self.app,
            command: command?,
            mode: self.mode,
            fallback_mode: self.fallback_mode,
            cwd: self.folder(server)?.map(sessions::text).transpose()?,
            env: self.env.clone(),
            cols: self.size.map(|size| size.cols),
            rows: self.size.map(|size| size.rows),
            on_disconnect: self.hangup.then_some("hangup"),
        };
        let body = Body::Json(serde_json::to_vec(&request)?);
        match server.request(Method::POST, "/sessions", body).await {
            Ok(made) => Ok(sessions::read(&made)?),
            // There is no session to be missing here.
            Err(ClientError::NoSession { why, .. }) => Err(ClientError::Failed(why).into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Where it starts: a command that was typed means the folder it was typed in, as far as the
    /// server has the same folders.
    fn folder(&self, server: &Server) -> anyhow::Result<Option<PathBuf>> {
        let here = || std::env::current_dir();
        Ok(match self.cwd {
            Some(folder) if server.is_local() => Some(here()?.join(folder)),
            Some(folder) => Some(folder.to_owned()),
            None if server.is_local() && !self.command.is_empty() => Some(here()?),
            None => None,
        })
    }
}
