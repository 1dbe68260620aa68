//! Requests written byte by byte: what no client library would send.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::TcpStream;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use super::{Person, Reply, document, sign};

impl Person {
    /// `nonce=…&timestamp=…&signature=…`, for a request that signs these parameters besides, ids in the path included.
    pub fn stamp(&self, signed: &[(&str, &str)]) -> String {
        let mut all = self.call("GET", "/", Value::Null).signed();
        let (nonce, timestamp) = (all["nonce"].clone(), all["timestamp"].clone());
        all.extend(signed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        format!("nonce={nonce}&timestamp={timestamp}&signature={}", sign(&self.secret, &all))
    }

    /// Sends a request as it stands here, with the token: `line` is such as `GET /exams?page=1`.
    pub fn wire(&self, line: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
        let ((method, target), body) = (line.split_once(' ').unwrap(), body.as_ref());
        let mut request = format!(
            "{method} /api/v3{target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Token token={}\r\n",
            self.address, self.token
        );
        for (name, value) in headers {
            write!(request, "{name}: {value}\r\n").unwrap();
        }
        write!(request, "Content-Length: {}\r\n\r\n", body.len()).unwrap();
        let reply = exchange(self, &[request.as_bytes(), body].concat());
        document::check(method, &format!("/api/v3{}", target.split('?').next().unwrap()), &reply);
        reply
    }
}

fn exchange(person: &Person, request: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(person.address).unwrap();
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    Reply::written(&String::from_utf8(bytes).unwrap())
}

impl Reply {
    /// Reads a reply as it came over the wire.
    pub fn written(reply: &str) -> Self {
        let (head, text) = reply.split_once("\r\n\r\n").expect("the server answers");
        let (status, headers) = head.split_once("\r\n").unwrap();
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let headers: HeaderMap = headers.split("\r\n").map(header).collect();
        Self { status, headers, json: serde_json::from_str(text).unwrap_or(Value::Null), text: text.to_owned() }
    }
}

fn header(line: &str) -> (HeaderName, HeaderValue) {
    let (name, value) = line.split_once(": ").unwrap();
    (name.parse().unwrap(), value.parse().unwrap())
}
