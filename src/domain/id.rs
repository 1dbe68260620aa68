//! Identifiers. Integers on the wire that fit 32 bits for a long time, because clients and LTI 2 tools store them so.

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            utoipa::ToSchema, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        #[schema(value_type = i64, minimum = 1)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        column!($name, diesel::sql_types::BigInt, i64, |id| Ok(Self(id)), |id| &id.0);
    )+ };
}

id! {
    /// An institute: the tenant that everything else belongs to.
    InstituteId,
    /// A user of the API.
    UserId,
    /// A place where an institute's users sign in.
    IdentityProviderId,
    /// One token and secret of a user.
    CredentialId,
    /// An exam.
    ExamId,
    /// An external platform, as one institute registered it.
    ToolProviderId,
    /// A place where a tool of LTI 1.3 is deployed.
    ToolDeploymentId,
    /// One link of an external platform, placed in one exam.
    LtiResourceId,
    /// An author on the way through a tool to choose content.
    SelectionId,
    /// The instructions of an exam.
    DocumentId,
    /// A file of an exam.
    AttachmentId,
    /// A student's registration and attempt.
    StudentSessionId,
    /// A learning management system that launches into exams.
    LtiConsumerId,
    /// A secret of such a system.
    LtiConsumerSecretId,
    /// A place of such a system that launches here.
    LtiPlacementId,
    /// Somebody who came from such a place to take an exam.
    LtiLearnerId,
    /// A result on its way to such a system.
    GradeReturnId,
    /// A line item that a tool made.
    LineItemId,
    /// The latest score of a student in a line item.
    LineItemScoreId,
    /// What a student reached in one tool of one exam.
    ResultId,
    /// One thing that a result was.
    ResultChangeId,
    /// One call of a tool.
    ServiceCallId,
    /// One thing that a proctoring tool did to an attempt.
    AssessmentControlId,
    /// A student's launch into a tool.
    LaunchId,
    /// Something to do after the answer.
    JobId,
    /// A key pair of this installation.
    PlatformKeyId,
}
