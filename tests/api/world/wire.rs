//! Bytes on a socket, for what no HTTP client would send.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::PATIENCE;

/// A connection to a server.
pub struct Wire(TcpStream);

/// What the server said, and how the connection stands.
#[derive(Debug)]
pub struct Heard {
    pub text: String,
    /// Whether the server has closed the connection.
    pub closed: bool,
}

impl Wire {
    pub fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).expect("the server listens"))
    }

    /// Sends; `false` when the server has closed the connection.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.0.write_all(bytes.as_ref()).is_ok()
    }

    /// Listens until the server closes the connection, which it must.
    pub fn hear(&mut self) -> Heard {
        self.hear_for(PATIENCE)
    }

    /// Listens until the server closes the connection, or for so long.
    pub fn hear_for(&mut self, within: Duration) -> Heard {
        let (started, mut bytes, mut closed) = (Instant::now(), Vec::new(), false);
        let mut chunk = [0; 4_096];
        while let Some(left) = within.checked_sub(started.elapsed()).filter(|left| !left.is_zero() && !closed) {
            self.0.set_read_timeout(Some(left)).unwrap();
            match self.0.read(&mut chunk) {
                Ok(0) => closed = true,
                Ok(count) => bytes.extend_from_slice(&chunk[..count]),
                Err(error) => closed = !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
            }
        }
        Heard { text: String::from_utf8_lossy(&bytes).into_owned(), closed }
    }

    /// Listens for the head of one reply and a body of a known length.
    pub fn reply(&mut self) -> String {
        let heard = self.hear_reply();
        assert!(!heard.closed, "a whole reply");
        heard.text
    }

    /// Listens for one reply, which may not come.
    pub fn hear_reply(&mut self) -> Heard {
        let (mut bytes, mut byte) = (Vec::new(), [0]);
        self.0.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut closed = false;
        while !closed && !complete(&bytes) {
            closed = self.0.read_exact(&mut byte).is_err();
            bytes.extend((!closed).then_some(byte[0]));
        }
        Heard { text: String::from_utf8_lossy(&bytes).into_owned(), closed }
    }
}

fn complete(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    body.len() >= length.unwrap_or(0)
}

impl Heard {
    /// The status of the first reply; 0 where there is none.
    pub fn status(&self) -> u16 {
        self.text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }
}
