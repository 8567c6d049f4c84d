//! What the token of a session says, asked over HTTP.

mod harness;

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harness::Server;
use harness::server::TOKEN;
use harness::slot::Slot;
use serde_json::{Value, json};

/// RFC 7662, for an application's own back ends: a form or JSON, with the owner's token.
#[tokio::test]
async fn a_back_end_is_told_what_a_token_says_until_its_session_is_over() {
    let server = Server::start(&[], &["cat"]).await;
    let id = server.create(json!({})).await;
    let mut slot = Slot::of(&server, &id, 1).await;
    let issued = slot.call("session.token", json!({})).await;
    let token = issued["token"].as_str().expect("text").to_owned();
    let ask = |token: String| {
        let body = json!({ "token": token });
        let server = &server;
        async move {
            let line = "POST /api/v1/introspect";
            let answer = server.call(line, Some(body)).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()
        }
    };
    let told = ask(token.clone()).await;
    assert_eq!(told["active"], true);
    assert_eq!(
        (&told["sub"], &told["session"]),
        (&json!("owner"), &json!(id))
    );
    assert!(told["exp"].as_u64() <= issued["expires"].as_u64());
    let owner = format!("Authorization: Bearer {TOKEN}\r\n");
    let form = format!("{owner}Content-Type: application/x-www-form-urlencoded\r\n");
    let body = format!("token={token}&token_type_hint=access_token");
    let by_form = server.send("POST /api/v1/introspect", &form, &body).await;
    assert_eq!(by_form.json()["session"], json!(id));
    let nothing = json!({"active": false});
    let begins = token[..token.len() - 1].to_owned();
    for none in [
        String::new(),
        "x".to_owned(),
        id.clone(),
        format!("{id}.x"),
        begins,
    ] {
        assert_eq!(ask(none.clone()).await, nothing, "{none}");
    }
    let body = json!({ "token": token }).to_string();
    let json_kind = "Content-Type: application/json\r\n";
    let nobody = server
        .send("POST /api/v1/introspect", json_kind, &body)
        .await;
    assert_eq!(nobody.status, 401, "{nobody:?}");
    for (kind, body) in [
        ("application/json", "{}"),
        ("application/json", "token=x"),
        ("application/x-www-form-urlencoded", "other=x"),
        ("text/plain", "x"),
    ] {
        let headers = format!("{owner}Content-Type: {kind}\r\n");
        let answer = server.send("POST /api/v1/introspect", &headers, body).await;
        assert_eq!(answer.status, 400, "{kind} {body}: {answer:?}");
    }
    let end = format!("DELETE /api/v1/sessions/{id}");
    assert_eq!(server.call(&end, None).await.status, 204);
    assert_eq!(ask(token).await, nothing, "at once");
}

/// What `openssl` says of a signature of Ed25519 over this text; `key` and `signature` are base64url.
fn verifies(key: &str, signed: &str, signature: &str) -> bool {
    /// What stands before a key in its DER (RFC 8410).
    const HEAD: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        path
    };
    let key = file("key", &[HEAD, &decoded(key)].concat());
    let text = file("text", signed.as_bytes());
    let signature = file("signature", &decoded(signature));
    let mut openssl = Command::new("openssl");
    openssl.args("pkeyutl -verify -rawin -pubin -keyform DER -inkey".split(' '));
    openssl.arg(key).arg("-in").arg(text);
    let output = openssl.arg("-sigfile").arg(signature).output();
    output.expect("openssl is there").status.success()
}

/// A statement is believed without asking: by the published key alone.
#[tokio::test]
async fn a_service_that_cannot_ask_believes_what_is_signed() {
    let server = Server::start(&[], &["cat"]).await;
    let id = server.create(json!({})).await;
    let mut slot = Slot::of(&server, &id, 1).await;
    let stated = slot.call("session.statement", json!({})).await;
    let statement = stated["statement"].as_str().expect("text");
    // For everybody, without a credential.
    let keys = server.send("GET /.well-known/awp/jwks.json", "", "").await;
    assert_eq!(keys.status, 200, "{keys:?}");
    let key = &keys.json()["keys"][0];
    let parts: Vec<&str> = statement.split('.').collect();
    let [header, claims, signature] = parts[..] else {
        panic!("{statement}");
    };
    let read = |part: &str| -> Value {
        let json = URL_SAFE_NO_PAD.decode(part).expect("base64url");
        serde_json::from_slice(&json).expect("JSON")
    };
    assert_eq!(
        read(header),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": key["kid"]})
    );
    let claims_said = read(claims);
    assert_eq!(
        (
            &claims_said["sub"],
            &claims_said["sid"],
            &claims_said["aud"]
        ),
        (&json!("owner"), &json!(id), &json!("default"))
    );
    let (from, until) = (&claims_said["iat"], &claims_said["exp"]);
    assert_eq!(until, &stated["expires"]);
    assert!(until.as_u64() > from.as_u64());
    let x = key["x"].as_str().expect("text");
    assert!(verifies(x, &format!("{header}.{claims}"), signature));
    let other = URL_SAFE_NO_PAD.encode(json!({"sub": "mallory"}).to_string());
    assert!(!verifies(x, &format!("{header}.{other}"), signature));
    // It is no credential here.
    let bearer = format!("Authorization: Bearer {statement}\r\n");
    let refused = server.send("GET /api/v1/sessions", &bearer, "").await;
    assert_eq!(refused.status, 401, "{refused:?}");
    let asked = server
        .call("POST /api/v1/introspect", Some(json!({"token": statement})))
        .await;
    assert_eq!(asked.json(), json!({"active": false}));
}
