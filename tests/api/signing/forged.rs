//! One connection that is kept open, for tests that send very many requests.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::world::NOW;

/// A connection to a server.
pub struct Line(BufReader<TcpStream>);

impl Line {
    pub fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    /// Sends a request and waits for the reply's status.
    pub fn ask(&mut self, request: &str) -> u16 {
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).expect("the server answers").parse().unwrap();
        let mut length = 0;
        while line != "\r\n" {
            line.clear();
            self.0.read_line(&mut line).unwrap();
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = text.trim_end().parse().unwrap();
            }
        }
        self.0.read_exact(&mut vec![0; length]).unwrap();
        status
    }
}

/// A call of the API with a signature that fits nothing.
pub fn badly_signed(token: &str, nonce: usize) -> String {
    let signature = "0".repeat(64);
    format!(
        "GET /api/v3/institutes?nonce={nonce}&timestamp={NOW}&signature={signature} HTTP/1.1\r\n\
         Host: localhost\r\nAuthorization: Token token={token}\r\n\r\n"
    )
}

/// The same with a message signature that fits nothing.
pub fn badly_signed_message(token: &str, nonce: usize) -> String {
    let (created, signature) = (NOW / 1_000, format!("{}=", "A".repeat(43)));
    format!(
        "GET /api/v3/institutes HTTP/1.1\r\nHost: localhost\r\n\
         Signature-Input: sig1=(\"@method\" \"@target-uri\");created={created};nonce=\"{nonce}\";keyid=\"{token}\"\r\n\
         Signature: sig1=:{signature}:\r\n\r\n"
    )
}
