//! Reverse proxies in front of awp: the recipes of the documentation, and `awp doctor` on what is
//! wrong with others.

mod harness;

use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use harness::http::Answer;
use harness::reverse::{Proxy, free};
use harness::server::{TOKEN, awp};
use harness::{Server, within};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

const OPERATE: &str = include_str!("../docs/operate.md");

/// The block of this language in the documentation.
fn recipe(language: &str) -> String {
    let begin = format!("```{language}\n");
    let rest = OPERATE.split(&begin).nth(1).expect("a recipe");
    rest.split("```").next().expect("its end").to_owned()
}

fn url(proxy: &Proxy) -> String {
    format!("http://{}/term", proxy.address)
}

/// The recipe for nginx at this address, without its certificate.
fn nginx_recipe(address: SocketAddr, server: &Server) -> String {
    let text = recipe("nginx");
    let lines = text
        .lines()
        .filter(|line| !line.contains("ssl_certificate"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let changed = text.replace("443 ssl", &address.to_string());
    let changed = changed.replace("127.0.0.1:7681", &server.address.to_string());
    assert!(changed.contains(&address.to_string()));
    changed
}

/// awp below `/term`.
async fn below_term(more: &[&str]) -> Server {
    let options = ["--mode", "pipe", "--base-path", "/term"];
    Server::start(&[&options, more].concat(), &["cat"]).await
}

/// What the doctor says: its status, and its lines.
async fn doctor(server: &Server, url: &str, more: &[&str]) -> (Option<i32>, String) {
    doctor_in(server, url, more, &[]).await
}

async fn doctor_in(
    server: &Server,
    url: &str,
    more: &[&str],
    environment: &[(&str, &str)],
) -> (Option<i32>, String) {
    let home = tempfile::tempdir().expect("a folder");
    let token = server.home.path().join("token").display().to_string();
    let options = [&["doctor", url, "--token-file", &token], more].concat();
    let mut child = awp(&home, &options, environment)
        .spawn()
        .expect("awp starts");
    let mut text = String::new();
    let stdout = child.stdout.as_mut().expect("a pipe");
    let read = within("what the doctor says", stdout.read_to_string(&mut text)).await;
    read.expect("text");
    let status = within("its end", child.wait())
        .await
        .expect("a child of ours");
    assert!(!text.contains(TOKEN));
    (status.code(), text)
}

/// Everything is well, and a browser's way in works as well: the page, its script, a login, its
/// cookie, a socket.
async fn is_well(server: &Server, proxy: &Proxy) {
    let (status, said) = doctor(server, &url(proxy), &["--hold", "1s"]).await;
    assert_eq!(status, Some(0), "{said}");
    let names = ["host", "path", "upgrade", "buffering", "timeout"];
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), names.len(), "{said}");
    for (line, name) in lines.iter().zip(names) {
        // A build without the page has none to look for.
        let left = name == "path" && cfg!(not(feature = "ui"));
        let begin = format!("{}  {name} ", if left { "left" } else { "good" });
        assert!(line.starts_with(&begin), "{said}");
    }
    browse(proxy).await;
}

/// Sends a request to the proxy and gives the answer.
async fn request(proxy: &Proxy, line: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(proxy.address).await.expect("a proxy");
    let request = format!(
        "{line} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        proxy.address,
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut text = String::new();
    let read = within(line, stream.read_to_string(&mut text)).await;
    read.expect("text");
    Answer::parse(&text)
}

/// Logs in as a browser does; gives the cookie and the page key.
async fn log_in(proxy: &Proxy) -> (String, Value) {
    let body = json!({ "token": TOKEN }).to_string();
    let headers = format!(
        "Origin: http://{}\r\nContent-Type: application/json\r\n",
        proxy.address
    );
    let answer = request(proxy, "POST /term/api/v1/login", &headers, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let cookie = answer.header("set-cookie").expect("a cookie");
    let cookie = cookie.split(';').next().expect("its value");
    // A body of unknown length is sent in chunks, behind some proxies.
    let start = answer.body.find('{').expect("an object");
    let end = answer.body.rfind('}').expect("its end");
    let told: Value = serde_json::from_str(&answer.body[start..=end]).expect("JSON");
    (cookie.to_owned(), told["page_key"].clone())
}

async fn browse(proxy: &Proxy) {
    let origin = format!("http://{}", proxy.address);
    let (cookie, page_key) = log_in(proxy).await;
    let mut request = format!("ws://{}/term/ws", proxy.address)
        .into_client_request()
        .expect("an address");
    for (name, value) in [
        ("origin", origin.as_str()),
        ("cookie", cookie.as_str()),
        ("sec-websocket-protocol", "awp.json"),
    ] {
        let value = value.parse().expect("a value");
        request.headers_mut().insert(name, value);
    }
    let stream = TcpStream::connect(proxy.address).await.expect("a proxy");
    let (mut socket, _) = client_async(request, stream).await.expect("a socket");
    let auth = json!({ "type": "auth", "page_key": page_key });
    let typed = json!({ "type": "stdin", "text": "through the proxy\n" });
    for message in [auth, typed] {
        let sent = socket.send(Message::text(message.to_string())).await;
        sent.expect("sent");
    }
    let heard = async {
        while let Some(Ok(message)) = socket.next().await {
            let message: Value =
                serde_json::from_str(message.to_text().expect("text")).expect("JSON");
            if message["type"] == "stdout" {
                return message["offset"].clone();
            }
        }
        Value::Null
    };
    assert_eq!(within("an echo", heard).await, 0);
}

#[tokio::test]
async fn the_recipe_for_nginx_is_well_below_a_path() {
    let server = below_term(&[]).await;
    let address = free();
    let proxy = Proxy::nginx(address, &nginx_recipe(address, &server)).await;
    is_well(&server, &proxy).await;
}

/// The example: files of nginx for those alone who are logged in to awp.
#[tokio::test]
async fn nginx_guards_its_own_files_with_a_login_of_awp() {
    let server = below_term(&[]).await;
    let address = free();
    let files = tempfile::tempdir().expect("a folder");
    let private = files.path().join("private");
    std::fs::create_dir(&private).expect("a folder");
    std::fs::write(private.join("page.html"), "for those who are in").expect("a file");
    let text = include_str!("../examples/nginx/site.conf")
        .replace("127.0.0.1:8080", &address.to_string())
        .replace("/srv/www", files.path().to_str().expect("a plain path"))
        .replace("127.0.0.1:7681", &server.address.to_string());
    let proxy = Proxy::nginx(address, &text).await;
    let page = "GET /private/page.html";
    assert_eq!(request(&proxy, page, "", "").await.status, 401);
    assert_eq!(request(&proxy, "GET /awp-check", "", "").await.status, 404);
    let (cookie, page_key) = log_in(&proxy).await;
    let cookie = format!("Cookie: {cookie}\r\n");
    let shown = request(&proxy, page, &cookie, "").await;
    assert_eq!(
        (shown.status, shown.body.as_str()),
        (200, "for those who are in")
    );
    assert_eq!(shown.header("x-who"), Some("owner"));
    let page_key = page_key.as_str().expect("text");
    let headers = format!("{cookie}Origin: http://{address}\r\nX-Awp-Page-Key: {page_key}\r\n");
    let out = request(&proxy, "POST /term/api/v1/logout", &headers, "").await;
    assert_eq!(out.status, 204, "{out:?}");
    assert_eq!(request(&proxy, page, &cookie, "").await.status, 401);
}

#[tokio::test]
async fn the_recipe_for_caddy_is_well_below_a_path() {
    let server = below_term(&[]).await;
    let address = free();
    let text = recipe("caddy").replace("https://term.example.com", &format!("http://{address}"));
    let text = text.replace("127.0.0.1:7681", &server.address.to_string());
    let proxy = Proxy::caddy(address, &text).await;
    is_well(&server, &proxy).await;
}

/// The recipe as it stands, with its certificate: the doctor trusts whom the system trusts.
#[tokio::test]
async fn the_recipe_for_nginx_is_well_with_tls() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).expect("made");
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    };
    let cert = file("cert.pem", made.cert.pem());
    let key = file("key.pem", made.signing_key.serialize_pem());
    let address = free();
    let origin = format!("https://localhost:{}", address.port());
    let server = below_term(&["--allow-host", &origin]).await;
    let text = recipe("nginx")
        .replace("443 ssl", &format!("{address} ssl"))
        .replace("127.0.0.1:7681", &server.address.to_string())
        .replace("/etc/ssl/term.example.com.pem", &cert)
        .replace("/etc/ssl/private/term.example.com.key", &key);
    let _proxy = Proxy::nginx(address, &text).await;
    let url = format!("{origin}/term");
    let trusting = [("SSL_CERT_FILE", cert.as_str())];
    let (status, said) = doctor_in(&server, &url, &["--hold", "1s"], &trusting).await;
    assert_eq!(status, Some(0), "{said}");
    assert!(
        said.contains(&format!("a socket opens for pages of {origin}")),
        "{said}"
    );
    let (status, said) = doctor(&server, &url, &[]).await;
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.starts_with("bad   host ") && said.contains("UnknownIssuer"),
        "{said}"
    );
}

/// A name of the world's reaches awp only where awp was told of it.
#[tokio::test]
async fn a_public_name_needs_to_be_allowed() {
    let name = "Host: term.example.com\r\nOrigin: http://term.example.com\r\n";
    for (more, status) in [
        (&[][..], 421),
        (&["--allow-host", "http://term.example.com"], 200),
    ] {
        let server = below_term(more).await;
        let address = free();
        let proxy = Proxy::nginx(address, &nginx_recipe(address, &server)).await;
        let mut stream = TcpStream::connect(proxy.address).await.expect("a proxy");
        let request = format!("GET /term/healthz HTTP/1.1\r\nConnection: close\r\n{name}\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut text = String::new();
        let read = within("an answer", stream.read_to_string(&mut text)).await;
        read.expect("text");
        assert_eq!(harness::http::Answer::parse(&text).status, status, "{text}");
    }
}

/// What the doctor finds bad when this line of the recipe is another one; everything before it is
/// well.
async fn broken(more: &[&str], line: &str, instead: &str, hold: &str) -> (String, String) {
    let server = below_term(more).await;
    let address = free();
    let text = nginx_recipe(address, &server);
    assert!(text.contains(line), "{text}");
    let proxy = Proxy::nginx(address, &text.replace(line, instead)).await;
    let (status, said) = doctor(&server, &url(&proxy), &["--hold", hold]).await;
    assert_eq!(status, Some(1), "{said}");
    let bad: Vec<_> = said
        .lines()
        .filter_map(|line| line.strip_prefix("bad   "))
        .collect();
    assert_eq!(bad.len(), 1, "{said}");
    let fix = said
        .lines()
        .find_map(|line| line.strip_prefix("      fix: "));
    let (name, seen) = bad[0].split_once(' ').expect("a name");
    (name.to_owned(), format!("{seen}\n{}", fix.expect("a fix")))
}

#[tokio::test]
async fn the_doctor_names_what_a_proxy_does_wrong() {
    let host = "proxy_set_header Host $http_host;";
    for (line, instead, name, words) in [
        (
            host,
            "proxy_set_header Host evil.example;",
            "host",
            "--allow-host http://127.0.0.1",
        ),
        // Its own name for awp is one that awp has; only the page's origin gives it away.
        (host, "", "upgrade", "another site's"),
        (
            "proxy_set_header Upgrade $http_upgrade;",
            "",
            "upgrade",
            "proxy_http_version 1.1",
        ),
        (
            "proxy_http_version 1.1;",
            "",
            "upgrade",
            "proxy_http_version 1.1",
        ),
        (
            "location /term {",
            "location /term/ws { return 404; } location /term {",
            "upgrade",
            "404",
        ),
        ("location /term {", "location /other {", "host", "404"),
        (
            "location /term {",
            "location /term { return 502;",
            "host",
            "does not reach awp",
        ),
        (
            "location /term {",
            "location /term { return 301 https://a.example/;",
            "host",
            "leads elsewhere",
        ),
        (
            "location /term {",
            "location /term { return 401;",
            "host",
            "login of its own",
        ),
        (
            "location /term {",
            "location /term { proxy_hide_header Content-Security-Policy;",
            "path",
            "lost",
        ),
    ] {
        let (found, told) = broken(&[], line, instead, "1s").await;
        assert_eq!(found, name, "{instead}: {told}");
        assert!(told.contains(words), "{instead}: {told}");
    }
}

#[tokio::test]
async fn the_doctor_sees_a_proxy_that_cuts_the_silence() {
    let (found, told) = broken(&[], "proxy_read_timeout 1h", "proxy_read_timeout 1s", "12s").await;
    assert_eq!(found, "timeout", "{told}");
    assert!(told.contains("proxy_read_timeout 1h"), "{told}");
}

#[tokio::test]
async fn the_doctor_sees_a_path_that_differs() {
    let server = Server::pipe(&["cat"]).await;
    let address = free();
    // The path is cut off on its way, and the page does not know of it.
    let text = nginx_recipe(address, &server);
    let text = text.replace("location /term {", "location /term/ {");
    let to = format!("http://{};", server.address);
    let cut = text.replace(&to, &format!("http://{}/;", server.address));
    assert!(cut != text);
    for (text, name, words) in [
        (text, "host", "--base-path /term"),
        (cut, "path", "--base-path"),
    ] {
        if name == "path" && cfg!(not(feature = "ui")) {
            continue;
        }
        let address = free();
        let from = text
            .split("listen ")
            .nth(1)
            .and_then(|rest| rest.split(';').next());
        let text = text.replace(from.expect("a place"), &address.to_string());
        let proxy = Proxy::nginx(address, &text).await;
        let (status, said) = doctor(&server, &url(&proxy), &["--hold", "1s"]).await;
        assert_eq!(status, Some(1), "{said}");
        let bad = said.lines().find_map(|line| line.strip_prefix("bad   "));
        assert!(bad.is_some_and(|bad| bad.starts_with(name)), "{said}");
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn nobody_there_is_said_as_well() {
    let server = below_term(&[]).await;
    let (status, said) = doctor(&server, &format!("http://{}/term", free()), &[]).await;
    assert_eq!(status, Some(1), "{said}");
    assert!(said.starts_with("bad   host "), "{said}");
}
