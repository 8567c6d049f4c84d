//! `awp share`: a link to a session, for somebody else.

use awp_server::client::connect::Body;
use http::Method;
use serde::Deserialize;

use super::sessions;
use crate::cli::Share;

#[derive(Deserialize)]
struct Made {
    url: String,
}

/// Makes a link and prints it.
///
/// # Errors
/// When there is no server, no such session, or it refuses.
pub fn run(typed: &Share) -> anyhow::Result<u8> {
    let server = sessions::server(&typed.target)?;
    if typed.write {
        // Before the link exists, so that nobody learns it too late.
        say(
            "whoever has this link can type into the session, and so read and do all that its \
             account can, the owner's token included",
        );
    }
    let body = serde_json::json!({
        "write": typed.write,
        "expires": format!("{}s", typed.expires.as_secs()),
        "once": typed.once,
    });
    let answer = sessions::run(async {
        let body = Body::Json(body.to_string().into());
        Ok(sessions::ask(&server, Method::POST, &typed.session, "/share", body).await?)
    })?;
    let made: Made = sessions::read(&answer)?;
    sessions::print(format!("{}\n", made.url).as_bytes())?;
    Ok(0)
}

#[expect(
    clippy::print_stderr,
    reason = "a warning for the person at the terminal"
)]
fn say(warning: &str) {
    eprintln!("awp: share: {warning}");
}
