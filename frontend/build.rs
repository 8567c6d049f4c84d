//! Cargo's build script: bundles the page into cargo's output folder, where `server::ui` embeds it.
//!
//! The source tree is never written to. `frontend/` is copied into `$OUT_DIR/page`, modules are
//! installed there when the lock file changed, and Vite writes the compressed bundle from there
//! into `$OUT_DIR/ui`. Three ways around Node: `--no-default-features` builds a server without a
//! page, `AWP_UI_PREBUILT=DIR` embeds a bundle built elsewhere, and a server of either kind shows
//! one from disk with `serve --ui-dir DIR`.

use std::path::{Path, PathBuf};
use std::process::{Command, exit};
use std::{env, fs, io};

/// What the bundle is made of, below `frontend/`.
const INPUTS: [&str; 6] = [
    "src",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
];

const NO_NPM: &str = "the page needs npm (Node 20 or newer) to be built, and npm did not start. \
    Install it, or leave the page out with --no-default-features, or name a folder with a built page \
    in AWP_UI_PREBUILT, or build without the page and show one from disk with serve --ui-dir.";

fn main() {
    println!("cargo::rerun-if-changed=frontend/build.rs");
    println!("cargo::rerun-if-env-changed=AWP_UI_PREBUILT");
    if env::var_os("CARGO_FEATURE_UI").is_none() {
        return;
    }
    if let Err(reason) = embed() {
        println!(
            "cargo::error={}",
            reason.trim().replace('\n', "\ncargo::error=")
        );
        exit(1);
    }
}

fn embed() -> Result<(), String> {
    let source = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("frontend");
    let out = PathBuf::from(variable("OUT_DIR")?);
    let ui = out.join("ui");
    if let Some(prebuilt) = env::var_os("AWP_UI_PREBUILT") {
        let prebuilt = PathBuf::from(prebuilt);
        println!("cargo::rerun-if-changed={}", prebuilt.display());
        if !prebuilt.join("index.html").is_file() {
            return Err(format!(
                "AWP_UI_PREBUILT: {} has no index.html",
                prebuilt.display()
            ));
        }
        return replace(&prebuilt, &ui);
    }
    let page = out.join("page");
    for input in INPUTS {
        println!("cargo::rerun-if-changed=frontend/{input}");
        replace(&source.join(input), &page.join(input))?;
    }
    install(&page)?;
    npm(
        &page,
        &["run", "build", "--", "--outDir", "../ui", "--emptyOutDir"],
    )
}

/// Installs the modules, unless those of this very lock file are there.
fn install(page: &Path) -> Result<(), String> {
    let lock = read(&page.join("package-lock.json"))?;
    let stamp = page.join("installed.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    npm(
        page,
        &[
            "ci",
            "--omit=dev",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
        ],
    )?;
    fs::write(&stamp, lock).map_err(|error| told(&stamp, &error))
}

fn npm(page: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" })
        .args(arguments)
        .current_dir(page)
        .output()
        .map_err(|_| NO_NPM.to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "npm {} failed ({}):\n{}{}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// Makes `to` the same as `from`, a file or a folder.
fn replace(from: &Path, to: &Path) -> Result<(), String> {
    let cleared = if to.is_dir() {
        fs::remove_dir_all(to)
    } else {
        Ok(())
    };
    cleared.map_err(|error| told(to, &error))?;
    if !from.is_dir() {
        fs::create_dir_all(to.parent().unwrap_or(to)).map_err(|error| told(to, &error))?;
        return fs::write(to, read(from)?).map_err(|error| told(to, &error));
    }
    fs::create_dir_all(to).map_err(|error| told(to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| told(from, &error))? {
        let entry = entry.map_err(|error| told(from, &error))?;
        replace(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| told(file, &error))
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

fn told(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
