//! The pages for people who come from an LMS: plain values in, HTML out. Templates escape every value; no page holds
//! script or style, and every page works without scripts.

use askama::Template;
use examlink_lti::v1::oauth1::Param;

use crate::domain::text::Name;
use crate::lti::refusal::Refusal;

/// Why somebody does not get in, and what they can do.
#[derive(Template)]
#[template(path = "message.html")]
pub struct RefusalPage<'a> {
    /// Why.
    pub message: &'a Refusal,
    /// The request's id, by which support finds it in the logs.
    pub support_code: &'a str,
}

/// An exam as its instructor sees it.
#[derive(Template)]
#[template(path = "overview.html")]
pub struct OverviewPage<'a> {
    /// The exam's name.
    pub exam: &'a str,
    /// Where the exam is in its life, in words.
    pub status: &'a str,
    /// The name of the course; may be empty.
    pub course: &'a str,
    /// Where another exam can be chosen for this place, where it was chosen here.
    pub choose: Option<&'a str>,
    /// The students who came from this course.
    pub students: &'a [StudentLine],
    /// Those of the course who have not opened the exam yet, where the LMS lists them.
    pub absent: &'a [StudentLine],
    /// What to know of that list.
    pub note: Option<&'a str>,
}

/// A student in the overview.
pub struct StudentLine {
    /// The name.
    pub name: String,
    /// The group; may be empty.
    pub group: String,
    /// Where the student is, in words.
    pub status: &'static str,
    /// When the student started; may be empty.
    pub started: String,
    /// When the student finished; may be empty.
    pub finished: String,
    /// The way of the result to the course, in words.
    pub grade: &'static str,
}

impl StudentLine {
    /// Somebody of the course who has not opened the exam.
    pub fn absent(name: &Name) -> Self {
        Self {
            name: name.to_string(),
            group: String::new(),
            status: "not opened yet",
            started: String::new(),
            finished: String::new(),
            grade: "",
        }
    }
}

/// The exams from which one is chosen for a place, or some for an LMS that asked.
#[derive(Template)]
#[template(path = "choose.html")]
pub struct ChoosePage<'a> {
    /// What is chosen for.
    pub title: &'a str,
    /// Where the choice goes.
    pub action: &'a str,
    /// Hidden fields of the form.
    pub hidden: &'a [(&'a str, String)],
    /// Whether more than one may be chosen.
    pub several: bool,
    /// Whether nothing may be chosen.
    pub may_cancel: bool,
    /// The exams, the newest first.
    pub exams: &'a [ExamLine],
}

/// An exam in a choice.
pub struct ExamLine {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Where it is in its life, in words.
    pub status: &'static str,
    /// Whether it is chosen already.
    pub chosen: bool,
}

/// What an administrator of an LMS sees once it has registered this server.
#[derive(Template)]
#[template(path = "registered.html")]
pub struct RegisteredPage<'a> {
    /// What the LMS is called here.
    pub name: &'a str,
}

/// A login that keeps its state in the page of the platform.
#[derive(Template)]
#[template(path = "login_state.html")]
pub struct LoginStatePage<'a> {
    /// What it is kept by.
    pub key: &'a str,
    /// Whose page keeps it.
    pub origin: &'a str,
    /// Which frame of that page.
    pub frame: &'a str,
    /// What is done.
    pub step: Step<'a>,
}

/// A step of such a login.
#[derive(Clone, Copy)]
pub enum Step<'a> {
    /// It begins.
    Keep {
        /// What is kept.
        value: &'a str,
        /// Where the browser goes then.
        next: &'a str,
    },
    /// It is answered.
    Ask {
        /// The answer.
        id_token: &'a str,
        /// The state in the answer.
        state: &'a str,
    },
}

/// A signed form on its way to an LMS: it sends itself, and has a button for browsers without scripts.
#[derive(Template)]
#[template(path = "launch.html")]
pub struct SentPage<'a> {
    /// Where it goes, in words.
    pub tool: &'a str,
    /// Where it goes.
    pub action: &'a str,
    /// Every parameter, signature included, in order.
    pub fields: &'a [Param],
}
