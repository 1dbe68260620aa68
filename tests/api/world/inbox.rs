//! The server of a tool that takes what is posted to it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

/// What a request said.
#[derive(Clone, Debug)]
pub struct Posted {
    /// `POST /notices HTTP/1.1`
    pub line: String,
    pub media_type: String,
    pub body: Value,
}

/// A server on this machine; it answers as long as the test runs.
pub struct Inbox {
    address: SocketAddr,
    posted: Arc<Mutex<Vec<Posted>>>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Inbox {
    pub fn open() -> Self {
        Self::at("127.0.0.1")
    }

    pub fn at(host: &str) -> Self {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let inbox = Self { address, posted: Arc::default(), answers: Arc::default() };
        let (posted, answers) = (inbox.posted.clone(), inbox.answers.clone());
        thread::spawn(move || listener.incoming().for_each(|stream| take(&stream.unwrap(), &posted, &answers)));
        inbox
    }

    /// An address of this server.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers with these statuses, one after the other; afterwards with 200 again.
    pub fn answers(&self, statuses: &[u16]) {
        self.answers.lock().unwrap().extend(statuses);
    }

    /// Everything that came.
    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }
}

fn take(stream: &TcpStream, posted: &Mutex<Vec<Posted>>, answers: &Mutex<VecDeque<u16>>) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    let header = |name: &str| {
        let named =
            head.iter().filter_map(|line| line.split_once(": ")).find(|(given, _)| given.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; header("content-length").parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    let body = serde_json::from_slice(&body).unwrap();
    let status = answers.lock().unwrap().pop_front().unwrap_or(200);
    posted.lock().unwrap().push(Posted { line: head[0].clone(), media_type: header("content-type"), body });
    // Where a status leads elsewhere, it leads back here.
    let answer = "Location: /elsewhere\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let _ = write!(&mut &*stream, "HTTP/1.1 {status} X\r\n{answer}");
}
