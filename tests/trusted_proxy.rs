//! A reverse proxy that says who its client is: believed where it was named, nobody else ever.

mod harness;

use std::net::SocketAddr;

use harness::http::Answer;
use harness::people::{Browser, add_user, does};
use harness::reverse::{Proxy, free};
use harness::server::TOKEN;
use harness::viewer::connect;
use harness::{Dialect, Server, Viewer, until, within};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream, UnixStream};

const PASSWORD: &str = "correct-horse-battery-4471";
const CHECK: &str = "GET /api/v1/check";
const BELIEVED: [&str; 4] = [
    "--proxy-user-header",
    "X-Remote-User",
    "--trust-proxy",
    "127.0.0.1/32",
];

async fn server(options: &[&str]) -> Server {
    let home = tempfile::tempdir().expect("a folder");
    for (name, role) in [("ann", "owner"), ("bob", "write"), ("eve", "watch")] {
        add_user(&home, name, role, PASSWORD).await;
    }
    Server::at_home(home, options, &["cat"]).await
}

async fn named(server: &Server, line: &str, user: &str, more: &str) -> Answer {
    let headers = format!("X-Remote-User: {user}\r\n{more}");
    server.send(line, &headers, "").await
}

/// One exchange over a socket that is bound to another address.
async fn from_elsewhere(server: &Server, headers: &str) -> Answer {
    let socket = TcpSocket::new_v4().expect("a socket");
    let bound = socket.bind("127.0.0.2:0".parse().expect("an address"));
    bound.expect("loopback is large");
    let request = format!(
        "{CHECK} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}\r\n",
        server.address
    );
    let stream = socket.connect(server.address).await.expect("a server");
    exchange(stream, &request).await
}

async fn exchange<S>(mut stream: S, request: &str) -> Answer
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let exchange = async {
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).await.expect("text");
        text
    };
    Answer::parse(&within("an answer", exchange).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn c27_the_header_counts_from_the_proxy_alone() {
    let server = server(&BELIEVED).await;
    for (user, role) in [("ann", "owner"), ("bob", "write"), ("eve", "watch")] {
        let answer = named(&server, CHECK, user, "").await;
        assert_eq!(answer.status, 204, "{answer:?}");
        assert_eq!(answer.header("x-awp-user"), Some(user));
        assert_eq!(answer.header("x-awp-role"), Some(role), "the table's");
    }
    let odd = server.send(CHECK, "x-rEMOTE-uSER:   bob  \r\n", "").await;
    assert_eq!(odd.header("x-awp-user"), Some("bob"), "{odd:?}");
    let line = "X-Remote-User: ann\r\n";
    let elsewhere = from_elsewhere(&server, line).await;
    assert_eq!(elsewhere.status, 401, "another peer's is not looked at");
    let told = format!("{line}X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1\r\n");
    assert_eq!(from_elsewhere(&server, &told).await.status, 401);
    for (headers, status) in [
        ("X-Remote-User: bob\r\nX-Remote-User: ann\r\n", 400),
        ("X-Remote-User: bob\r\nx-remote-user: bob\r\n", 400),
        ("X_Remote_User: ann\r\n", 401),
        ("Remote-User: ann\r\n", 401),
        ("X-Remote-User: \r\n", 401),
        ("X-Remote-User: nobody\r\n", 401),
        ("X-Remote-User: owner\r\n", 401),
        ("X-Remote-User: ann,bob\r\n", 401),
        ("X-Remote-User: an\u{e9}\r\n", 401),
    ] {
        let answer = server.send(CHECK, headers, "").await;
        assert_eq!(answer.status, status, "{headers:?}: {answer:?}");
    }
    // What the client showed to the proxy is no wrong secret here.
    let basic = named(&server, CHECK, "bob", "Authorization: Basic Ym9iOng=\r\n").await;
    assert_eq!(basic.header("x-awp-user"), Some("bob"), "{basic:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_option_the_header_is_nothing() {
    let server = server(&["--trust-proxy", "127.0.0.1"]).await;
    assert_eq!(named(&server, CHECK, "ann", "").await.status, 401);
    let owner = format!("Authorization: Bearer {TOKEN}\r\n");
    let answer = named(&server, CHECK, "bob", &owner).await;
    assert_eq!(answer.header("x-awp-user"), Some("owner"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_are_the_tables_and_pages_of_others_are_refused() {
    let server = server(&BELIEVED).await;
    let json = "Content-Type: application/json\r\n";
    let make = "POST /api/v1/sessions";
    let headers = |user: &str, more: &str| format!("X-Remote-User: {user}\r\n{json}{more}");
    for (user, more, status) in [
        ("ann", "", 201),
        ("bob", "", 403),
        ("ann", "Origin: https://evil.example\r\n", 403),
        ("ann", "Origin: http://127.0.0.1:1\r\n", 403),
        ("ann", "Origin: null\r\n", 403),
        ("ann", "Sec-Fetch-Site: same-site\r\n", 403),
        ("ann", "User-Agent: Mozilla/5.0\r\n", 403),
        ("ann", "Referer: http://evil.example/\r\n", 403),
    ] {
        let answer = server.send(make, &headers(user, more), "{}").await;
        assert_eq!(answer.status, status, "{user} {more:?}: {answer:?}");
    }
    let own = format!(
        "User-Agent: Mozilla/5.0\r\nOrigin: http://{}\r\n",
        server.address
    );
    let answer = server.send(make, &headers("ann", &own), "{}").await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let evil = [("x-remote-user", "ann"), ("origin", "https://evil.example")];
    let refused = connect(&server, "/ws", &evil).await.err();
    assert_eq!(refused.map(|answer| answer.status().as_u16()), Some(403));
}

/// A socket of the user whom the proxy names, in `awp.json`.
async fn watching(server: &Server, user: &str, id: &str) -> Viewer {
    let origin = format!("http://{}", server.address);
    let headers = [
        ("x-remote-user", user),
        ("origin", &origin),
        ("sec-websocket-protocol", "awp.json"),
    ];
    let socket = connect(server, &format!("/ws?session={id}"), &headers).await;
    let mut viewer = Viewer::over(socket.expect("a socket"), Dialect::Json);
    viewer
        .until("welcome", |seen| !seen.all("session").is_empty())
        .await;
    viewer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_user_is_out_and_a_changed_one_is_another() {
    let server = server(&BELIEVED).await;
    let id = server.create(json!({"mode": "pipe"})).await;
    let mut eve = watching(&server, "eve", &id).await;
    eve.type_text("canary\n").await;
    eve.until("a refusal", |seen| seen.errors() == ["not_allowed"])
        .await;
    let mut bob = watching(&server, "bob", &id).await;
    bob.type_text("typed by bob\n").await;
    bob.until_text(0, "typed by bob\n").await;
    does(&server.home, &["user", "role", "bob", "watch"], "").await;
    assert_eq!(bob.rest().await.closed, Some(4401), "another role");
    let answer = named(&server, CHECK, "bob", "").await;
    assert_eq!(answer.header("x-awp-role"), Some("watch"), "{answer:?}");
    does(&server.home, &["user", "rm", "eve"], "").await;
    let seen = eve.rest().await;
    assert_eq!(seen.closed, Some(4401));
    assert!(!seen.out.contains("canary"));
    assert_eq!(named(&server, CHECK, "eve", "").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_see_the_user_and_not_the_header() {
    let home = tempfile::tempdir().expect("a folder");
    add_user(&home, "ann", "owner", PASSWORD).await;
    let options = [&BELIEVED[..], &["--mode", "pipe"]].concat();
    let server = Server::at_home(home, &options, &["env"]).await;
    let headers = [
        ("x-remote-user", "ann"),
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-proto", "https"),
        ("sec-websocket-protocol", "awp.json"),
    ];
    let socket = connect(&server, "/ws", &headers).await.expect("a socket");
    let seen = Viewer::over(socket, Dialect::Json).rest().await;
    let text = seen.out.text();
    for line in ["REMOTE_USER=ann", "REMOTE_ADDR=192.0.2.7", "HTTPS=on"] {
        assert!(text.lines().any(|has| has == line), "{line}: {text}");
    }
    assert!(!text.contains("HTTP_X_REMOTE_USER"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c17_failures_are_counted_for_the_proxys_client() {
    let server = server(&["--trust-proxy", "127.0.0.1"]).await;
    let try_from = async |client: &str, password: &str| {
        let headers = format!("Content-Type: application/json\r\nX-Forwarded-For: {client}\r\n");
        let shown = json!({"user": "bob", "password": password}).to_string();
        server
            .send("POST /api/v1/login", &headers, &shown)
            .await
            .status
    };
    for _ in 0..9 {
        assert_eq!(try_from("8.8.8.8, 192.0.2.1", "wrong").await, 401);
    }
    // What the client itself wrote into the header changes nothing.
    assert_eq!(try_from("9.9.9.9, 192.0.2.1", PASSWORD).await, 429);
    assert_eq!(try_from("192.0.2.2", PASSWORD).await, 200, "another client");
    let other = TcpSocket::new_v4().expect("a socket");
    let bound = other.bind("127.0.0.2:0".parse().expect("an address"));
    bound.expect("loopback is large");
    let right = json!({"user": "bob", "password": PASSWORD});
    assert_eq!(server.login_from(other, &right).await.status, 200);
    until("the audit", || {
        let log = server.log();
        if log.contains("from=192.0.2.2") && !log.contains("from=8.8.8.8") {
            Ok(())
        } else {
            Err(log)
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_says_where_they_came_from() {
    let server = server(&["--trust-proxy", "127.0.0.9"]).await;
    for at in 0..20 {
        let headers = format!(
            "Content-Type: application/json\r\nX-Forwarded-For: 192.0.2.{at}\r\n\
             X-Forwarded-Proto: https\r\n"
        );
        let shown = json!({"user": "bob", "password": "wrong"}).to_string();
        let answer = server.send("POST /api/v1/login", &headers, &shown).await;
        assert_eq!(answer.status, if at < 9 { 401 } else { 429 }, "{at}");
    }
    let headers = "X-Forwarded-Proto: https\r\nContent-Type: application/json\r\n";
    let shown = json!({"token": TOKEN}).to_string();
    let answer = server.send("POST /api/v1/login", headers, &shown).await;
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(!cookie.contains("Secure"), "{cookie}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_a_cookie_behind_a_proxys_tls_is_secure() {
    let server = server(&["--trust-proxy", "127.0.0.1"]).await;
    let https = "X-Forwarded-Proto: https\r\n";
    let headers = format!("{https}Content-Type: application/json\r\n");
    let shown = json!({"token": TOKEN}).to_string();
    let answer = server.send("POST /api/v1/login", &headers, &shown).await;
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(
        cookie.starts_with("__Host-awp_") && cookie.ends_with("; Secure"),
        "{cookie}"
    );
    let tab = Browser::of(&answer);
    let shown = format!(
        "Cookie: {}\r\nX-Awp-Page-Key: {}\r\n",
        tab.cookie, tab.page_key
    );
    let list = "GET /api/v1/sessions";
    let seen = server.send(list, &format!("{https}{shown}"), "").await;
    assert_eq!(seen.status, 200, "{seen:?}");
    let make = "POST /api/v1/sessions";
    for (scheme, status) in [("https", 201), ("http", 403)] {
        let origin = format!("Origin: {scheme}://{}\r\n", server.address);
        let headers = format!("{headers}{shown}{origin}");
        let answer = server.send(make, &headers, "{}").await;
        assert_eq!(answer.status, status, "{scheme}: {answer:?}");
    }
}

/// nginx that asks for a password, and tells awp whose it was.
async fn nginx(upstream: &str, folder: &std::path::Path) -> (Proxy, SocketAddr) {
    let address = free();
    let people = folder.join("people");
    std::fs::write(&people, "bob:{PLAIN}sesame\nmallory:{PLAIN}sesame\n").expect("written");
    let people = people.display();
    let lines = format!(
        "server {{ listen {address}; location / {{ auth_basic awp; auth_basic_user_file {people};\n\
         proxy_pass http://{upstream}; proxy_http_version 1.1; proxy_set_header Host $http_host;\n\
         proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $http_connection;\n\
         proxy_set_header X-Remote-User $remote_user;\n\
         proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n\
         proxy_set_header X-Forwarded-Proto $scheme; }} }}"
    );
    (Proxy::nginx(address, &lines).await, address)
}

/// `bob:sesame` and `mallory:sesame`, as browsers send them.
const BOB: &str = "Authorization: Basic Ym9iOnNlc2FtZQ==\r\n";
const MALLORY: &str = "Authorization: Basic bWFsbG9yeTpzZXNhbWU=\r\n";

async fn through(proxy: SocketAddr, line: &str, headers: &str) -> Answer {
    let stream = TcpStream::connect(proxy).await.expect("a proxy");
    let request = format!("{line} HTTP/1.1\r\nHost: {proxy}\r\nConnection: close\r\n{headers}\r\n");
    exchange(stream, &request).await
}

/// Who comes through, by what they showed to the proxy and by nothing else.
async fn is_bob_alone(proxy: SocketAddr) {
    assert_eq!(through(proxy, CHECK, "").await.status, 401, "nginx's own");
    let answer = through(proxy, CHECK, BOB).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(answer.header("x-awp-user"), Some("bob"));
    for forged in [
        "X-Remote-User: ann\r\n",
        "x-remote-USER: ann\r\nX-Remote-User: ann\r\n",
        "X_Remote_User: ann\r\n",
        "X-Remote-User : ann\r\n",
        "Connection: X-Remote-User\r\n",
    ] {
        let answer = through(proxy, CHECK, &format!("{BOB}{forged}")).await;
        assert!(
            answer.status == 400 || answer.header("x-awp-user") == Some("bob"),
            "{forged:?}: {answer:?}"
        );
        let answer = through(proxy, CHECK, &format!("{MALLORY}{forged}")).await;
        assert!(
            [400, 401].contains(&answer.status),
            "{forged:?}: {answer:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c27_a_real_nginx_says_who_it_is() {
    let server = server(&BELIEVED).await;
    let folder = tempfile::tempdir().expect("a folder");
    let (_nginx, proxy) = nginx(&server.address.to_string(), folder.path()).await;
    is_bob_alone(proxy).await;
    let id = server.create(json!({"mode": "pipe"})).await;
    let uri = format!("ws://{proxy}/ws?session={id}");
    let mut request =
        tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(uri)
            .expect("an address");
    for (name, value) in [
        ("authorization", "Basic Ym9iOnNlc2FtZQ==".to_owned()),
        ("origin", format!("http://{proxy}")),
        ("sec-websocket-protocol", "awp.json".to_owned()),
    ] {
        let value = value.parse().expect("a value");
        request.headers_mut().insert(name, value);
    }
    let stream = TcpStream::connect(proxy).await.expect("a proxy");
    let opened = tokio_tungstenite::client_async(request, stream);
    let (socket, _) = within("a socket", opened).await.expect("bob's");
    let mut bob = Viewer::over(socket, Dialect::Json);
    bob.type_text("through nginx\n").await;
    bob.until_text(0, "through nginx\n").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c27_a_proxy_at_a_unix_listener_lends_nobody_its_own_rights() {
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("listen.sock");
    let listen = format!("unix:{}", socket.display());
    let options = [
        "--listen",
        &listen,
        "--proxy-user-header",
        "X-Remote-User",
        "--trust-proxy",
        "unix",
    ];
    let server = server(&options).await;
    let (_nginx, proxy) = nginx(&listen, folder.path()).await;
    is_bob_alone(proxy).await;
    // The header is worth nothing where the proxy is not.
    assert_eq!(named(&server, CHECK, "bob", "").await.status, 401);
    let bare = format!("{CHECK} HTTP/1.1\r\nHost: awp\r\nConnection: close\r\n\r\n");
    let stream = UnixStream::connect(&socket).await.expect("a socket");
    assert_eq!(exchange(stream, &bare).await.status, 401, "no uid counts");
    // The socket of the command line stays what it is, and believes no header.
    let forged = bare.replace("\r\n\r\n", "\r\nX-Remote-User: bob\r\n\r\n");
    let own = server.home.path().join("awp.sock");
    let stream = UnixStream::connect(&own).await.expect("a socket");
    let answer = exchange(stream, &forged).await;
    assert_eq!(answer.header("x-awp-user"), Some("owner"), "{answer:?}");
    does(&server.home, &["ls"], "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_of_a_proxys_user_is_written_down_as_theirs() {
    let server = server(&BELIEVED).await;
    let from = "X-Forwarded-For: 192.0.2.7\r\n";
    for _ in 0..3 {
        assert_eq!(named(&server, CHECK, "ann", from).await.status, 204);
    }
    let json = "Content-Type: application/json\r\n";
    let headers = format!("X-Remote-User: ann\r\n{from}{json}");
    let made = server.send("POST /api/v1/sessions", &headers, "{}").await;
    assert_eq!(made.status, 201, "{made:?}");
    until("two lines", || {
        let log = server.log();
        let lines = |words: &[&str]| {
            let has = |line: &&str| words.iter().all(|word| line.contains(word));
            log.lines().filter(has).count()
        };
        let login = [
            "event=\"login\"",
            "how=\"proxy\"",
            "user=\"ann\"",
            "from=192.0.2.7",
        ];
        let start = ["event=\"start\"", "user=\"ann\"", "from=192.0.2.7"];
        if (lines(&login), lines(&start)) == (1, 1) {
            Ok(())
        } else {
            Err(log.clone())
        }
    })
    .await;
}
