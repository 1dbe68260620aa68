//! Sends e-mail to a mail server by SMTP (RFC 5321).

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::{AsyncSmtpTransport, AsyncSmtpTransportBuilder, Error as SmtpError};
use lettre::{AsyncTransport, Tokio1Executor};

use crate::domain::secret::Secret;
use crate::domain::{Error, Result};

/// The time for one step of a conversation with the mail server.
const PATIENCE: Duration = Duration::from_secs(10);

/// A mail server, and who sends.
#[derive(Clone, Debug)]
pub struct Mailer {
    url: Secret,
    from: Mailbox,
}

/// Connections to the mail server, which letters share.
#[derive(Clone, Debug)]
pub struct Mailbag {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// A setting of the mailer that cannot be used.
#[derive(Debug)]
pub struct BadMailer {
    /// Its name.
    pub setting: &'static str,
    /// What is wrong with it, without its value: that may hold a password.
    pub why: String,
}

/// An e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The addressee's name.
    pub name: String,
    /// The addressee's address.
    pub address: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub text: String,
}

/// Why an e-mail was not taken by the mail server.
#[derive(Debug)]
pub enum NotSent {
    /// The server is away, slow, or says to come again (4yz).
    Later(String),
    /// The server refuses this e-mail for good (5yz), or nothing can be sent to such an address.
    Never(String),
}

impl Mailer {
    /// A mail server by its URL, and a sender such as `Example University <exams@example.edu>`. Nothing is sent yet.
    pub fn new(url: &Secret, from: &str) -> Result<Self, BadMailer> {
        transport(url).map_err(|_| BadMailer {
            setting: "smtp_url",
            why: "must be such as smtps://USER:PASSWORD@HOST or smtp://HOST:PORT, percent-encoded".into(),
        })?;
        let from = from.parse().map_err(|_| BadMailer {
            setting: "mail_from",
            why: "must be an address such as Example University <exams@example.edu>".into(),
        })?;
        Ok(Self { url: url.clone(), from })
    }

    /// Gets ready to send. Only inside the runtime: idle connections are looked after there.
    pub fn open(&self) -> Result<Mailbag> {
        let builder = transport(&self.url).map_err(|_| Error::Internal("the mail server's URL was checked".into()))?;
        Ok(Mailbag { transport: builder.timeout(Some(PATIENCE)).build(), from: self.from.clone() })
    }
}

fn transport(url: &Secret) -> Result<AsyncSmtpTransportBuilder, SmtpError> {
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url.reveal())
}

impl Mailbag {
    /// Hands a letter to the mail server. `uid` becomes its Message-ID: a letter that is sent twice is known by it.
    pub async fn send(&self, letter: Letter, uid: &str) -> Result<(), NotSent> {
        let address = letter.address.parse().map_err(|_| NotSent::Never("the address cannot be written to".into()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(letter.name), address))
            .message_id(Some(format!("<{uid}@{}>", self.from.email.domain())))
            .subject(letter.subject)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text)
            .map_err(|error| NotSent::Never(error.to_string()))?;
        self.transport.send(message).await.map(|_| ()).map_err(|error| not_sent(&error))
    }
}

fn not_sent(error: &SmtpError) -> NotSent {
    let why = error.to_string();
    if error.is_permanent() { NotSent::Never(why) } else { NotSent::Later(why) }
}
