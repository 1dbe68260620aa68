//! Users of the API, and their credentials.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher, SaltString};
use diesel::prelude::*;

use crate::clock::Random;
use crate::domain::access::{Role, Scope};
use crate::domain::exam::Exam;
use crate::domain::id::{CredentialId, IdentityProviderId, InstituteId, UserId};
use crate::domain::secret::{Sealed, Secret, random_secret};
use crate::domain::text::{Email, Name};
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::schema::{credentials, users};

names! {
    /// How often a user gets a report.
    ReportFrequency {
        /// Every day.
        Day = "day",
        /// Every week.
        Week = "week",
        /// Every month.
        Month = "month",
    }
}

/// Somebody who calls the API.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub struct User {
    /// Its number.
    pub id: UserId,
    /// Its institute; `None` for a superuser and the global roles.
    pub institute_id: Option<InstituteId>,
    /// Its address, unique on this server.
    pub email: Email,
    /// Its name.
    pub name: Name,
    /// What it may do.
    pub role: Role,
    /// A disabled user keeps its data and opens nothing.
    pub disabled: bool,
    /// Whether only signatures over the whole HTTP message open anything.
    pub require_message_signature: bool,
    /// The identity provider it signs in with.
    pub omniauth_config_id: Option<IdentityProviderId>,
    /// Whether it gets reports by e-mail.
    pub receives_reports: bool,
    /// How often.
    pub report_frequency: Option<ReportFrequency>,
    /// When it last called, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl User {
    /// The part of the data this user sees.
    pub fn scope(&self) -> Scope {
        Scope::of(self.role, self.institute_id, self.id)
    }

    /// Whether this user may decide who the other one is: its role, e-mail address, password, identity provider and
    /// credentials. An administrator does so to itself and to those below, not to another administrator nor to a role
    /// that works across institutes: with that one's secret it would have that one's power.
    pub fn governs(&self, other: &Self) -> bool {
        let below = matches!(other.role, Role::Teacher | Role::Proctor | Role::Reviewer | Role::Auditor);
        self.role == Role::Superuser || self.id == other.id || (self.role == Role::Administrator && below)
    }

    /// Whether this user may watch the students of an exam: those who work in its institute, and global proctors where
    /// the exam asks for them.
    pub fn may_watch(&self, exam: &Exam) -> bool {
        let own = self.institute_id == Some(exam.institute_id);
        !self.disabled
            && match self.role {
                Role::Proctor | Role::Administrator | Role::Teacher => own,
                Role::GlobalProctor => exam.settings.global_proctoring,
                Role::Superuser | Role::Reviewer | Role::GlobalReviewer | Role::Auditor => false,
            }
    }
}

/// A user that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub struct NewUser {
    /// Its institute.
    pub institute_id: Option<InstituteId>,
    /// Its address.
    pub email: Email,
    /// Its name.
    pub name: Name,
    /// What it may do.
    pub role: Role,
    /// Argon2id hash of its password; `None` where it never signs in by password.
    pub password_hash: Option<PasswordHash>,
    /// Whether it is shut out.
    pub disabled: bool,
    /// Whether only signatures over the whole HTTP message open anything.
    pub require_message_signature: bool,
    /// The identity provider it signs in with.
    pub omniauth_config_id: Option<IdentityProviderId>,
    /// Whether it gets reports.
    pub receives_reports: bool,
    /// How often.
    pub report_frequency: Option<ReportFrequency>,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

impl NewUser {
    /// A user with the default settings and no password.
    pub fn named(institute_id: Option<InstituteId>, email: Email, name: Name, role: Role, now: Timestamp) -> Self {
        Self {
            institute_id,
            email,
            name,
            role,
            password_hash: None,
            disabled: false,
            require_message_signature: false,
            omniauth_config_id: None,
            receives_reports: false,
            report_frequency: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// An API token and the secret that signs with it, in clear: shown once and never again.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Sent with every request.
    pub api_token: Secret,
    /// Never sent.
    pub secret_key: Secret,
}

impl Credentials {
    /// New random credentials.
    pub fn random(random: Random) -> Result<Self> {
        Ok(Self { api_token: random_secret(random)?, secret_key: random_secret(random)? })
    }
}

/// Credentials as they are stored.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = credentials)]
pub struct StoredCredential {
    /// Its number; the scope of its nonces.
    pub id: CredentialId,
    /// The hash of the token, in hex.
    pub token_hash: String,
    /// The sealed secret.
    pub secret_key: Sealed,
    /// From when on it opens nothing; `None` for the current one.
    pub expires_at: Option<Timestamp>,
}

/// A password of 8 to 128 characters with a lower-case and an upper-case letter, a digit and another character.
#[derive(Clone, Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, format = Password, min_length = 8, max_length = 128)]
pub struct Password(Secret);

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.reveal() == other.0.reveal()
    }
}

impl TryFrom<String> for Password {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let has = |kind: fn(char) -> bool| text.chars().any(kind);
        let strong = (8..=128).contains(&text.chars().count())
            && has(char::is_lowercase)
            && has(char::is_uppercase)
            && has(|c| c.is_ascii_digit())
            && has(|c| !c.is_alphanumeric());
        let rule =
            "must have 8 to 128 characters, with a lower-case and an upper-case letter, a digit and another character";
        if strong { Ok(Self(Secret::new(text))) } else { Err(rule) }
    }
}

/// The argon2id hash of a password, in PHC form.
#[derive(Clone, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct PasswordHash(String);

column!(PasswordHash, diesel::sql_types::Text, str, |text| Ok(Self(text)), |hash| hash.0.as_str());

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("argon2id")
    }
}

impl Password {
    /// Hashes with argon2id and a random salt. Takes tens of milliseconds: never on an async worker.
    pub fn hash(&self, random: Random) -> Result<PasswordHash> {
        let salt =
            SaltString::encode_b64(&random.bytes::<16>()?).map_err(|error| Error::Internal(error.to_string()))?;
        let hash = Argon2::default().hash_password(self.0.reveal().as_bytes(), &salt);
        hash.map(|hash| PasswordHash(hash.to_string())).map_err(|error| Error::Internal(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_strong_and_hashed_with_argon2id() {
        for weak in ["", "Aa1!", "alllower1!", "ALLUPPER1!", "NoDigits!!", "NoSpecial11"] {
            assert!(Password::try_from(weak.to_owned()).is_err(), "{weak}");
        }
        let hash = Password::try_from("Correct-Horse-1".to_owned()).unwrap().hash(Random).unwrap();
        assert!(hash.0.starts_with("$argon2id$"));
    }
}
