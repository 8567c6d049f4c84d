//! Secrets: how they compare, what they are made of, how long what they opened lives.

use std::time::Instant;

use awp_server::server::token::Token;
use serde_json::json;

use crate::harness::people::Browser;
use crate::harness::server::TOKEN;
use crate::harness::{Server, until};

/// Comparisons of each kind in one round.
const TIMES: usize = 10_000;

/// How far apart two medians may be, as a share: a comparison that ends at the first difference is
/// several times as fast where that is the first byte.
const MOST: f64 = 0.25;

/// How far the times of two kinds of wrong tokens are apart: one begins as the right one does.
fn apart(token: &Token) -> f64 {
    let near = format!("{}x", &TOKEN[..TOKEN.len() - 1]);
    let far = format!("x{}", &TOKEN[1..]);
    let mut times = [Vec::with_capacity(TIMES), Vec::with_capacity(TIMES)];
    for turn in 0..2 * TIMES {
        // In pairs, another one first in each: whatever else the machine does meets both alike.
        let kind = (turn / 2 + turn) % 2;
        let candidate = [&near, &far][kind];
        let begun = Instant::now();
        assert!(!std::hint::black_box(
            token.matches(std::hint::black_box(candidate))
        ));
        times[kind].push(begun.elapsed().as_secs_f64());
    }
    let [near, far] = times.map(|mut kind| {
        kind.sort_by(f64::total_cmp);
        kind[kind.len() / 2]
    });
    (near - far).abs() / near.min(far)
}

#[test]
fn c15_a_token_that_is_nearly_right_takes_as_long_as_any() {
    let token = Token::of(TOKEN);
    // On a busy machine one round may differ by chance; a comparison that leaks differs in all.
    let rounds: Vec<_> = (0..5).map(|_| apart(&token)).collect();
    assert!(rounds.iter().any(|apart| *apart < MOST), "{rounds:?}");
}

#[tokio::test]
async fn c22_a_login_ends_at_its_limit_with_the_socket_that_is_open() {
    let server = Server::start(&["--login-max", "2s"], &["sh", "-c", "read a"]).await;
    let tab = Browser::of(&server.login(json!({"token": TOKEN})).await);
    let mut viewer = server.attach_as(&tab, "/ws").await.expect("a socket");
    viewer.id().await;
    assert_eq!(viewer.rest().await.closed, Some(4401));
    let answer = server.call_as(&tab, "GET /api/v1/sessions", None).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn c35_links_are_of_256_random_bits_and_kept_as_hashes() {
    let server = Server::shell("read a").await;
    let id = server.create(json!({})).await;
    let mut secrets = Vec::new();
    for _ in 0..3 {
        let line = format!("POST /api/v1/sessions/{id}/share");
        let answer = server.call(&line, Some(json!({}))).await.json();
        let url = answer["url"].as_str().expect("a url").to_owned();
        let (address, secret) = url.split_once("#share=").expect("in the fragment");
        assert!(!address.contains(secret));
        assert!(secret.len() >= 43, "256 bits in base64url: {secret}");
        secrets.push(secret.to_owned());
    }
    secrets.sort();
    secrets.dedup();
    assert_eq!(secrets.len(), 3);
    let held = until("the database", || {
        let mut folders = vec![server.home.path().to_owned()];
        let mut held = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.display().to_string().contains("awp.db") {
                    held.extend(std::fs::read(path).unwrap_or_default());
                }
            }
        }
        if held.is_empty() {
            Err(String::new())
        } else {
            Ok(held)
        }
    })
    .await;
    for secret in secrets {
        let found = held
            .windows(secret.len())
            .any(|bytes| bytes == secret.as_bytes());
        assert!(!found, "a secret is in the database");
    }
}
