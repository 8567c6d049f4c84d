//! May awp run as root here?

/// What is done about being root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootRule {
    /// Nothing: awp is not root.
    Ok,
    /// Start with one warning; containers do this.
    Warn,
    /// Do not start: whoever gets in from the network would be root.
    Refuse,
}

/// Decides by the user, by who can reach the listeners, and by whether it was allowed.
pub const fn root_rule(uid: u32, loopback_only: bool, allow_root: bool) -> RootRule {
    match (uid, loopback_only, allow_root) {
        (1.., _, _) => RootRule::Ok,
        (0, true, _) | (0, _, true) => RootRule::Warn,
        (0, false, false) => RootRule::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_refused_only_beyond_loopback_and_not_allowed() {
        for (loopback_only, allow_root, rule) in [
            (true, false, RootRule::Warn),
            (true, true, RootRule::Warn),
            (false, true, RootRule::Warn),
            (false, false, RootRule::Refuse),
        ] {
            assert_eq!(root_rule(0, loopback_only, allow_root), rule);
            assert_eq!(root_rule(1000, loopback_only, allow_root), RootRule::Ok);
        }
    }
}
