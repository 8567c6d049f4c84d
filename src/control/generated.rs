//! The page and the schema of the control socket: a test keeps both equal to the types here.
#![cfg(test)]

use std::fmt::Write as _;
use std::path::Path;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::error::Code;
use super::method::{Described, described};
use super::{MAX_CALLS, MAX_CONNECTIONS, MAX_LINE};

const HEAD: &str = "<!-- Generated from the Rust types by `AWP_WRITE_GENERATED=1 cargo test --lib \
                    generated`. Do not edit. -->\n# The control socket\n\n";

/// The methods, and the types that they name.
fn methods() -> (Vec<Described>, Map<String, Value>) {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let methods = described(&mut generator);
    (methods, generator.take_definitions(true))
}

fn schema() -> String {
    let (methods, definitions) = methods();
    let methods: Map<String, Value> = methods
        .into_iter()
        .map(|method| {
            let told = json!({
                "description": method.about, "params": method.params, "result": method.result,
            });
            (method.name.to_owned(), told)
        })
        .collect();
    let whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The control socket of awp",
        "x-methods": methods,
        "$defs": definitions,
    });
    format!("{whole:#}\n")
}

fn page() -> String {
    let (methods, definitions) = methods();
    let mut page = format!(
        "{HEAD}Each process of a session with a control socket finds it in `AWP_SOCKET`: a Unix \
         socket, JSON-RPC 2.0, one\nmessage per line. What a caller may do follows\nfrom the socket it came \
         over and what the kernel says of it, never from its environment: each process has a \
         socket of its\nown, which is gone when the process is.\n\nA line has at most {MAX_LINE} \
         bytes, a slot {MAX_CONNECTIONS} connections, a connection {MAX_CALLS} calls at once; the \
         next ones\nwait. A request without `id` is not answered. There are no batches.\n\nThe \
         same as JSON Schema: [control.schema.json](control.schema.json). On the command line: \
         `awp session`, `awp var`,\n`awp notify`; outside of a session they exit with status 3.\
         \n\n## Methods\n"
    );
    for method in methods {
        let _ = write!(page, "\n### `{}`\n\n{}\n", method.name, method.about);
        fields(&mut page, "Takes", method.params.as_value(), &definitions);
        fields(&mut page, "Gives", method.result.as_value(), &definitions);
    }
    page.push_str("\n## Errors\n\n| code | meaning |\n|---|---|\n");
    for (_, number, about) in Code::ALL {
        let _ = writeln!(page, "| {number} | {about} |");
    }
    page
}

/// The table of what a method takes or gives.
fn fields(page: &mut String, heading: &str, schema: &Value, definitions: &Map<String, Value>) {
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    let named = name.and_then(|name| definitions.get(name));
    let Some(properties) = named.and_then(|schema| schema["properties"].as_object()) else {
        return;
    };
    let required = named.and_then(|schema| schema["required"].as_array());
    let is_required = |key: &str| required.is_some_and(|all| all.iter().any(|one| one == key));
    let _ = write!(page, "\n| {heading} | | |\n|---|---|---|\n");
    for (key, property) in properties {
        let about = property["description"].as_str().unwrap_or_default();
        let about = about.split_whitespace().collect::<Vec<_>>().join(" ");
        let optional = if is_required(key) { "" } else { "optional" };
        let _ = writeln!(page, "| `{key}` | {optional} | {about} |");
    }
}

#[test]
fn the_page_and_the_schema_are_those_of_the_types() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (name, text) in [("control.md", page()), ("control.schema.json", schema())] {
        let file = docs.join(name);
        if std::env::var_os("AWP_WRITE_GENERATED").is_some() {
            std::fs::write(&file, &text).expect("a file");
        }
        let known = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            known == text,
            "docs/{name} differs from the types; run AWP_WRITE_GENERATED=1 cargo test --lib generated"
        );
    }
}
