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
    /// Something to do after the answer.
    JobId,
}
