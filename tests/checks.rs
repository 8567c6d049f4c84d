//! The visible checks of the security design, by number: the list of all of them with what proves
//! each (`docs/security-checks.md`), and those that need no home elsewhere.

mod harness;

#[path = "checks/binary.rs"]
mod binary;
#[path = "checks/floods.rs"]
mod floods;
#[path = "checks/list.rs"]
mod list;
#[path = "checks/requests.rs"]
mod requests;
#[path = "checks/secrets.rs"]
mod secrets;
