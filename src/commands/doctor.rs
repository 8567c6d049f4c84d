//! `awp doctor`: what is wrong with the reverse proxy.

use awp_server::client::doctor::{Check, Doctor, Finding};
use awp_server::client::error::ClientError;
use awp_server::client::place::Place;
use awp_server::client::text::escaped;

use super::sessions;
use crate::cli;

/// Tells what it finds, line by line; the status is 1 if anything is wrong.
///
/// # Errors
/// When the address is none, or the token cannot be read.
pub fn run(typed: &cli::Doctor) -> anyhow::Result<u8> {
    // Without a token there is nothing that could be read on its way.
    let clear = typed.insecure_http || typed.token_file.is_none();
    let Place::Tcp(address) = Place::named(&typed.url, typed.token_file.as_deref(), clear)? else {
        let why = "a Unix socket has no proxy in front of it; give http://HOST:PORT/PATH";
        return Err(ClientError::usage("URL", why).into());
    };
    let doctor = Doctor::new(address, typed.hold);
    sessions::run(async { Ok(u8::from(!doctor.examine(tell).await)) })
}

#[expect(clippy::print_stdout, reason = "the answer")]
fn tell((name, finding): &Check) {
    // What a server says may hold anything.
    match finding {
        Finding::Good(seen) => println!("good  {name:<10} {}", escaped(seen)),
        Finding::Left(why) => println!("left  {name:<10} {}", escaped(why)),
        Finding::Bad { seen, fix } => {
            println!("bad   {name:<10} {}", escaped(seen));
            println!("      fix: {}", escaped(fix));
        }
    }
}
