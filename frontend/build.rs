//! Cargo's build script: bundles the page into cargo's output folder, where `server::ui` embeds it.
//!
//! The source tree is never written to. `frontend/` is copied into `$OUT_DIR/page`, modules are
//! installed there when the lock file changed, and Vite writes the compressed bundle from there
//! into `$OUT_DIR/ui`. Three ways around Node: `--no-default-features` builds a server without a
//! page, `AWP_UI_PREBUILT=DIR` embeds a bundle built elsewhere, and a server of either kind shows
//! one from disk with `serve --ui-dir DIR`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

/// What the bundle is made of, below `frontend/`.
const INPUTS: [&str; 7] = [
    "src",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
    "bundle-pwa.ts",
];

const NO_NPM: &str = "the page needs npm (Node 20 or newer) to be built, and npm did not start. \
    Install it, or leave the page out with --no-default-features, or name a folder with a built page \
    in AWP_UI_PREBUILT, or build without the page and show one from disk with serve --ui-dir.";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=frontend/build.rs");
    println!("cargo::rerun-if-env-changed=AWP_UI_PREBUILT");
    if env::var_os("CARGO_FEATURE_UI").is_none() {
        return ExitCode::SUCCESS;
    }
    if let Err(reason) = embed() {
        let reason = reason.trim().replace('\n', "\ncargo::error=");
        println!("cargo::error={reason}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn embed() -> Result<(), String> {
    let source = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("frontend");
    let out = PathBuf::from(variable("OUT_DIR")?);
    if let Some(prebuilt) = env::var_os("AWP_UI_PREBUILT") {
        let prebuilt = PathBuf::from(prebuilt);
        println!("cargo::rerun-if-changed={}", prebuilt.display());
        if !prebuilt.join("index.html").is_file() {
            return Err("the folder that AWP_UI_PREBUILT names has no index.html".to_owned());
        }
        return copy(&prebuilt, &out.join("ui"));
    }
    let page = out.join("page");
    for input in INPUTS {
        println!("cargo::rerun-if-changed=frontend/{input}");
        copy(&source.join(input), &page.join(input))?;
    }
    install(&page)?;
    npm(&page, "run build -- --outDir ../ui --emptyOutDir")
}

/// Installs the modules, unless those of this very lock file are there.
fn install(page: &Path) -> Result<(), String> {
    let lock = page.join("package-lock.json");
    let lock = fs::read(&lock).map_err(|error| told(&lock, &error))?;
    let stamp = page.join("installed.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    npm(page, "ci --omit=dev --ignore-scripts --no-audit --no-fund")?;
    fs::write(&stamp, lock).map_err(|error| told(&stamp, &error))
}

fn npm(page: &Path, arguments: &str) -> Result<(), String> {
    let output = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
        .args(arguments.split(' '))
        .current_dir(page)
        .output()
        .map_err(|_| NO_NPM.to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "npm {arguments} failed ({}):\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// Makes `to` the same as `from`, a file or a folder.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    replace(from, to).map_err(|error| told(from, &error))
}

fn replace(from: &Path, to: &Path) -> io::Result<()> {
    if to.is_dir() {
        fs::remove_dir_all(to)?;
    }
    if !from.is_dir() {
        fs::create_dir_all(to.parent().unwrap_or(to))?;
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        replace(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

fn told(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
