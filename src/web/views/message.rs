//! Why a student does not see what they came for, in words.

use askama::Template;

const TRY_AGAIN: &str = "Go back to your exam page, reload it, and try again. If that does not help, tell your institute and give the code below.";

/// Why a student does not see what they came for, and what they can do.
#[derive(Template)]
#[template(path = "message.html")]
pub struct MessagePage<'a> {
    /// What happened.
    pub message: Message,
    /// The request's id, by which support finds it in the logs.
    pub support_code: &'a str,
}

/// What a [`MessagePage`] can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The session's token is unknown or was withdrawn, or there is no such page at all.
    WrongLink,
    /// The exam does not open yet.
    NotOpen,
    /// The student has not started the exam.
    NotStarted,
    /// Staff closed the exam.
    Closed,
    /// The student's time is over.
    Expired,
    /// The student has finished the exam.
    Finished,
    /// The proctoring tool has stopped the student's clock.
    Paused,
    /// The exam's proctoring tool cannot be opened.
    NoProctor,
    /// The exam has no such tool, or it cannot be launched.
    NoTool,
    /// The time of the link to a tool has not come.
    ToolNotOpen,
    /// The time of the link to a tool is over.
    ToolOver,
    /// The exam has no such file.
    NoFile,
    /// The link was opened too often in a short time.
    TooOften,
    /// An author's link to a tool is unknown.
    NoSelection,
    /// An author's selection is done, or its time is over.
    SelectionOver,
    /// A grader's link to a student's work is unknown or used, or the work cannot be looked at any more.
    NoReview,
    /// What a tool sent through the browser is not signed as it must be.
    NotVerified,
    /// A tool asks for a launch in a way that this platform cannot answer.
    NotUnderstood,
    /// A second launch is asked for by another browser than the first, too late, or once more.
    NoRelaunch,
    /// A fault of ours.
    Internal,
}

impl Message {
    fn title(self) -> &'static str {
        self.words().0
    }

    fn happened(self) -> &'static str {
        self.words().1
    }

    fn to_do(self) -> &'static str {
        self.words().2
    }

    /// Title, what happened, what to do.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::WrongLink => (
                "This link does not open an exam",
                "The link is incomplete, or it was replaced by a new one.",
                "Open the link from your latest invitation, all of it. If that does not help, ask your institute for a new link.",
            ),
            Self::NotOpen => (
                "The exam is not open yet",
                "It opens at the time that your exam page shows.",
                "Go to your exam page and reload it when the exam opens.",
            ),
            Self::NotStarted => (
                "You have not started the exam",
                "Tools open only while your exam is running.",
                "Go to your exam page and press “Start exam”. Then open the tool again.",
            ),
            Self::Closed => (
                "The exam is closed",
                "Your institute has closed this exam.",
                "If you think that you should still be able to take it, ask your institute and give the code below.",
            ),
            Self::Expired => (
                "Your time is over",
                "The time for this exam has run out, your extra time included.",
                "You can close this page. If something kept you from working, tell your institute and give the code below.",
            ),
            Self::Finished => (
                "You have finished this exam",
                "A finished exam cannot be opened again by the student.",
                "You can close this page. If you finished by mistake, tell your institute at once: they can reopen your exam.",
            ),
            Self::TooOften => (
                "Too many requests",
                "This link was opened very often within a short time.",
                "Wait a minute, then reload this page. If it was not you, tell your institute and give the code below.",
            ),
            Self::NoTool | Self::ToolNotOpen | Self::ToolOver | Self::NoFile => self.part_words(),
            Self::Paused | Self::NoProctor => self.proctored_words(),
            _ => self.other_words(),
        }
    }

    /// The same of a part of an exam.
    fn part_words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NoTool => (
                "The tool cannot be opened",
                "This exam has no such tool, or the tool is not set up completely.",
                TRY_AGAIN,
            ),
            Self::ToolNotOpen => (
                "This part of the exam is not open yet",
                "The tool opens later than the exam does.",
                "Go on with the rest of the exam, and open the tool again later. If you think that it should be open now, tell your institute and give the code below.",
            ),
            Self::ToolOver => (
                "This part of the exam is closed",
                "The tool’s time within the exam has run out, your extra time included.",
                "Go on with the rest of the exam. If something kept you from working, tell your institute and give the code below.",
            ),
            _ => ("The file cannot be opened", "This exam has no such file.", TRY_AGAIN),
        }
    }

    /// The same of exams that a tool proctors.
    fn proctored_words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Paused => (
                "Your exam is paused",
                "Your proctor has stopped the clock. Tools open when it runs on, and you lose no time.",
                "Wait until you are told to go on. Then go to your exam page, reload it, and open the tool again.",
            ),
            _ => (
                "The proctoring tool cannot be opened",
                "This exam is watched by another provider, which is not set up completely, or has changed meanwhile.",
                TRY_AGAIN,
            ),
        }
    }

    /// The same of what is no student's doing.
    fn other_words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::NoSelection => (
                "This link does not open a tool",
                "The link is incomplete, or what it was made for is no longer there.",
                "Make a new selection over the API and open its link.",
            ),
            Self::SelectionOver => (
                "This selection is over",
                "Something was chosen by this link already, or its time has run out. Nothing was added now.",
                "Show the selection over the API to see what came of it, and make a new one to choose more.",
            ),
            Self::NoReview => (
                "This link does not open a student’s work",
                "The link is incomplete or was used, its time has run out, or the tool cannot show the work now.",
                "Make a new link over the API and open it at once; the API says where something is in the way.",
            ),
            Self::NotVerified => (
                "The tool’s answer was not accepted",
                "It is not signed as this exam platform and the tool have agreed. Nothing was changed.",
                "Go back to where you came from and open the tool again. If that does not help, tell your institute and give the code below.",
            ),
            Self::NotUnderstood => (
                "The tool is not set up for this exam platform",
                "It asked who you are in a way that cannot be answered, or it is not registered here.",
                "Go back to your exam page and open the tool again. If that does not help, tell your institute and give the code below.",
            ),
            Self::NoRelaunch => (
                "Open the tool again",
                "The tool asked this exam platform who you are, and its question came too late, twice, or in another browser.",
                "Go back to your exam page, reload it, and open the tool there. If your browser blocks cookies, allow them for the exam.",
            ),
            _ => (
                "Something went wrong",
                "The fault is ours. What you saved in the tools is not affected.",
                "Wait a moment and reload this page. If that does not help, tell your institute and give the code below.",
            ),
        }
    }
}
