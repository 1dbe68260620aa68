//! The second launch of the LTI Security Update, for tools that ask for it.
//!
//! Against whom: somebody who makes a launch as themselves, keeps it, and puts it into a victim's browser, so that the
//! victim works in the tool under the attacker's name. The tool then holds a `tool_state` in the victim's browser and
//! asks here, through that browser, for a second launch. It gets one only if all of this holds:
//!
//! * The form is signed with the tool's secret, is recent and new, and its `platform_state` is ours: bound to session,
//!   resource and time of a first launch, good for ten minutes and for one use.
//! * The browser holds the cookie that the page of the first launch left in it. The cookie is the session's own: the
//!   victim's browser has none of the attacker's session.
//! * The student may still open the tool: the exam's door is asked again.
//!
//! What it does not do: whoever has opened a student's own link in a browser is that student there, here as everywhere,
//! and has the cookie. A browser that keeps no cookies gets no second launch; the tool could not keep its state either.

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::oauth1::VerifiedRequest;
use examlink_lti::v1::relaunch::{Relaunch, UnverifiedRelaunch};

use crate::app::App;
use crate::browser::is_marked;
use crate::domain::id::ToolProviderId;
use crate::domain::lti_urls;
use crate::domain::{Error, Result};
use crate::store::Sender;
use crate::store::launches::{self, Found};
use crate::web::launch::{Click, open};
use crate::web::page::{failed, message, refused};
use crate::web::started::{Purpose, StartedLaunch};
use crate::web::views::Message;

/// What a first launch says of the second one.
pub fn offer(app: &App, first: &StartedLaunch) -> Relaunch {
    let url = format!("{}{}", app.public_url.as_str(), lti_urls::RELAUNCH);
    Relaunch::Offered { url, platform_state: first.write(app, Purpose::Relaunch) }
}

/// Answers a tool's question who the student in this browser is, by a second launch.
#[post("/lti/1.1/relaunch")]
pub async fn relaunch_tool(request: HttpRequest, body: Bytes, app: Data<App>) -> HttpResponse {
    let url = format!("{}{}", app.public_url.as_str(), request.uri());
    let form = match UnverifiedRelaunch::parse(&url, &body) {
        Ok(form) => form,
        Err(error) => return refused(&request, &error, Message::NotVerified),
    };
    let now = app.clock.now();
    let first = StartedLaunch::read(&app, Purpose::Relaunch, form.platform_state(), now);
    let Some(first) = first.filter(|first| is_marked(&request, &app, first.session)) else {
        return refused(&request, &"the state or the browser is another one", Message::NoRelaunch);
    };
    let (session, resource) = (first.session, first.resource);
    let Found { facts, secret, ancestors, .. } =
        match app.store.query(move |tx| launches::find_again(tx, session, resource)).await {
            Ok(Some(found)) => found,
            Ok(None) => return message(&request, Message::NoTool),
            Err(error) => return failed(&request, &error),
        };
    let key_fits = form.consumer_key() == facts.tool.oauth_consumer_key.as_str();
    let (signed, states) = match form.verify(&secret, app.lti_window(now)) {
        Ok(verified) if key_fits => verified,
        Ok(_) => return refused(&request, &"the consumer key is another tool's", Message::NotVerified),
        Err(error) => return refused(&request, &error, Message::NotVerified),
    };
    match spend(&app, &first, facts.tool.id, &signed).await {
        Ok(()) => open(
            &request,
            &app,
            Click { facts, secret, ancestors, target: first.target, at: now, states: Some(states) },
        ),
        Err(Error::Unauthenticated(_)) => refused(&request, &"it was used before", Message::NoRelaunch),
        Err(error) => failed(&request, &error),
    }
}

/// Spends the form and the state: neither serves twice.
async fn spend(app: &App, first: &StartedLaunch, tool: ToolProviderId, form: &VerifiedRequest) -> Result<()> {
    app.store
        .spend(app.admit(Sender::Tool(tool), form.timestamp(), form.nonce()).map_err(Error::Unauthenticated)?)
        .await?;
    first.spend(app, Purpose::Relaunch, tool).await
}
