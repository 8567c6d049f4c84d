//! What a stranger can send before anybody is asked who they are: heads of requests, and what
//! stands in them. Whatever comes is refused or understood, and never understood in two ways.

use std::net::SocketAddr;

use futures_util::FutureExt as _;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Uri, Version};
use proptest::prelude::*;
use tokio::io::AsyncReadExt as _;

use super::handshake::{self, Handshake, Subprotocol};
use super::hosts::Hosts;
use super::peer::Local;
use super::query::SocketQuery;
use super::range::{self, Brought, Wanted};
use super::strict_head::StrictHead;
use super::{auth, cookie, etag, inetd};
use crate::model::file_path::FilePath;
use crate::model::id::ProcessId;
use crate::wire::fuzz_tests::damaged_of;

/// Requests as clients send them, several on one connection, and those that are smuggled.
const HEADS: [&str; 10] = [
    "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n",
    "\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n\n\n\nGET / HTTP/1.1\r\n\r\n",
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x01\x02",
    "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: +3\r\n\r\nabc",
    "POST / HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\nHost: a\n\nGET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n",
];

/// Values of headers, each of which some parser here reads.
const VALUES: [&str; 26] = [
    "bytes=0-99",
    "bytes=-5",
    "bytes=5-",
    "bytes 0-99/200",
    "bytes */200",
    "bytes=18446744073709551615-18446744073709551616",
    "localhost:7681",
    "127.0.0.1",
    "[::1]:7681",
    "[::ffff:127.0.0.1]",
    "127.0.0.1.evil.example",
    "http://localhost:7681",
    "https://[::1]",
    "null",
    "awp_7681=abc; other=def; awp_7681=ghi",
    "__Host-awp=abc",
    "Bearer abcdefg",
    "websocket, h2c",
    "keep-alive, Upgrade",
    "13",
    "dGhlIHNhbXBsZSBub25jZQ==",
    "awp.json, tty, v5.channel.k8s.io",
    "\"abc\", W/\"def\", *",
    "AWP/1 open app=calc mode=raw cols=80 rows=24 token=abc",
    "cols=80&rows=24&from=18446744073709551615&process=65535",
    "s-k3v9q2m7xd",
];

/// Paths of files.
const PATHS: [&str; 8] = [
    "a/b.txt",
    "../../etc/passwd",
    "/home/ann/a",
    "a//./b/../c",
    "..%2f..%2fetc",
    "a\\..\\b",
    "con\0trol",
    "\u{202e}gpj.exe",
];

fn seeds(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// What comes out of the strict reader, read in pieces of this size.
fn strictly(bytes: &[u8], piece: usize) -> Vec<u8> {
    let mut reader = StrictHead::new(bytes);
    let mut out = Vec::new();
    let mut piece = vec![0; piece];
    // Behind an offence the reader gives what no parser takes, and then its end.
    while let Some(Ok(count @ 1..)) = reader.read(&mut piece).now_or_never() {
        out.extend_from_slice(&piece[..count]);
        assert!(out.len() <= bytes.len() + 64, "it ends");
    }
    out
}

/// Whether a head as it would reach the next parser can be read in two ways.
fn is_ambiguous(head: &[u8]) -> bool {
    let bare = |(at, byte): (usize, &u8)| {
        *byte == b'\n' && (at == 0 || head[at - 1] != b'\r')
            || *byte == b'\r' && head.get(at + 1) != Some(&b'\n')
    };
    let text = String::from_utf8_lossy(head).to_ascii_lowercase();
    let fields = text
        .split("\r\n")
        .skip(1)
        .filter_map(|line| line.split_once(':'));
    let names: Vec<_> = fields.map(|(name, _)| name.trim().to_owned()).collect();
    let count = |name: &str| names.iter().filter(|known| *known == name).count();
    let lengths = count("content-length");
    let coded = count("transfer-encoding");
    head.iter().enumerate().any(bare) || lengths + coded > 1
}

proptest! {
    #[test]
    fn no_head_breaks_the_strict_reader(bytes in damaged_of(seeds(&HEADS)), piece in 1_usize..40) {
        let whole = strictly(&bytes, bytes.len() + 64);
        prop_assert_eq!(&strictly(&bytes, piece), &whole, "the same in any pieces");
        let passed = whole.iter().zip(&bytes).take_while(|(out, came)| out == came).count();
        // All of it, or a refusal; what came may have been the very bytes of one.
        if whole != bytes {
            prop_assert!(whole.ends_with(b"\0\r\n\r\n"), "no parser takes this");
        }
        // The first head, where it came through whole.
        let start = bytes.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or(0);
        let end = bytes[start..].windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end.map(|end| start + end).filter(|end| end + 4 <= passed) {
            prop_assert!(!is_ambiguous(&bytes[start..end + 2]), "{:?}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn no_value_of_a_header_breaks_its_reader(bytes in damaged_of(seeds(&VALUES)), size in any::<u64>()) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(Brought::Part(first, count, whole)) = range::brought(&text) {
            prop_assert!(count > 0 && first.checked_add(count).is_some_and(|end| end <= whole));
        }
        let _ = inetd::reads(&text);
        let Ok(value) = HeaderValue::from_bytes(&bytes) else {
            return Ok(());
        };
        let address: SocketAddr = ([127, 0, 0, 1], 7681).into();
        let mut headers = HeaderMap::new();
        for name in [
            header::HOST,
            header::ORIGIN,
            header::COOKIE,
            header::UPGRADE,
            header::CONNECTION,
            header::IF_NONE_MATCH,
            header::SEC_WEBSOCKET_KEY,
            header::SEC_WEBSOCKET_VERSION,
            header::SEC_WEBSOCKET_PROTOCOL,
            HeaderName::from_static("x-forwarded-for"),
        ] {
            headers.insert(name, value.clone());
        }
        for local in [Local::Tcp(address), Local::Tls(address), Local::Unix] {
            for cookie in cookie::values(&headers, local) {
                prop_assert!(text.contains(cookie) && !cookie.contains(';'));
            }
            let hosts = Hosts::new(&[]).unwrap();
            if let Ok(host) = hosts.check(&headers, &Uri::from_static("/"), local) {
                // Nothing but this machine's own names, whatever they are dressed in.
                let own = ["localhost", "127.", "[::1]", "[::ffff:127."];
                let text = text.to_ascii_lowercase();
                let known = own.iter().any(|own| text.starts_with(own));
                prop_assert!(known || local == Local::Unix || text.starts_with('['), "{text}");
                prop_assert!(!text.contains("evil") || local == Local::Unix && !text.contains('.'), "{text}");
                let _ = hosts.allows_origin(&text, &host, local);
            }
        }
        headers.insert(header::RANGE, value.clone());
        if let Wanted::Part(first, count) = range::asked(&headers, size, "\"abc\"") {
            prop_assert!(count > 0 && first.checked_add(count).is_some_and(|end| end <= size));
        }
        let _ = auth::bearer(&value);
        let _ = etag::matches(&headers, "\"abc\"");
        let _ = handshake::offers(&headers, Subprotocol::Tty);
        let _ = Handshake::read(&Method::GET, Version::HTTP_11, &headers);
    }

    #[test]
    fn no_path_leads_out(bytes in damaged_of(seeds(&PATHS))) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for root in ["/home/ann", "/"] {
            if let Ok(path) = FilePath::parse(&text, root) {
                for path in [Some(path.clone()), path.cleaned().ok()].into_iter().flatten() {
                    let joined = path.joined();
                    prop_assert!(!joined.starts_with('/') && !joined.contains('\0'), "{text:?} is {joined:?}");
                    prop_assert!(joined.split('/').all(|part| part != ".."), "{text:?} is {joined:?}");
                }
            }
        }
    }

    #[test]
    fn no_address_breaks_the_reader_of_queries(bytes in damaged_of(seeds(&VALUES))) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let pairs: Vec<_> = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        let keys = ["cols", "rows", "from", "from_stderr", "process", "session", "role", "label"];
        let every = keys.map(|key| (key.to_owned(), text.clone()));
        for pairs in [pairs, every.to_vec()] {
            if let Ok(query) = SocketQuery::read(&pairs) {
                let _ = query.resume(ProcessId(1));
                prop_assert!(query.size.is_none_or(|size| size.cols > 0 && size.rows > 0));
            }
        }
    }
}
