//! Who may do what: roles, permissions, and the part of the data a user sees.

use crate::domain::id::{InstituteId, UserId};

names! {
    /// A user's role. A superuser belongs to no institute; everyone else to one.
    Role {
        /// Manages all institutes.
        Superuser = "superuser",
        /// Manages everything of one institute.
        Administrator = "administrator",
        /// The author of exams: those it created or comanages.
        Teacher = "teacher",
        /// Watches the institute's sessions.
        Proctor = "proctor",
        /// Reviews the institute's sessions.
        Reviewer = "reviewer",
        /// Watches sessions of every institute's exams that are flagged for global proctoring.
        GlobalProctor = "global_proctor",
        /// Reviews sessions of every institute's exams that are flagged for global reviewing.
        GlobalReviewer = "global_reviewer",
        /// Reads everything of one institute and changes nothing.
        Auditor = "auditor",
    }
}

/// Declares the permissions, each as a type that a handler names in its signature.
macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident: $($role:ident)|+),+ $(,)?) => {
        /// One thing a role may or may not do.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Permission { $($(#[$doc])* $name),+ }

        /// A permission as a type, so that a handler's signature says what it takes to call it.
        pub trait Permit: 'static {
            /// The permission.
            const PERMISSION: Permission;
        }

        $($(#[$doc])* #[derive(Debug)] pub struct $name; impl Permit for $name { const PERMISSION: Permission = Permission::$name; })+

        impl Role {
            /// Whether this role has the permission.
            pub const fn may(self, permission: Permission) -> bool {
                match permission { $(Permission::$name => matches!(self, $(Self::$role)|+)),+ }
            }
        }
    };
}

permissions! {
    /// Creates and deletes institutes, and lists all of them.
    ManageInstitutes: Superuser,
    /// Changes the settings of an institute.
    EditInstitute: Superuser | Administrator,
    /// Reads the settings of an institute.
    ReadInstitute: Superuser | Administrator | Teacher | Proctor | Reviewer | Auditor,
    /// Creates, changes and deletes users, and rotates their credentials.
    ManageUsers: Superuser | Administrator,
    /// Reads users.
    ReadUsers: Superuser | Administrator | Auditor,
    /// Creates, changes and deletes exams, their instructions and their LTI resources.
    AuthorExams: Superuser | Administrator | Teacher,
    /// Reads exams.
    ReadExams: Superuser | Administrator | Teacher | Proctor | Reviewer | GlobalProctor | GlobalReviewer | Auditor,
    /// Reads what is inside an exam: its instructions and LTI resources.
    ReadContent: Superuser | Administrator | Teacher | Auditor,
    /// Registers external platforms.
    ManageTools: Superuser | Administrator,
    /// Reads external platforms, to place them in exams.
    ReadTools: Superuser | Administrator | Teacher | Auditor,
    /// Registers students for exams and hands out their links.
    ManageSessions: Superuser | Administrator | Teacher,
    /// Takes students along the life of a session: ends it, reopens it, sets its status.
    MoveSessions: Superuser | Administrator | Teacher | Proctor | Reviewer | GlobalProctor | GlobalReviewer,
    /// Reads student sessions.
    ReadSessions: Superuser | Administrator | Teacher | Proctor | Reviewer | GlobalProctor | GlobalReviewer | Auditor,
    /// Reads what students reached.
    ReadResults: Superuser | Administrator | Teacher | Reviewer | GlobalReviewer | Auditor,
    /// Gives students grades.
    GradeResults: Superuser | Administrator | Teacher | Reviewer | GlobalReviewer,
    /// Reads the log of what tools called.
    ReadServiceCalls: Superuser | Administrator | Teacher | Auditor,
}

/// The part of the data that one user sees; every query of an institute's rows takes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Only rows of this institute; `None` for those who work across institutes.
    pub institute: Option<InstituteId>,
    /// Only exams that this author created or comanages, and what hangs on them.
    pub author: Option<UserId>,
    /// Only exams that carry this flag, and what hangs on them.
    pub flag: Option<GlobalFlag>,
}

/// The flag that opens an exam to people of no institute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalFlag {
    /// `global_proctoring`
    Proctoring,
    /// `global_reviewing`
    Reviewing,
}

impl Scope {
    /// What a user with this role sees. A role that belongs to an institute and has none sees institute 0: nothing.
    pub fn of(role: Role, institute: Option<InstituteId>, user: UserId) -> Self {
        let own = Some(institute.unwrap_or(InstituteId(0)));
        let scope = Self { institute: own, author: None, flag: None };
        match role {
            Role::Superuser => Self { institute: None, ..scope },
            Role::Teacher => Self { author: Some(user), ..scope },
            Role::GlobalProctor => Self { institute: None, flag: Some(GlobalFlag::Proctoring), ..scope },
            Role::GlobalReviewer => Self { institute: None, flag: Some(GlobalFlag::Reviewing), ..scope },
            Role::Administrator | Role::Proctor | Role::Reviewer | Role::Auditor => scope,
        }
    }
}
