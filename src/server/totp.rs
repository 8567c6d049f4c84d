//! One-time codes of a second device (RFC 6238): six digits that change every thirty seconds.
//!
//! SHA-1, six digits and thirty seconds are what every authenticator knows; some know nothing else.
//! What is weak about SHA-1 does not concern it here, where nobody chooses what is hashed.

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use super::secret::NoRandomness;
use crate::store::users::TotpSecret;

/// Random bytes of a secret: as many as the hash has (RFC 4226, section 4, R6).
const SECRET: usize = 20;

/// Seconds for which a code is shown.
const PERIOD: u64 = 30;

/// Digits of a code.
const DIGITS: usize = 6;

/// Periods that a device's clock may be off, either way, and a person may be slow.
const WINDOW: u64 = 1;

/// A new secret.
///
/// # Errors
/// When the system gives no random bytes.
pub fn secret() -> Result<TotpSecret, NoRandomness> {
    let mut bytes = vec![0_u8; SECRET];
    getrandom::fill(&mut bytes).map_err(NoRandomness)?;
    Ok(TotpSecret(bytes))
}

/// What an authenticator is given, as text or as a QR code. It holds the secret.
pub fn url(user: &str, secret: &TotpSecret) -> String {
    let base32 = BASE32_NOPAD.encode(&secret.0);
    // Of the signs that names may have, this one alone means something in an address.
    let user = user.replace('@', "%40");
    format!(
        "otpauth://totp/awp:{user}?secret={base32}&issuer=awp&algorithm=SHA1&digits={DIGITS}&period={PERIOD}"
    )
}

/// The period that this code is of, if it is one of about now. Whoever takes it has to see to it
/// that none of this or an earlier period is taken again.
pub fn period(secret: &TotpSecret, code: &str, now: SystemTime) -> Option<u64> {
    let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs() / PERIOD;
    // As people type it: in two groups.
    let code: String = code.chars().filter(|c| *c != ' ').collect();
    let mut found = None;
    for period in now.saturating_sub(WINDOW)..=now + WINDOW {
        // All are looked at, so that the time does not tell which one was near.
        let right = at(secret, period)?;
        if bool::from(right.as_bytes().ct_eq(code.as_bytes())) {
            found = Some(period);
        }
    }
    found
}

/// The code of one period (RFC 4226, section 5.3), as the device shows it.
pub fn at(secret: &TotpSecret, period: u64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(&secret.0).ok()?;
    mac.update(&period.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash.last()? & 0xf);
    let four = hash.get(offset..offset + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u32.pow(6);
    Some(format!("{number:0DIGITS$}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn rfc() -> TotpSecret {
        TotpSecret(b"12345678901234567890".to_vec())
    }

    fn moment(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// RFC 6238, appendix B, of whose eight digits the last six are ours; RFC 4226, appendix D.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (seconds, eight) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            let found = period(&rfc(), &eight[2..], moment(seconds));
            assert_eq!(found, Some(seconds / 30), "{seconds}");
        }
        let counted = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (count, code) in (0..).zip(counted) {
            assert_eq!(at(&rfc(), count).as_deref(), Some(code));
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_period() {
        let code = at(&rfc(), 1000).unwrap();
        let seen = |period_now: u64| period(&rfc(), &code, moment(period_now * 30 + 7));
        assert_eq!([999, 1000, 1001].map(seen), [Some(1000); 3]);
        assert_eq!([998, 1002].map(seen), [None; 2]);
        let spaced = format!(" {} {}", &code[..3], &code[3..]);
        assert_eq!(period(&rfc(), &spaced, moment(30_000)), Some(1000));
        for wrong in ["", "0", "0000000", "abcdef", &code[1..]] {
            assert_eq!(period(&rfc(), wrong, moment(30_000)), None, "{wrong:?}");
        }
    }

    #[test]
    fn an_authenticator_reads_the_address() {
        let url = url("ann@example.org", &rfc());
        let begin = "otpauth://totp/awp:ann%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&";
        assert!(url.starts_with(begin), "{url}");
        let (one, other) = (secret().unwrap(), secret().unwrap());
        assert!(one != other && one.0.len() == SECRET);
        assert_eq!(format!("{one:?}"), "TotpSecret(..)");
    }
}
