//! Which dialect an attached client speaks.

use super::handshake::Subprotocol;
use crate::model::id::ProcessId;
use crate::model::mode::Mode;
use crate::wire::dialect::Dialect;
use crate::wire::json::{Json, Replay};
use crate::wire::k8s::K8s;
use crate::wire::lines::Lines;
use crate::wire::raw::Raw;
use crate::wire::terminado::Terminado;
use crate::wire::tty::Tty;
use crate::wire::v1::V1;

/// The dialect that was chosen, for a process of this mode. A bare client speaks in bytes or in
/// lines, as the process does.
pub(super) fn dialect(
    chosen: Subprotocol,
    mode: Mode,
    process: ProcessId,
    replay: Vec<Replay>,
) -> Box<dyn Dialect> {
    match chosen {
        Subprotocol::V1 => Box::new(V1),
        Subprotocol::Json => Box::new(Json::new(process, replay)),
        Subprotocol::Raw if mode.has_lines() => Box::new(Lines::new(process, mode == Mode::Json)),
        Subprotocol::Raw => Box::new(Raw::new(process)),
        Subprotocol::Tty => Box::new(Tty::new(process)),
        Subprotocol::K8sV4 => Box::new(K8s::new(process, false)),
        Subprotocol::K8sV5 => Box::new(K8s::new(process, true)),
        Subprotocol::Terminado => Box::new(Terminado::new(process)),
    }
}
