//! What the token of a session says, asked over HTTP.

mod harness;

use harness::Server;
use harness::server::TOKEN;
use harness::slot::Slot;
use serde_json::json;

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
