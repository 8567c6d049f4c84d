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

/// Decides by the user, by who can reach the listeners, by whether it was allowed, and by whether
/// every app is `mapped` to an account that is not root.
pub const fn root_rule(uid: u32, loopback_only: bool, allow_root: bool, mapped: bool) -> RootRule {
    match (uid, loopback_only, allow_root) {
        (1.., _, _) => RootRule::Ok,
        _ if mapped => RootRule::Ok,
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
            let decide = |uid, mapped| root_rule(uid, loopback_only, allow_root, mapped);
            assert_eq!(decide(0, false), rule);
            assert_eq!(decide(1000, false), RootRule::Ok);
            assert_eq!(decide(0, true), RootRule::Ok);
        }
    }
}
