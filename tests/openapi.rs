//! The API's own description against what the server does: its paths, methods, bodies and answers.

mod harness;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use harness::Server;
use harness::server::TOKEN;
use serde_json::{Map, Value, json};

/// The methods that a path may have.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// The description, as the server gives it to anybody.
async fn description(server: &Server) -> Value {
    let answer = server.send("GET /api/v1/openapi.json", "", "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn paths(description: &Value) -> &Map<String, Value> {
    description["paths"].as_object().expect("an object")
}

/// The paths that stand in the source of the server, as routes or as the constant of one.
fn routes() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server");
    let files = fs::read_dir(folder).expect("a folder").flatten();
    let texts = files.filter(|file| file.path().extension().is_some_and(|kind| kind == "rs"));
    let texts = texts.map(|file| fs::read_to_string(file.path()).expect("text"));
    let mut found = BTreeSet::new();
    for text in texts {
        for begin in [
            ".route(\"",
            "const PATH: &str = \"",
            ".route(\n            \"",
        ] {
            let parts = text.split(begin).skip(1);
            found.extend(parts.filter_map(|part| Some(part.split_once('"')?.0.to_owned())));
        }
    }
    found.retain(|path| {
        path.starts_with("/api/")
            || path.starts_with("/.")
            || path == "/metrics"
            || path == "/healthz"
    });
    found
}

#[tokio::test]
async fn each_route_is_described_with_its_methods() {
    let server = Server::start(&[], &["cat"]).await;
    let description = description(&server).await;
    let described: BTreeSet<String> = paths(&description).keys().cloned().collect();
    assert_eq!(described, routes());
    let id = server.create(json!({})).await;
    for (path, operations) in paths(&description) {
        let at = path.replace("{id}", &id).replace("{process}", "99");
        // Whoever logs out, or ends the session, ends what the rest is asked with.
        for method in METHODS {
            let known = operations.get(method).is_some();
            let line = format!("{} {at}", method.to_uppercase());
            let bearer =
                format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
            if known && (method == "delete" || path.ends_with("/wait")) {
                continue;
            }
            let answer = server.send(&line, &bearer, "{\"no_such_key\":1}").await;
            assert_eq!(answer.status == 405, !known, "{line}: {answer:?}");
        }
    }
}

/// The keys that a refusal of an unknown one names: all that there are.
fn named(message: &str) -> BTreeSet<String> {
    let (_, keys) = message
        .split_once("expected")
        .unwrap_or_else(|| panic!("names no keys: {message}"));
    keys.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn each_body_has_the_keys_that_are_described() {
    let server = Server::start(&[], &["cat"]).await;
    let description = description(&server).await;
    let id = server.create(json!({})).await;
    let line = format!("POST /api/v1/sessions/{id}/share");
    let share = server.call(&line, Some(json!({}))).await.json();
    let share = share["id"].as_str().expect("an id");
    let mut seen = 0;
    for (path, operations) in paths(&description) {
        for method in METHODS {
            let body = &operations[method]["requestBody"]["content"]["application/json"]["schema"];
            // What others may add to (RFC 7662) has no closed set of keys.
            // A stranger at the login is told no more than which proofs there are.
            if body["additionalProperties"] != false || path == "/api/v1/login" {
                continue;
            }
            let of = if path.starts_with("/api/v1/shares") {
                share
            } else {
                &id
            };
            let line = format!("{} {}", method.to_uppercase(), path.replace("{id}", of));
            let answer = server.call(&line, Some(json!({"no_such_key": 1}))).await;
            assert_eq!(answer.status, 400, "{line}: {answer:?}");
            let error = answer.json();
            let message = error["error"]["message"].as_str().expect("text");
            let keys = body["properties"].as_object().expect("an object").keys();
            assert_eq!(named(message), keys.cloned().collect(), "{line}: {message}");
            seen += 1;
        }
    }
    assert!(seen >= 7, "{seen} bodies");
}

/// The schema that a reference names.
fn named_schema<'a>(description: &'a Value, schema: &'a Value) -> &'a Value {
    let name = schema["$ref"]
        .as_str()
        .and_then(|path| path.rsplit('/').next());
    name.map_or(schema, |name| &description["components"]["schemas"][name])
}

/// Holds an object's keys against its schema, and those of the lists within.
fn fits(description: &Value, schema: &Value, value: &Value) {
    let schema = named_schema(description, schema);
    if let Some(items) = value.as_array() {
        assert!(!items.is_empty(), "nothing to compare: {schema}");
        for item in items {
            fits(description, &schema["items"], item);
        }
    }
    let (Some(object), Some(properties)) = (value.as_object(), schema["properties"].as_object())
    else {
        return;
    };
    let keys: BTreeSet<_> = object.keys().collect();
    assert_eq!(keys, properties.keys().collect(), "{value}");
    for (key, value) in object {
        fits(description, &properties[key], value);
    }
}

#[tokio::test]
async fn each_answer_has_the_keys_that_are_described() {
    let server = Server::start(&[], &["cat"]).await;
    let description = description(&server).await;
    let answer = |path: &str, method: &str, status: &str| {
        let answers = &description["paths"][path][method]["responses"];
        answers[status]["content"]["application/json"]["schema"].clone()
    };
    let made = server
        .call("POST /api/v1/sessions", Some(json!({"name": "one"})))
        .await;
    fits(
        &description,
        &answer("/api/v1/sessions", "post", "201"),
        &made.json(),
    );
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    for (path, method, status, body) in [
        ("/api/v1/sessions", "get", "200", None),
        ("/api/v1/sessions/{id}", "get", "200", None),
        ("/api/v1/sessions/{id}/processes", "get", "200", None),
        (
            "/api/v1/sessions/{id}/processes",
            "post",
            "201",
            Some(json!({})),
        ),
        ("/api/v1/sessions/{id}/processes/1", "get", "200", None),
        (
            "/api/v1/sessions/{id}/share",
            "post",
            "201",
            Some(json!({})),
        ),
        ("/api/v1/sessions/{id}/share", "get", "200", None),
        ("/api/v1/apps", "get", "200", None),
    ] {
        let described = path.replace("processes/1", "processes/{process}");
        let line = format!("{} {}", method.to_uppercase(), path.replace("{id}", &id));
        let told = server.call(&line, body).await;
        assert_eq!(told.status.to_string(), status, "{line}: {told:?}");
        let schema = answer(&described, method, status);
        assert!(schema.is_object(), "{line} is not described");
        fits(&description, &schema, &told.json());
    }
    let refused = server.call("GET /api/v1/sessions/none", None).await;
    let error = &description["components"]["schemas"]["Error"];
    fits(&description, error, &refused.json());
}
