//! Whose browser it is: the one that started something at a tool is known when the tool sends it back.

use actix_web::{HttpRequest, HttpResponse};

use crate::app::App;
use crate::domain::id::{SelectionId, StudentSessionId, UserId};
use crate::domain::time::Span;
use crate::mark::Mark;

const BROWSER: &str = "browser of a session";
const CHOOSER: &str = "browser of a selection";
const GRADER: &str = "browser of a grader";

/// What a browser came from when it started a launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// A student's exam page.
    Session(StudentSessionId),
    /// An author's link.
    Selection(SelectionId),
    /// A grader's link.
    Grader(UserId),
}

impl From<StudentSessionId> for Starter {
    fn from(id: StudentSessionId) -> Self {
        Self::Session(id)
    }
}

impl From<SelectionId> for Starter {
    fn from(id: SelectionId) -> Self {
        Self::Selection(id)
    }
}

impl From<UserId> for Starter {
    fn from(id: UserId) -> Self {
        Self::Grader(id)
    }
}

/// Leaves cookies in the browser that starts a launch, for so long.
pub fn mark_browser(page: &mut HttpResponse, app: &App, starter: impl Into<Starter>, life: Span) {
    mark_of(app, starter.into()).leave(page, life);
}

/// Whether the browser holds a cookie of whoever started a launch.
pub fn is_marked(request: &HttpRequest, app: &App, starter: impl Into<Starter>) -> bool {
    mark_of(app, starter.into()).is_brought(request)
}

fn mark_of(app: &App, starter: Starter) -> Mark {
    match starter {
        Starter::Session(id) => {
            Mark::new("session", "framed", &id.to_string(), app.keys.ticket(BROWSER, &id.to_string()))
        }
        Starter::Selection(id) => {
            Mark::new("selection", "framed-selection", &id.to_string(), app.keys.ticket(CHOOSER, &id.to_string()))
        }
        Starter::Grader(id) => {
            Mark::new("grader", "framed-grader", &id.to_string(), app.keys.ticket(GRADER, &id.to_string()))
        }
    }
}
