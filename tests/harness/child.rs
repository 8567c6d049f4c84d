//! A session's first process, and when it waits.

use super::{Server, proc, until};

/// The process id of the session's first process.
pub async fn first_process(server: &Server, id: &str) -> u32 {
    let session = server.session(id).await.json();
    let pid = session["processes"][0]["pid"].as_u64();
    u32::try_from(pid.unwrap_or_else(|| panic!("{session}"))).expect("a process id")
}

/// Waits until a process that writes has stood still for a while, and gives how much it wrote. On a
/// busy machine it may only have waited for its turn, so nothing but bounds is asked of it.
pub async fn blocked(pid: u32) -> u64 {
    /// Looks in a row, 5 ms apart, at which it must stand still.
    const STILL: usize = 100;
    let mut last = (0, 0);
    until("a writer that waits", || {
        let now = proc::written(pid);
        last = if now == last.0 {
            (now, last.1 + 1)
        } else {
            (now, 0)
        };
        if now > 0 && last.1 >= STILL {
            Ok(now)
        } else {
            Err(format!("{now} bytes"))
        }
    })
    .await
}
