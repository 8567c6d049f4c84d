//! What is built: nothing in it is both written and run, and nothing lies where it can be guessed.

use std::process::Command;

/// C86. What the linker has made, as readelf tells it; `make packages` brings it with the compiler.
#[test]
fn c86_the_binary_is_hardened_by_its_linker() {
    let output = Command::new("readelf")
        .args(["-hldW", env!("CARGO_BIN_EXE_awp")])
        .output()
        .expect("part of the compiler's tools");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = |needle: &str| text.lines().find(|line| line.contains(needle));
    assert!(
        line("Type:").is_some_and(|line| line.contains("DYN")),
        "PIE: {text}"
    );
    assert!(
        line("GNU_RELRO").is_some(),
        "relocations are read-only: {text}"
    );
    let now = text
        .lines()
        .any(|line| line.contains("FLAGS") && line.contains("NOW"));
    assert!(now, "all of them: {text}");
    let stack = line("GNU_STACK").expect("a line of its own");
    assert!(stack.contains("RW ") && !stack.contains("RWE"), "{stack}");
    assert!(line("TEXTREL").is_none(), "{text}");
}
