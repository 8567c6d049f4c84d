//! `awp token`: the owner's token.

use awp_server::client::error::ClientError;
use awp_server::server::token::Token;

use super::sessions;
use crate::cli::{Token as Typed, TokenVerb};
use crate::config::layer::Environment;
use crate::config::token_file;

/// Shows it, or makes another one. A running server sees by itself that there is another one.
///
/// # Errors
/// When there is none, or it cannot be trusted.
pub fn run(typed: Typed) -> anyhow::Result<u8> {
    let file = token_file(typed.token_file, &Environment::of_this_process());
    let file = file.ok_or_else(|| {
        ClientError::usage("--token-file", "HOME is not set; name the token's file")
    })?;
    if !file.exists() {
        let why = format!(
            "there is no token at {}; `awp serve` makes one",
            file.display()
        );
        return Err(ClientError::Failed(why).into());
    }
    match typed.verb.unwrap_or(TokenVerb::Show) {
        TokenVerb::Show => {
            // Whether it can be trusted is looked at first.
            Token::open(&file)?;
            sessions::print(&std::fs::read(&file)?)?;
        }
        TokenVerb::Rotate => Token::rotate(&file)?,
    }
    Ok(0)
}
