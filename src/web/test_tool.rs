//! The built-in LTI 1.1 tool of the demo. It verifies a launch by the code that tools use, not by the code that signed
//! it, and shows every parameter that it got. A server that is not a demo has no such tool.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::Secret;
use examlink_lti::v1::launch::{UnverifiedLaunch, VerifiedLaunch};
use examlink_lti::v1::oauth1::TimeWindow;

use crate::app::App;
use crate::page::{Policy, html};
use crate::web::views::ToolPage;

/// Where the tool is launched.
pub const PATH: &str = "/demo/tool";

/// The tool: the key and secret that it gave to the platform, and the launches it has seen.
#[derive(Debug)]
pub struct TestTool {
    consumer_key: String,
    secret: Secret,
    seen: Mutex<HashSet<String>>,
}

impl TestTool {
    /// A tool that knows one platform by this key and secret.
    pub fn new(consumer_key: String, secret: Secret) -> Self {
        Self { consumer_key, secret, seen: Mutex::default() }
    }

    fn verify(&self, url: &str, body: &[u8], now: u64) -> Result<VerifiedLaunch, String> {
        let launch = UnverifiedLaunch::parse("POST", url, body).map_err(|error| error.to_string())?;
        if launch.consumer_key() != self.consumer_key {
            return Err("the consumer key is not known here".into());
        }
        let window = TimeWindow { now, seconds: 300 };
        let launch = launch.verify(&self.secret, window).map_err(|error| error.to_string())?;
        let nonce = launch.request().nonce().to_owned();
        if self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(nonce) {
            Ok(launch)
        } else {
            Err("this launch was used before".into())
        }
    }
}

/// The tool's route.
pub fn routes(server: &mut ServiceConfig) {
    server.service(receive_launch);
}

#[post("/demo/tool")]
async fn receive_launch(request: HttpRequest, body: Bytes, tool: Data<TestTool>, app: Data<App>) -> HttpResponse {
    let url = format!("{}{}", app.public_url.as_str(), request.uri());
    let now = u64::try_from(app.clock.now().seconds()).unwrap_or_default();
    let policy = Policy { framed: true, ..Policy::default() };
    match tool.verify(&url, &body, now) {
        Ok(launch) => {
            let page = ToolPage { refused: None, parameters: launch.request().params(), returns: &returns(&launch) };
            html(StatusCode::OK, &policy, &page)
        }
        Err(why) => {
            html(StatusCode::UNAUTHORIZED, &policy, &ToolPage { refused: Some(&why), parameters: &[], returns: &[] })
        }
    }
}

/// Ways back to the exam, with and without something to say.
fn returns(launch: &VerifiedLaunch) -> Vec<(&'static str, String)> {
    let Some(url) = launch.return_url().and_then(|url| url::Url::parse(url).ok()) else { return Vec::new() };
    let saying = |name: &str, text: &str| {
        let mut url = url.clone();
        url.query_pairs_mut().append_pair(name, text);
        url.to_string()
    };
    vec![
        ("Return with a message", saying("lti_msg", "Your work was saved.")),
        ("Return with an error", saying("lti_errormsg", "The tool could not save your work.")),
    ]
}
