//! What a tool's question for a launch by LTI 1.3 is held against, one after the other, for who looks at the log.

names! {
    /// One check of a login, in the order that they are made in.
    LoginCheck {
        /// Each parameter is there once.
        Parameters = "parameters",
        /// A tool that is registered, speaks LTI 1.3 and is active.
        ClientId = "client_id",
        /// One of the tool's `redirect_uris`, letter for letter.
        RedirectUri = "redirect_uri",
        /// Not too long.
        State = "state",
        /// Not there.
        Request = "request",
        /// Not there.
        RequestUri = "request_uri",
        /// `id_token`
        ResponseType = "response_type",
        /// `openid`
        Scope = "scope",
        /// `form_post`
        ResponseMode = "response_mode",
        /// `none`
        Prompt = "prompt",
        /// There.
        Nonce = "nonce",
        /// Names a launch that this platform has begun, and is recent.
        MessageHint = "lti_message_hint",
        /// Names the student of that launch.
        LoginHint = "login_hint",
        /// The one that the student began in.
        Browser = "browser",
        /// The one that the launch is for.
        Tool = "tool",
        /// It runs for the student.
        Exam = "exam",
        /// The launch has not been answered before.
        Once = "once",
    }
}

names! {
    /// How a check came out.
    CheckOutcome {
        /// As it must be.
        Passed = "passed",
        /// Not as it must be: there is no launch.
        Failed = "failed",
        /// Another one failed before it.
        NotMade = "not_made",
    }
}

impl LoginCheck {
    /// Every check, in order.
    pub const ALL: [Self; 17] = [
        Self::Parameters,
        Self::ClientId,
        Self::RedirectUri,
        Self::State,
        Self::Request,
        Self::RequestUri,
        Self::ResponseType,
        Self::Scope,
        Self::ResponseMode,
        Self::Prompt,
        Self::Nonce,
        Self::MessageHint,
        Self::LoginHint,
        Self::Browser,
        Self::Tool,
        Self::Exam,
        Self::Once,
    ];

    /// How it came out of a login in which `failed` was the check that failed, if any did.
    pub fn outcome(self, failed: Option<Self>) -> CheckOutcome {
        match failed {
            Some(failed) if self == failed => CheckOutcome::Failed,
            Some(failed) if self > failed => CheckOutcome::NotMade,
            _ => CheckOutcome::Passed,
        }
    }
}
