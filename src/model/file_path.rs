//! The path of a file as a client names it: below a folder, in parts that cannot lead out of it.

/// Bytes of one part at most: what every common file system takes.
const MAX_NAME: usize = 255;

/// Bytes of a path at most: what the system takes in one call.
const MAX_PATH: usize = 4096;

/// A relative path without `..`, checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FilePath {
    folder: String,
    name: String,
}

/// Why a path cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// It names nothing, or a folder.
    #[error("the path names no file")]
    NoFile,
    /// It leads out of the folder, or could be read so by somebody.
    #[error("the path must stay below the process's folder: no .., no backslash, not absolute")]
    Outside,
    /// It holds a NUL byte, which no path has.
    #[error("the path holds a NUL byte")]
    Nul,
    /// It is longer than the system takes.
    #[error("the path is too long: {MAX_NAME} bytes a name, {MAX_PATH} bytes altogether")]
    Long,
}

impl FilePath {
    /// Reads a path. `root` is where the folder is: an absolute path below it is taken for what it
    /// means, as a program on the terminal would print it.
    ///
    /// # Errors
    /// When it cannot be one.
    pub fn parse(text: &str, root: &str) -> Result<Self, BadPath> {
        if text.contains('\0') {
            return Err(BadPath::Nul);
        }
        if text.len() > MAX_PATH {
            return Err(BadPath::Long);
        }
        let below = if text.starts_with('/') {
            let rest = text.strip_prefix(root.trim_end_matches('/'));
            rest.and_then(|rest| rest.strip_prefix('/'))
                .ok_or(BadPath::Outside)?
        } else {
            text
        };
        // A backslash separates names on other systems: nobody is to read the path in two ways.
        if below.contains('\\') || below.split('/').any(|part| part == "..") {
            return Err(BadPath::Outside);
        }
        let (folder, name) = below.rsplit_once('/').unwrap_or(("", below));
        if matches!(name, "" | ".") {
            return Err(BadPath::NoFile);
        }
        let parts = folder.split('/').filter(|part| !matches!(*part, "" | "."));
        let parts: Vec<&str> = parts.collect();
        if name.len() > MAX_NAME || parts.iter().any(|part| part.len() > MAX_NAME) {
            return Err(BadPath::Long);
        }
        let (folder, name) = (parts.join("/"), name.to_owned());
        Ok(Self { folder, name })
    }

    /// The folder that the file is in; `.` for the root itself.
    pub fn folder(&self) -> &str {
        if self.folder.is_empty() {
            "."
        } else {
            &self.folder
        }
    }

    /// The file's own name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole.
    pub fn joined(&self) -> String {
        format!("{}/{}", self.folder(), self.name)
    }

    /// The same with a name that shows as what it is.
    ///
    /// # Errors
    /// When nothing of the name is left.
    pub fn cleaned(self) -> Result<Self, BadPath> {
        let name = clean(&self.name);
        if matches!(name.as_str(), "" | "." | "..") {
            return Err(BadPath::NoFile);
        }
        Ok(Self { name, ..self })
    }
}

/// A name without what a terminal or a page would act on instead of showing it: control characters,
/// ends of lines, marks that turn text around, and characters without width.
pub fn clean(name: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
    };
    let kept: String = name.chars().filter(|c| !hidden(*c)).collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_below_the_folder_is_read() {
        for (text, folder, name) in [
            ("a", ".", "a"),
            ("./src//main.rs", "src", "main.rs"),
            ("src/./a b", "src", "a b"),
            ("/home/me/x/y", "x", "y"),
            ("..a", ".", "..a"),
            ("%2e%2e", ".", "%2e%2e"),
        ] {
            let path = FilePath::parse(text, "/home/me").expect(text);
            assert_eq!((path.folder(), path.name()), (folder, name), "{text}");
        }
        let below_all = FilePath::parse("/etc/x", "/").expect("below it");
        assert_eq!(below_all.joined(), "etc/x");
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_refused() {
        for text in [
            "..",
            "../a",
            "a/../b",
            "a/..",
            "/etc/passwd",
            "/home/mexico",
            "..\\a",
            "a\\b",
        ] {
            let wrong = FilePath::parse(text, "/home/me");
            assert_eq!(wrong, Err(BadPath::Outside), "{text}");
        }
        for text in ["", ".", "a/", "a/.", "/home/me/"] {
            let wrong = FilePath::parse(text, "/home/me");
            assert_eq!(wrong, Err(BadPath::NoFile), "{text}");
        }
        assert_eq!(FilePath::parse("a\0", "/"), Err(BadPath::Nul));
        let long = "x".repeat(256);
        assert_eq!(FilePath::parse(&long, "/"), Err(BadPath::Long));
        assert_eq!(
            FilePath::parse(&format!("{long}/a"), "/"),
            Err(BadPath::Long)
        );
        assert_eq!(FilePath::parse(&"a/".repeat(3000), "/"), Err(BadPath::Long));
    }

    #[test]
    fn a_name_shows_as_what_it_is() {
        assert_eq!(
            clean("a\u{1b}[31mb\n\u{202e}gpj.exe\u{200b}"),
            "a[31mbgpj.exe"
        );
        assert_eq!(clean("Ærø 数.txt"), "Ærø 数.txt");
        let hidden = FilePath::parse("dir/\u{202e}.\n.", "/").expect("a path");
        assert_eq!(hidden.cleaned(), Err(BadPath::NoFile));
    }

    proptest! {
        #[test]
        fn no_path_leads_out(text in "[a./\\\\ \u{202e}\n]{0,12}", root in "(/a|/)") {
            if let Ok(path) = FilePath::parse(&text, &root).and_then(FilePath::cleaned) {
                let joined = path.joined();
                prop_assert!(!joined.starts_with('/'));
                prop_assert!(joined.split('/').all(|part| part != ".." && !part.is_empty()));
            }
        }
    }
}
