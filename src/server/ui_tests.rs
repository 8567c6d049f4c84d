//! The page's files: the right one, in the right form, cached for the right time.

use axum::body::Body;
use http::Request;
use http::header::{ETAG, IF_NONE_MATCH};
use http_body_util::BodyExt;
use tower_service::Service;

use super::*;

/// A page of three files, one of them compressed, and a secret beside its folder.
fn folder() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("a folder");
    let ui = root.path().join("ui/assets");
    std::fs::create_dir_all(&ui).expect("folders");
    let write = |name: &str, text: &str| {
        std::fs::write(root.path().join(name), text).expect("a file");
    };
    write("secret.txt", "secret");
    write("ui/index.html", "<title>page</title>");
    write("ui/sw.js", "worker");
    write("ui/manifest.webmanifest", "{}");
    write("ui/assets/a-1.js", "plain");
    write("ui/assets/a-1.js.br", "brotli");
    write("ui/assets/a-1.js.gz", "gzip");
    write("ui/assets/b-2.css", "style");
    root
}

async fn get(
    ui: Ui,
    path: &str,
    headers: &[(HeaderName, &str)],
) -> (StatusCode, HeaderMap, String) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let response = ui.router().call(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    (parts.status, parts.headers, body)
}

fn page(root: &tempfile::TempDir) -> Ui {
    Ui::from_dir(root.path().join("ui"))
}

#[tokio::test]
async fn an_installed_page_learns_of_a_newer_one() {
    let root = folder();
    for (path, kind, text) in [
        ("/sw.js", "text/javascript; charset=utf-8", "worker"),
        ("/manifest.webmanifest", "application/manifest+json", "{}"),
    ] {
        let (status, headers, body) = get(page(&root), path, &[]).await;
        assert_eq!((status, body.as_str()), (StatusCode::OK, text));
        assert_eq!(headers[CACHE_CONTROL], "no-cache");
        assert_eq!(headers[CONTENT_TYPE], kind);
    }
}

#[tokio::test]
async fn every_address_of_the_page_is_the_page() {
    let root = folder();
    for path in ["/", "/s/s-0123456789", "/new/default", "/kiosk/default"] {
        let (status, headers, body) = get(page(&root), path, &[]).await;
        assert_eq!(
            (status, body.as_str()),
            (StatusCode::OK, "<title>page</title>")
        );
        assert_eq!(headers[CACHE_CONTROL], "no-cache");
        assert_eq!(headers[CONTENT_TYPE], "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn an_asset_comes_in_the_best_form_that_is_taken() {
    let root = folder();
    for (accepts, coding, body) in [
        ("gzip, deflate, br", Some("br"), "brotli"),
        ("gzip, br;q=0", Some("gzip"), "gzip"),
        ("zstd", None, "plain"),
        ("", None, "plain"),
    ] {
        let asked = [(ACCEPT_ENCODING, accepts)];
        let (status, headers, text) = get(page(&root), "/assets/a-1.js", &asked).await;
        assert_eq!((status, text.as_str()), (StatusCode::OK, body), "{accepts}");
        let sent = headers.get(CONTENT_ENCODING).map(|value| value.to_str());
        assert_eq!(sent.transpose().expect("text"), coding);
        assert_eq!(headers[VARY], "accept-encoding");
        assert_eq!(headers[CACHE_CONTROL], FOREVER);
        assert_eq!(headers[CONTENT_TYPE], "text/javascript; charset=utf-8");
    }
    let asked = [(ACCEPT_ENCODING, "br")];
    let (_, headers, body) = get(page(&root), "/assets/b-2.css", &asked).await;
    assert_eq!(body, "style", "one that lies there in no other form");
    assert!(!headers.contains_key(CONTENT_ENCODING));
}

#[tokio::test]
async fn what_the_client_has_is_not_sent_again() {
    let root = folder();
    let (_, headers, _) = get(page(&root), "/", &[]).await;
    let tag = headers[ETAG].to_str().expect("text");
    let (status, headers, body) = get(page(&root), "/", &[(IF_NONE_MATCH, tag)]).await;
    assert_eq!((status, body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    assert_eq!(headers[ETAG].to_str().expect("text"), tag);
    let asked = [(IF_NONE_MATCH, "\"other\"")];
    assert_eq!(get(page(&root), "/", &asked).await.0, StatusCode::OK);
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_served() {
    let root = folder();
    for path in [
        "/assets/../secret.txt",
        "/assets/..%2F..%2Fsecret.txt",
        "/assets/%2e%2e%2findex.html",
        "/assets/..%5Cindex.html",
        "/assets/.hidden",
        "/assets/a-1.js%00",
        "/assets/",
        "/assets/missing.js",
        "/secret.txt",
        "/index.html.br",
    ] {
        let (status, _, body) = get(page(&root), path, &[]).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        assert!(
            !body.contains("secret") && !body.contains("title"),
            "{path}"
        );
    }
}

#[cfg(feature = "ui")]
#[tokio::test]
async fn the_binary_carries_its_page() {
    let (status, _, body) = get(Ui::embedded(), "/", &[]).await;
    assert_eq!(status, StatusCode::OK);
    let start = body.find("/assets/").expect("the page loads something");
    let path = &body[start..start + body[start..].find('"').expect("an attribute")];
    let (status, headers, _) = get(Ui::embedded(), path, &[(ACCEPT_ENCODING, "br")]).await;
    assert_eq!(status, StatusCode::OK, "{path}");
    assert_eq!(headers[CONTENT_ENCODING], "br");
}

#[cfg(not(feature = "ui"))]
#[tokio::test]
async fn a_build_without_page_says_so() {
    let (status, _, body) = get(Ui::embedded(), "/", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(body.contains("no page"));
}
