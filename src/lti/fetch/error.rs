//! Why a call to another server came to nothing: one variant for each check and each step.

use std::net::IpAddr;

/// Which check refused a call, or at which step it failed. The text is for the people who entered the URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It is no URL.
    #[error("the URL cannot be read: {0}")]
    Url(String),
    /// It would go without TLS, or by another protocol.
    #[error("the URL begins with \"{0}:\"; only https is called")]
    Scheme(String),
    /// It holds a user name or password.
    #[error("the URL holds a user name or password; remove the part before the @")]
    Userinfo,
    /// Its port is not one of those that are allowed.
    #[error("port {0} is not called; the operator can allow it with EXAMLINK_OUTGOING_PORTS")]
    Port(u16),
    /// Its host has no address.
    #[error("the host {host} was not found: {why}")]
    Resolve {
        /// As the URL has it.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// Its host is inside this network, or at an address that is nobody's.
    #[error(
        "{host} is at {address}, which is not on the public internet; the operator can allow it with EXAMLINK_OUTGOING_ALLOW"
    )]
    Address {
        /// As the URL has it.
        host: String,
        /// The address that was refused.
        address: IpAddr,
    },
    /// A header cannot be sent.
    #[error("the header {0} holds what no header can")]
    Header(String),
    /// This server cannot verify anybody.
    #[error(
        "no certificate can be verified: {0}; install the system's CA certificates, or set EXAMLINK_OUTGOING_CA_FILE"
    )]
    NoRoots(String),
    /// No connection came about.
    #[error("no connection to the server: {0}")]
    Connect(String),
    /// The server's certificate is not right for its name, or there was no agreement on TLS.
    #[error("no secure connection to the server: {0}")]
    Tls(String),
    /// The time was up.
    #[error("the server took longer than {0} seconds")]
    Timeout(u64),
    /// The connection broke, or what came is no HTTP.
    #[error("the server's answer cannot be read: {0}")]
    Broken(String),
    /// The server sends callers elsewhere.
    #[error("the server answers {0}, a redirect, which is not followed; use the address that it leads to")]
    Redirect(u16),
    /// The body is compressed, which nobody asked for.
    #[error("the server's answer is compressed ({0}); it must come as it is")]
    Compressed(String),
    /// The body is longer than is read.
    #[error("the server's answer is longer than {0} bytes")]
    TooLong(usize),
}

impl FetchError {
    /// Whether the same call may succeed later, without anybody changing a setting.
    pub const fn may_pass(&self) -> bool {
        matches!(self, Self::Resolve { .. } | Self::Connect(_) | Self::Tls(_) | Self::Timeout(_) | Self::Broken(_))
    }
}
