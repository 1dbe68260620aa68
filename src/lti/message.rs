//! A signed form of an LMS, verified: signature and time first, then the nonce.

use actix_web::HttpRequest;
use examlink_lti::v1::content_item::REQUEST_TYPE;
use examlink_lti::v1::oauth1::{UnverifiedRequest, VerifiedRequest};

use crate::app::App;
use crate::domain::error::Unauthenticated;
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::record::MessageKind;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::secret::{Secret, random_secret};
use crate::domain::time::Timestamp;
use crate::lti::received::Received;
use crate::lti::refusal::Refusal;
use crate::store::{Nonce, Sender, Tx, lti_consumers};

/// A form is no longer than this, in bytes: ten times what any LMS sends.
const LONGEST: usize = 65_536;

/// A form that one of our consumers signed, now, and for the first time.
pub struct Message {
    /// Who signed it.
    pub consumer: LtiConsumer,
    /// What it says.
    pub form: VerifiedRequest,
    /// Must be spent, whatever comes of the message.
    pub nonce: Nonce,
    /// When it came.
    pub at: Timestamp,
}

impl Message {
    /// Verifies a form that was posted here. The signature must be over the address that the outside world knows: what a
    /// proxy or the sender made of it says nothing. What it learns of the form goes to `received`.
    pub async fn verify(
        app: &App,
        request: &HttpRequest,
        body: &[u8],
        received: &mut Received,
    ) -> Result<Self, Refusal> {
        if body.len() > LONGEST {
            return Err(Refusal::Malformed("the form is longer than 64 KiB".into()));
        }
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let url = format!("{}{target}", app.public_url.as_str());
        let form = UnverifiedRequest::from_form(request.method().as_str(), &url, body).map_err(Refusal::of_message)?;
        let (key, at) = (form.consumer_key().to_owned(), app.clock.now());
        let known = app.store.query(move |tx| find(tx, &key, at)).await?;
        if let Some((consumer, _)) = &known {
            received.of_lms(consumer);
            received.names_lms_in(form.params());
        }
        if form.claimed("lti_message_type") == Some(REQUEST_TYPE) {
            received.kind = MessageKind::ContentRequest;
        }
        // A key that nobody has takes as long as a wrong signature.
        let nobodys = [random_secret(app.random)?];
        let secrets = known.as_ref().map_or(nobodys.as_slice(), |(_, secrets)| secrets.as_slice());
        let holders = secrets.iter().map(|secret| ((), secret));
        let (form, _) = form.verify_by(holders, app.lti_window(at)).map_err(|error| {
            let late = matches!(error, examlink_lti::Error::OauthTimestampWindow { .. });
            received.at(if late { MessageCheck::Timestamp } else { MessageCheck::Signature });
            Refusal::of_message(error)
        })?;
        let (consumer, _) = known.ok_or(Refusal::Signature)?;
        received.is_signed(form.params());
        received.at(MessageCheck::Active);
        if consumer.settings.disabled {
            return Err(Refusal::ShutOut);
        }
        received.at(MessageCheck::Once);
        let nonce = nonce(app, &consumer, &form)?;
        Ok(Self { consumer, form, nonce, at })
    }
}

fn find(tx: &mut Tx<'_>, key: &str, now: Timestamp) -> crate::domain::Result<Option<(LtiConsumer, Vec<Secret>)>> {
    let Some(consumer) = lti_consumers::by_key(tx, key)? else { return Ok(None) };
    let secrets = lti_consumers::secrets(tx, &consumer, now)?;
    Ok(Some((consumer, secrets)))
}

fn nonce(app: &App, consumer: &LtiConsumer, form: &VerifiedRequest) -> Result<Nonce, Refusal> {
    let admitted = app.admit(Sender::LtiConsumer(consumer.id), form.timestamp(), form.nonce());
    admitted.map_err(|why| if why == Unauthenticated::NonceReused { Refusal::Replayed } else { Refusal::Stale })
}
