//! The authority that certificates are asked of: `[acme]`.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use super::error::ConfigError;
use super::file::ConfigFile;
use super::oidc;
use crate::cli::Options;

/// The authority that is asked where nothing is said.
const DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Domains of one certificate: what authorities take.
const MOST_DOMAINS: usize = 100;

/// Characters of a domain, and of a part of it (RFC 1035, 2.3.4).
const LONGEST: (usize, usize) = (253, 63);

/// `[acme]`, as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcmeSection {
    /// The names that the certificate is for.
    pub domains: Spanned<Vec<Spanned<String>>>,
    /// Where the authority writes to.
    #[serde(default)]
    pub contact: Vec<Spanned<String>>,
    /// Whether the authority's terms are accepted.
    #[serde(default)]
    pub accept_terms: bool,
    /// The authority's own address.
    pub directory: Option<Spanned<String>>,
    /// The file of the authorities of the certificate that it shows.
    pub ca_file: Option<PathBuf>,
}

/// The authority, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acme {
    /// The names, in lower case.
    pub domains: Vec<String>,
    /// Addresses of mail.
    pub contact: Vec<String>,
    /// The authority's own address.
    pub directory: String,
    /// The authorities of its certificate; `None`: those of the system.
    pub ca_file: Option<PathBuf>,
}

/// The authority of the file.
///
/// # Errors
/// What is wrong with it, with its place.
pub fn acme(
    file: &ConfigFile,
    section: Option<Spanned<AcmeSection>>,
    options: &Options,
) -> Result<Option<Acme>, ConfigError> {
    let Some(section) = section else {
        return Ok(None);
    };
    let at = section.span().start;
    if !cfg!(feature = "acme") {
        let why = "this awp is built without ACME; build it with --features acme";
        return Err(file.wrong(at, why));
    }
    let other = options.tls_cert.is_some() || options.tls_key.is_some();
    if other || options.tls_self_signed.unwrap_or(false) {
        let why = "there is a certificate already (tls_cert, tls_key or tls_self_signed); \
                   leave one of the two out";
        return Err(file.wrong(at, why));
    }
    let section = section.into_inner();
    if !section.accept_terms {
        let why = "the authority gives certificates to those who accept its terms; read them, \
                   then write accept_terms = true";
        return Err(file.wrong(at, why));
    }
    let wrong = |place: &Spanned<String>, why: &str| {
        let why = format!("{:?} {why}", place.get_ref());
        Err(file.wrong(place.span().start, why))
    };
    let written = section.domains.get_ref();
    if written.is_empty() || written.len() > MOST_DOMAINS {
        let why = format!("write 1 to {MOST_DOMAINS} domains");
        return Err(file.wrong(section.domains.span().start, why));
    }
    let mut domains = Vec::new();
    for place in written {
        let domain = place.get_ref().to_ascii_lowercase();
        if let Err(why) = check(&domain) {
            return wrong(place, why);
        }
        if domains.contains(&domain) {
            return wrong(place, "is there twice");
        }
        domains.push(domain);
    }
    for place in &section.contact {
        if !is_mail(place.get_ref()) {
            return wrong(place, "is no address of mail, such as ann@example.org");
        }
    }
    if let Some(place) = &section.directory
        && oidc::host(place.get_ref()).is_none()
    {
        return wrong(
            place,
            "is no address of an authority; it begins with https://",
        );
    }
    let directory = section.directory.map(Spanned::into_inner);
    Ok(Some(Acme {
        domains,
        contact: section
            .contact
            .into_iter()
            .map(Spanned::into_inner)
            .collect(),
        directory: directory.unwrap_or_else(|| DIRECTORY.to_owned()),
        ca_file: section.ca_file,
    }))
}

/// Whether an authority can find this server by such a name, on its own listener.
fn check(domain: &str) -> Result<(), &'static str> {
    let (longest, longest_part) = LONGEST;
    if domain.starts_with("*.") {
        return Err(
            "is for many names, which is proved by entries in the DNS alone; write each name",
        );
    }
    if domain.parse::<std::net::IpAddr>().is_ok() {
        return Err("is an address; write a name");
    }
    let part = |part: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let edges = part.starts_with('-') || part.ends_with('-');
        (1..=longest_part).contains(&part.len()) && part.chars().all(plain) && !edges
    };
    let is_name = domain.len() <= longest && domain.split('.').all(part);
    if !is_name || !domain.contains('.') {
        return Err("is no name that others know this machine by, such as shell.example.org");
    }
    Ok(())
}

fn is_mail(address: &str) -> bool {
    let plain = |c: char| c.is_ascii_graphic() && !",?&#%:/<>\"".contains(c);
    let parts = address.split_once('@');
    parts.is_some_and(|(who, host)| !who.is_empty() && !host.contains('@') && check(host).is_ok())
        && address.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn read(text: &str) -> Result<Option<Acme>, String> {
        read_beside(text, &Options::default())
    }

    fn read_beside(text: &str, options: &Options) -> Result<Option<Acme>, String> {
        let read = || {
            let mut file = ConfigFile::parse(Path::new("awp.toml"), text.to_owned())?;
            let section = file.sections.acme.take();
            acme(&file, section, options)
        };
        read().map_err(|error: ConfigError| error.to_string())
    }

    #[cfg(feature = "acme")]
    #[test]
    fn what_is_left_out_has_a_default_and_terms_have_none() {
        let minimal = "[acme]\ndomains = [\"Shell.Example.org\"]\naccept_terms = true\n";
        let acme = read(minimal).unwrap().unwrap();
        assert_eq!(acme.domains, ["shell.example.org"]);
        assert_eq!(acme.directory, DIRECTORY);
        let terms = read("[acme]\ndomains = [\"a.example\"]\n").unwrap_err();
        assert!(
            terms.contains("awp.toml:1") && terms.contains("accept_terms = true"),
            "{terms}"
        );
        for (more, why) in [
            ("contact = [\"nobody\"]", "no address of mail"),
            ("contact = [\"a@b.example?x\"]", "no address of mail"),
            ("directory = \"http://ca.example/\"", "begins with https://"),
            ("domain = \"x\"", "did you mean \"domains\"?"),
        ] {
            let error = read(&format!("{minimal}{more}\n")).unwrap_err();
            assert!(
                error.contains("awp.toml:4") && error.contains(why),
                "{error}"
            );
        }
        let options = Options {
            tls_self_signed: Some(true),
            ..Options::default()
        };
        let error = read_beside(minimal, &options).unwrap_err();
        assert!(error.contains("leave one of the two out"), "{error}");
    }

    #[cfg(feature = "acme")]
    #[test]
    fn a_domain_is_a_name_that_is_found_from_outside() {
        for bad in [
            "",
            "localhost",
            "*.a.example",
            "10.0.0.1",
            "a..b",
            "-a.b",
            "a_b.c",
            "a.b.",
        ] {
            let text = format!("[acme]\naccept_terms = true\ndomains = [\"a.example\", {bad:?}]\n");
            let error = read(&text).unwrap_err();
            assert!(error.contains("awp.toml:3"), "{bad:?}: {error}");
        }
        for wrong in ["[]", "[\"a.example\", \"A.example\"]"] {
            let text = format!("[acme]\naccept_terms = true\ndomains = {wrong}\n");
            assert!(read(&text).is_err(), "{wrong}");
        }
    }

    #[cfg(not(feature = "acme"))]
    #[test]
    fn a_build_without_it_says_so() {
        let minimal = "[acme]\ndomains = [\"a.example\"]\naccept_terms = true\n";
        let error = read(minimal).unwrap_err();
        assert!(error.contains("--features acme"), "{error}");
    }
}
