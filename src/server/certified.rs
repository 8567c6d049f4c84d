//! Whom a client's certificate names. TLS has held it against our authority before it comes here.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rustls_pki_types::CertificateDer;
use sha2::{Digest as _, Sha256};
use x509_parser::parse_x509_certificate;
use x509_parser::time::ASN1Time;

use super::proxy::{Claim, Voucher};

/// The client's certificate, of a connection with TLS. Each request carries it as an extension.
#[derive(Clone, Debug)]
pub struct Certified {
    user: Arc<str>,
    fingerprint: [u8; 32],
    from: SystemTime,
    until: SystemTime,
}

impl Certified {
    /// Reads it: the user is the common name of its subject. One that has none, or several, names
    /// nobody.
    pub fn read(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, read) = parse_x509_certificate(certificate).ok()?;
        let mut names = read.subject().iter_common_name();
        let (Some(name), None) = (names.next(), names.next()) else {
            return None;
        };
        Some(Self {
            user: name.as_str().ok()?.into(),
            fingerprint: Sha256::digest(certificate).into(),
            from: moment(read.validity().not_before)?,
            until: moment(read.validity().not_after)?,
        })
    }

    /// What it says now. TLS looks at the time once, and a connection may be open for long, or go on
    /// from an earlier one.
    pub fn claim(&self, now: SystemTime) -> Option<Claim> {
        let left = self.until.duration_since(now).ok();
        let left = left.filter(|left| now >= self.from && !left.is_zero())?;
        Some(Claim {
            user: Arc::clone(&self.user),
            by: Voucher::Certificate(self.fingerprint),
            left: Some(left),
        })
    }
}

fn moment(time: ASN1Time) -> Option<SystemTime> {
    let seconds = u64::try_from(time.timestamp()).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair};

    use super::*;

    fn certified(names: &[&str]) -> Option<Certified> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params
            .distinguished_name
            .push(DnType::OrganizationName, "awp");
        for name in names {
            params.distinguished_name.push(DnType::CommonName, *name);
        }
        params.not_before = rcgen::date_time_ymd(2001, 1, 1);
        params.not_after = rcgen::date_time_ymd(2002, 1, 1);
        let key = KeyPair::generate().unwrap();
        Certified::read(params.self_signed(&key).unwrap().der())
    }

    #[test]
    fn the_common_name_is_the_user_while_the_certificate_holds() {
        let certified = certified(&["bob"]).unwrap();
        let at = |days: u64| {
            let day = Duration::from_secs(24 * 60 * 60);
            let year = Duration::from_secs(978_307_200);
            certified.claim(SystemTime::UNIX_EPOCH + year + day * u32::try_from(days).unwrap())
        };
        let claim = at(1).unwrap();
        assert_eq!(&*claim.user, "bob");
        assert_eq!(claim.left.unwrap().as_secs(), 364 * 24 * 60 * 60);
        assert!(at(365).is_none() && at(9999).is_none());
        assert!(certified.claim(SystemTime::UNIX_EPOCH).is_none());
    }

    #[test]
    fn what_names_nobody_is_nobody() {
        assert!(certified(&[]).is_none());
        assert!(Certified::read(&CertificateDer::from(vec![0x30, 0x82])).is_none());
    }
}
