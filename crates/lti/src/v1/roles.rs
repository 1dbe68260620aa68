//! The role vocabulary (LTI 1.1 guide, Appendix A: LIS vocabularies), written and read.
//!
//! Written: a context role by its bare handle (`Learner`), every other role by its URN. Read: any form in use, in any
//! letter case. What the vocabulary does not hold is no role, and a role of the institution is none of the context.

use std::fmt;

/// Where a role holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The whole platform.
    System,
    /// The institution, such as a school.
    Institution,
    /// The context of the launch: a course or an exam.
    Context,
}

/// A role of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Role {
    scope: Scope,
    name: &'static str,
    sub: Option<&'static str>,
}

impl Role {
    /// Takes the exam.
    pub const LEARNER: Self = Self::context("Learner");
    /// Teaches, sets the exam.
    pub const INSTRUCTOR: Self = Self::context("Instructor");
    /// Administers the context.
    pub const ADMINISTRATOR: Self = Self::context("Administrator");

    const fn context(name: &'static str) -> Self {
        Self { scope: Scope::Context, name, sub: None }
    }

    /// Where the role holds.
    pub const fn scope(self) -> Scope {
        self.scope
    }

    /// The handle, such as `Instructor`.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The narrower handle, such as `GuestInstructor`; only roles of the context have one.
    pub const fn sub_role(self) -> Option<&'static str> {
        self.sub
    }

    /// Whether the role sets or runs exams: what students are not to see is for these roles.
    pub fn is_staff(self) -> bool {
        match self.scope {
            Scope::Context => STAFF.contains(&self.name),
            Scope::Institution | Scope::System => matches!(self.name, "Administrator" | "SysAdmin"),
        }
    }

    /// The URI of LTI 1.3 (core, appendix A.2). A teaching assistant, a role of its own in LTI 1.1, is there a narrower
    /// kind of instructor.
    pub fn uri(self) -> String {
        match (self.scope, self.name, self.sub) {
            (Scope::System, name, _) => format!("{VOCABULARY}/system/person#{name}"),
            (Scope::Institution, name, _) => format!("{VOCABULARY}/institution/person#{name}"),
            (Scope::Context, ASSISTANT, sub) => {
                format!("{VOCABULARY}/membership/Instructor#{}", sub.unwrap_or(ASSISTANT))
            }
            (Scope::Context, name, Some(sub)) => format!("{VOCABULARY}/membership/{name}#{sub}"),
            (Scope::Context, name, None) => format!("{VOCABULARY}/membership#{name}"),
        }
    }

    /// Whether this is the other role, or a narrower kind of it.
    pub fn is_a(self, other: Self) -> bool {
        self == other || self.principal() == Some(other)
    }

    /// The role of the context that this one is a narrower kind of, where it is; LTI 1.3 wants both to be sent.
    pub fn principal(self) -> Option<Self> {
        match (self.scope, self.name, self.sub) {
            (Scope::Context, ASSISTANT, _) => Some(Self::INSTRUCTOR),
            (Scope::Context, name, Some(_)) => Some(Self::context(name)),
            _ => None,
        }
    }

    /// Reads one role: a bare handle of the context, a URN of LTI 1, or a URI of LTI 2.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        FORMS.iter().find_map(|(prefix, read)| read(without_prefix(text, prefix)?))
    }

    /// Reads the value of the parameter `roles`. Stray commas and spaces, and unknown roles, are passed over.
    pub fn parse_list(text: &str) -> Vec<Self> {
        text.split(',').filter_map(Self::parse).collect()
    }
}

/// The URIs of LTI 1.3 of several roles: each once, a narrower one behind the one that it is a kind of.
pub fn uris(roles: &[Role]) -> Vec<String> {
    let mut uris = Vec::new();
    let narrow_and_wide = |role: &Role| role.principal().into_iter().chain([*role]);
    for uri in roles.iter().flat_map(narrow_and_wide).map(Role::uri) {
        if !uris.contains(&uri) {
            uris.push(uri);
        }
    }
    uris
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scope, name, sub } = self;
        match (scope, sub) {
            (Scope::Context, None) => f.write_str(name),
            (Scope::Context, Some(sub)) => write!(f, "urn:lti:role:ims/lis/{name}/{sub}"),
            (Scope::Institution, _) => write!(f, "urn:lti:instrole:ims/lis/{name}"),
            (Scope::System, _) => write!(f, "urn:lti:sysrole:ims/lis/{name}"),
        }
    }
}

type Reader = fn(&str) -> Option<Role>;

/// The forms in use, the longer prefix before the shorter; a bare handle last.
const FORMS: [(&str, Reader); 9] = [
    ("urn:lti:sysrole:ims/lis/", system),
    ("urn:lti:instrole:ims/lis/", institution),
    ("urn:lti:role:ims/lis/", context),
    ("http://purl.imsglobal.org/vocab/lis/v2/system/person#", system),
    ("http://purl.imsglobal.org/vocab/lis/v2/institution/person#", institution),
    // LTI 2.0 gives both kinds of person one prefix: the lesser reading comes first.
    ("http://purl.imsglobal.org/vocab/lis/v2/person#", |handle| institution(handle).or_else(|| system(handle))),
    ("http://purl.imsglobal.org/vocab/lis/v2/membership#", context),
    ("http://purl.imsglobal.org/vocab/lis/v2/membership/", |handle| context(&handle.replacen('#', "/", 1))),
    ("", |handle| context(handle).or_else(|| student(handle))),
];

/// Observed: Engage sends `student`, and Open edX `Student,Learner`, for the vocabulary's Learner.
fn student(handle: &str) -> Option<Role> {
    handle.eq_ignore_ascii_case("Student").then_some(Role::LEARNER)
}

fn without_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn system(handle: &str) -> Option<Role> {
    Some(Role { scope: Scope::System, name: known(SYSTEM, handle)?, sub: None })
}

fn institution(handle: &str) -> Option<Role> {
    Some(Role { scope: Scope::Institution, name: known(INSTITUTION, handle)?, sub: None })
}

fn context(handle: &str) -> Option<Role> {
    let mut parts = handle.splitn(2, '/');
    let name = parts.next()?;
    let (name, sub_roles) = CONTEXT.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let Some(sub) = parts.next() else { return Some(Role::context(name)) };
    match known(sub_roles, sub) {
        Some(sub) => Some(Role { scope: Scope::Context, name, sub: Some(sub) }),
        None if *name == Role::INSTRUCTOR.name => assistant(sub),
        None => None,
    }
}

/// LTI 1.3 has teaching assistants among the instructors.
fn assistant(sub: &str) -> Option<Role> {
    let (name, sub_roles) = CONTEXT.iter().find(|(name, _)| *name == ASSISTANT)?;
    Some(Role { scope: Scope::Context, name, sub: Some(known(sub_roles, sub)?) })
}

fn known(handles: &[&'static str], handle: &str) -> Option<&'static str> {
    handles.iter().find(|known| known.eq_ignore_ascii_case(handle)).copied()
}

/// What the URIs of LTI 2.0 and LTI 1.3 begin with.
const VOCABULARY: &str = "http://purl.imsglobal.org/vocab/lis/v2";

const ASSISTANT: &str = "TeachingAssistant";

const STAFF: [&str; 5] = ["Instructor", "ContentDeveloper", "Manager", "Administrator", ASSISTANT];

const SYSTEM: &[&str] = &["SysAdmin", "SysSupport", "Creator", "AccountAdmin", "User", "Administrator", "None"];

const INSTITUTION: &[&str] = &[
    "Student",
    "Faculty",
    "Member",
    "Learner",
    "Instructor",
    "Mentor",
    "Staff",
    "Alumni",
    "ProspectiveStudent",
    "Guest",
    "Other",
    "Administrator",
    "Observer",
    "None",
];

const CONTEXT: &[(&str, &[&str])] = &[
    ("Learner", &["Learner", "NonCreditLearner", "GuestLearner", "ExternalLearner", "Instructor"]),
    ("Instructor", &["PrimaryInstructor", "SecondaryInstructor", "Lecturer", "GuestInstructor", "ExternalInstructor"]),
    ("ContentDeveloper", &["ContentDeveloper", "Librarian", "ContentExpert", "ExternalContentExpert"]),
    ("Member", &["Member"]),
    ("Manager", &["AreaManager", "CourseCoordinator", "Observer", "ExternalObserver"]),
    ("Mentor", &["Mentor", "Reviewer", "Advisor", "Auditor", "Tutor"]),
    (
        "Administrator",
        &[
            "Administrator",
            "Support",
            "Developer",
            "SystemAdministrator",
            "ExternalDeveloper",
            "ExternalSupport",
            "ExternalSystemAdministrator",
        ],
    ),
    ("Officer", &["Chair", "Communications", "Secretary", "Treasurer", "Vice-Chair"]),
    (
        ASSISTANT,
        &[
            ASSISTANT,
            "TeachingAssistantSection",
            "TeachingAssistantSectionAssociation",
            "TeachingAssistantOffering",
            "TeachingAssistantTemplate",
            "TeachingAssistantGroup",
            "Grader",
        ],
    ),
];
