//! The pages that a student's browser shows: plain values in, HTML out.
//!
//! Templates escape every value; only [`Html`] passes as it is. No page holds inline script or style, and every page
//! works without scripts. They refer to files below `/assets/`, which stand beside the templates.

use askama::Template;
use examlink_lti::v1::oauth1::Param;

use crate::domain::instructions::Html;

mod message;
#[cfg(test)]
mod tests;

pub use message::{Message, MessagePage};

impl askama::filters::HtmlSafe for Html {}

/// A student's exam, from before it opens until after it is over.
#[derive(Template)]
#[template(path = "exam.html")]
pub struct ExamPage<'a> {
    /// The exam's name.
    pub exam: &'a str,
    /// The student's name.
    pub student: &'a str,
    /// The page's own path, `/sessions/<token>`; the forms go to `start` and `finish` below it.
    pub home: &'a str,
    /// How far the exam is.
    pub phase: Phase,
    /// Its times.
    pub times: Times,
    /// What staff wrote to this student alone.
    pub individual_info: Option<Html>,
    /// The language of the texts that staff wrote, as a BCP 47 tag.
    pub language: Option<&'a str>,
    /// The exam's tools, and what each is sent.
    pub tools: &'a [SentToTool<'a>],
    /// The tool that lets the student begin and watches the exam.
    pub proctor: Option<Proctor<'a>>,
}

/// A proctoring tool.
#[derive(Clone, Copy)]
pub struct Proctor<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it wants to be told that the student has ended.
    pub awaits_end: bool,
}

/// How far an exam is for one student. Only a running exam has instructions.
pub enum Phase {
    /// Its time has not come.
    NotOpen,
    /// The student may start.
    Ready,
    /// The student has started.
    Running {
        /// The instructions, with their tools in place.
        instructions: Html,
    },
    /// The clock stands still.
    Paused,
    /// The student has finished.
    Finished,
    /// The time is over, or the exam was closed.
    Over,
}

/// When an exam begins and ends for one student.
pub struct Times {
    /// When it opens; none if it is not bound to a time.
    pub opens: Option<Moment>,
    /// When it ends, extra time included.
    pub ends: Option<Moment>,
    /// The server's time.
    pub now: Moment,
    /// Extra time in minutes, which `ends` includes.
    pub extra_minutes: u32,
}

/// A point in time, written for people and for programs.
pub struct Moment {
    /// With date and zone, in the exam's time zone: `21 November 2026, 09:30 (UTC+01:00, Europe/Amsterdam)`.
    pub text: String,
    /// ISO 8601 with offset: `2026-11-21T09:30:00+01:00`.
    pub machine: String,
}

/// What a tool learns about the student when it opens.
pub struct SentToTool<'a> {
    /// The tool's name.
    pub name: &'a str,
    /// The kinds of data, in words: "your name", "your e-mail address".
    pub sent: Vec<&'a str>,
}

/// A tool in a frame. As [`render`](crate::domain::instructions::render) asks, it consists of phrasing content.
#[derive(Template)]
#[template(path = "tool_frame.html")]
pub struct ToolFrame<'a> {
    /// The tool's name on the page.
    pub name: &'a str,
    /// The path that launches it inside the frame.
    pub frame: &'a str,
    /// The path that launches it in a tab of its own, for browsers that keep cookies from frames.
    pub tab: &'a str,
    /// The number of the tool on its page, so that links can lead past it.
    pub number: usize,
    /// How wide the tool wants to be, in pixels; otherwise as wide as the page.
    pub width: Option<u32>,
    /// How high the tool wants to be, in pixels; otherwise it fills most of the window.
    pub height: Option<u32>,
}

/// A tool behind a link that opens a new tab.
#[derive(Template)]
#[template(path = "tool_link.html")]
pub struct ToolLink<'a> {
    /// The tool's name on the page.
    pub name: &'a str,
    /// The path that launches it.
    pub tab: &'a str,
}

/// An attachment that is an image, in its place.
#[derive(Template)]
#[template(path = "attachment_image.html")]
pub struct AttachmentImage<'a> {
    /// The file's name, which is all that is known of what it shows.
    pub name: &'a str,
    /// The path that sends it.
    pub path: &'a str,
}

/// An attachment behind a link that saves it.
#[derive(Template)]
#[template(path = "attachment_link.html")]
pub struct AttachmentLink<'a> {
    /// The file's name.
    pub name: &'a str,
    /// The path that sends it.
    pub path: &'a str,
}

/// A signed launch on its way: a form that sends itself, and a button for browsers without scripts (LTI 1.1, 3).
#[derive(Template)]
#[template(path = "launch.html")]
pub struct LaunchPage<'a> {
    /// The tool's name.
    pub tool: &'a str,
    /// The launch URL.
    pub action: &'a str,
    /// Every parameter, signature included, in order.
    pub fields: &'a [Param],
}

/// Where a tool sends the browser when the student leaves it (`launch_presentation_return_url`).
///
/// What the tool says is unsigned: it is shown as text, and the page has no link but home, so that nobody is led anywhere.
#[derive(Template)]
#[template(path = "return.html")]
pub struct ReturnPage<'a> {
    /// The path of the student's exam page, where the tool was opened in its place and this is the student's browser.
    pub home: Option<&'a str>,
    /// `lti_msg`, already cut to a sensible length.
    pub message: Option<&'a str>,
    /// `lti_errormsg`, already cut to a sensible length.
    pub error: Option<&'a str>,
}

/// What became of an author's way through a tool.
#[derive(Template)]
#[template(path = "selection.html")]
pub struct SelectionPage<'a> {
    /// The exam's name.
    pub exam: &'a str,
    /// What was added: its name, and what to write into the instructions.
    pub added: &'a [(String, String)],
    /// Why nothing was added, where something went wrong.
    pub error: Option<&'a str>,
    /// What the tool says, already cut to a sensible length.
    pub message: Option<&'a str>,
}

impl SelectionPage<'_> {
    fn title(&self) -> &'static str {
        match (self.added, self.error) {
            ([], None) => "Nothing was chosen",
            ([], Some(_)) => "Nothing could be added",
            _ => "Added to the exam",
        }
    }
}

/// The built-in tool that shows what a launch brought. It runs in the demo only.
#[derive(Template)]
#[template(path = "tool.html")]
pub struct ToolPage<'a> {
    /// Why the launch was refused; none if it was verified.
    pub refused: Option<&'a str>,
    /// Every parameter, as received.
    pub parameters: &'a [Param],
    /// Ways back to the exam: label and URL.
    pub returns: &'a [(&'a str, String)],
}

impl ToolFrame<'_> {
    /// The markup for the tool's place in the instructions.
    pub fn html(&self) -> Html {
        markup(self)
    }
}

impl ToolLink<'_> {
    /// The markup for the tool's place in the instructions.
    pub fn html(&self) -> Html {
        markup(self)
    }
}

impl AttachmentImage<'_> {
    /// The markup for the image's place in the instructions.
    pub fn html(&self) -> Html {
        markup(self)
    }
}

impl AttachmentLink<'_> {
    /// The markup for the link's place in the instructions.
    pub fn html(&self) -> Html {
        markup(self)
    }
}

/// A part of a page. Writing text into a string cannot fail, and there is nothing else in these templates.
fn markup(template: &impl Template) -> Html {
    Html::trusted(template.render().unwrap_or_default())
}

impl Phase {
    fn name(&self) -> &'static str {
        match self {
            Self::NotOpen => "Not open yet",
            Self::Ready => "Ready to start",
            Self::Running { .. } => "Running",
            Self::Paused => "Paused",
            Self::Finished => "Finished",
            Self::Over => "Over",
        }
    }

    fn explained(&self) -> &'static str {
        match self {
            Self::NotOpen => "Come back when the exam opens, and reload this page.",
            Self::Ready => "Read this page, then start the exam.",
            Self::Running { .. } => "You can reload or close this page and come back by the same link.",
            Self::Paused => {
                "Your clock stands still. Wait until you are told to go on, then reload this page: you lose no time."
            }
            Self::Finished => "You have finished this exam. You can close this page.",
            Self::Over => "The time for this exam is over. You can close this page.",
        }
    }

    fn waits(&self) -> bool {
        matches!(self, Self::NotOpen | Self::Paused)
    }

    fn is_over(&self) -> bool {
        matches!(self, Self::Finished | Self::Over)
    }

    fn sends_data(&self) -> bool {
        matches!(self, Self::NotOpen | Self::Ready | Self::Running { .. })
    }
}

impl ToolPage<'_> {
    fn verdict(&self) -> &'static str {
        if self.refused.is_some() { "launch refused" } else { "launch verified" }
    }
}
