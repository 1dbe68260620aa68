//! `seed`: creates what a file describes, through the same types that the API uses, so a seed cannot break a rule.

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};

use crate::cli::{Done, config, open};
use crate::clock::{Clock, Random};
use crate::config::PublicUrl;
use crate::domain::access::Role;
use crate::domain::document::Checked;
use crate::domain::exam::{ExamSettings, ExamStatus, ExamType, NewExam, new_token};
use crate::domain::id::{ExamId, InstituteId, StudentSessionId, ToolProviderId, UserId};
use crate::domain::identity_provider::NewIdentityProvider;
use crate::domain::institute::NewInstitute;
use crate::domain::link_times::LinkTimes;
use crate::domain::lti_resource::{LinkDetails, NewLtiResource};
use crate::domain::placeholder::Placeholder;
use crate::domain::secret::{Sealed, Secret, TokenHash, random_secret};
use crate::domain::student_session::{NewStudentSession, SessionStatus};
use crate::domain::text::{Email, Instructions, Label, Name, WebUrl};
use crate::domain::time::{Minutes, Timestamp};
use crate::domain::tool_provider::{NewToolProvider, check_launch_url};
use crate::domain::user::{Credentials, NewUser};
use crate::domain::{Error as Broken, Result};
use crate::store::{
    Store, Tx, documents, exams, identity_providers, institutes, lti_resources, student_sessions, tool_providers, users,
};

/// One institute with everything that an exam with a tool needs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    superuser: Person,
    institute: Institute,
    /// Where the institute's users sign in, where that is elsewhere.
    identity_provider: Option<IdentityProvider>,
    administrator: Person,
    teacher: Person,
    tool_provider: ToolProvider,
    exam: Exam,
    student: Person,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    name: Name,
    email: Email,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Institute {
    name: Name,
    short_name: Name,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdentityProvider {
    name: Name,
    /// Where a browser is sent to sign in.
    url: WebUrl,
    issuer: Label,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToolProvider {
    name: Name,
    /// An address, or a path on this server.
    url: String,
    consumer_key: Name,
    resource: Name,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exam {
    name: Name,
    r#type: ExamType,
    duration_minutes: Minutes,
    /// `{tool}` stands where the resource's placeholder goes.
    instructions: String,
}

/// What was created, with credentials in clear.
#[derive(Debug, Deserialize, Serialize)]
pub struct Seeded {
    /// The superuser.
    pub superuser: Account,
    /// The administrator.
    pub administrator: Account,
    /// The teacher.
    pub teacher: Account,
    /// The tool provider.
    pub tool_provider_id: ToolProviderId,
    /// The exam.
    pub exam_id: ExamId,
    /// The student session.
    pub student_session_id: StudentSessionId,
    /// The student's exam page.
    pub exam_url: String,
}

/// A user with its credentials.
#[derive(Debug, Deserialize, Serialize)]
pub struct Account {
    /// Its number.
    pub id: UserId,
    /// Sent with every request.
    pub api_token: String,
    /// Signs every request.
    pub secret_key: String,
}

/// Reads a seed file.
pub fn read(text: &str) -> Result<Seed, toml::de::Error> {
    toml::from_str(text)
}

/// Creates what a file describes in the configured database, and prints it as JSON.
pub fn run(file: Option<&Path>, seed: &Path) -> Done {
    let seed = read(&std::fs::read_to_string(seed)?)?;
    let config = config(file)?;
    let origin = config.public_url.clone().unwrap_or_else(|| PublicUrl::of_listener(config.listen));
    actix_web::rt::System::new().block_on(async {
        let seeded = plant(&open(&config)?, seed, &origin).await?;
        println!("{}", serde_json::to_string_pretty(&seeded)?);
        Ok(ExitCode::SUCCESS)
    })
}

/// Creates everything in one transaction.
pub async fn plant(store: &Store, seed: Seed, origin: &PublicUrl) -> Result<Seeded, Box<dyn Error>> {
    let made = Made::random(seed, origin, Clock::system().now())?;
    Ok(store.apply(move |tx| made.plant(tx)).await?)
}

/// A seed with all that is random about it, so that planting it twice plants the same.
struct Made {
    seed: Seed,
    origin: String,
    now: Timestamp,
    credentials: [Credentials; 3],
    consumer_secret: Secret,
    exam_token: String,
    link_id: String,
    student_id: String,
    session_token: Secret,
}

impl Made {
    fn random(seed: Seed, origin: &PublicUrl, now: Timestamp) -> Result<Self> {
        Ok(Self {
            seed,
            origin: origin.as_str().to_owned(),
            now,
            credentials: [Credentials::random(Random)?, Credentials::random(Random)?, Credentials::random(Random)?],
            consumer_secret: random_secret(Random)?,
            exam_token: new_token(Random, now)?,
            link_id: Random.hex::<16>()?,
            student_id: Random.hex::<16>()?,
            session_token: random_secret(Random)?,
        })
    }

    fn plant(&self, tx: &mut Tx<'_>) -> Result<Seeded> {
        let (seed, now) = (&self.seed, self.now);
        let [first, second, third] = &self.credentials;
        let superuser = user(tx, first, &seed.superuser.as_user(None, Role::Superuser, now))?;
        let institute = NewInstitute::named(seed.institute.name.clone(), seed.institute.short_name.clone(), now);
        let institute = institutes::insert(tx, &institute)?.id;
        let own = Some(institute);
        if let Some(provider) = &seed.identity_provider {
            identity_providers::insert(tx, &provider.of(institute, now))?;
        }
        let administrator = user(tx, second, &seed.administrator.as_user(own, Role::Administrator, now))?;
        let teacher = user(tx, third, &seed.teacher.as_user(own, Role::Teacher, now))?;
        let exam_id = self.exam(tx, institute, teacher.id)?;
        let (tool_provider_id, placeholder) = self.resource(tx, institute, exam_id)?;
        let content = seed.exam.instructions.replace("{tool}", &format!("{{{placeholder}}}"));
        let content = Instructions::try_from(content).map_err(|why| Broken::invalid("instructions", why))?;
        documents::put(tx, exam_id, &Checked::read(content)?, now)?;
        let student_session_id = self.session(tx, institute, exam_id)?;
        let exam_url = format!("{}/sessions/{}", self.origin, self.session_token.reveal());
        Ok(Seeded { superuser, administrator, teacher, tool_provider_id, exam_id, student_session_id, exam_url })
    }

    fn exam(&self, tx: &mut Tx<'_>, institute_id: InstituteId, user_id: UserId) -> Result<ExamId> {
        let mut settings = ExamSettings::named(self.seed.exam.name.clone(), self.seed.exam.r#type);
        settings.use_duration = true;
        settings.duration_minutes = Some(self.seed.exam.duration_minutes);
        settings.check()?;
        let new = NewExam {
            institute_id,
            user_id,
            settings,
            status: ExamStatus::Open,
            token: self.exam_token.clone(),
            created_at: self.now,
            updated_at: self.now,
        };
        Ok(exams::insert(tx, new)?.id)
    }

    fn resource(
        &self,
        tx: &mut Tx<'_>,
        institute_id: InstituteId,
        exam_id: ExamId,
    ) -> Result<(ToolProviderId, Placeholder)> {
        let seed = &self.seed.tool_provider;
        let url = if seed.url.starts_with('/') { format!("{}{}", self.origin, seed.url) } else { seed.url.clone() };
        let url = WebUrl::try_from(url).map_err(|why| Broken::invalid("url", why))?;
        let mut tool = NewToolProvider::named(institute_id, seed.name.clone(), seed.consumer_key.clone(), self.now);
        tool.tool_url = check_launch_url(&url, "url", false)?;
        let (tool, ..) = tool_providers::insert(tx, &tool, &self.consumer_secret, None)?;
        let new = NewLtiResource {
            tool_deployment_id: None,
            details: LinkDetails::default(),
            times: LinkTimes::default(),
            institute_id,
            exam_id,
            tool_provider_id: tool.id,
            lti_resource_link_id: self.link_id.clone(),
            lti_resource_link_name: seed.resource.clone(),
            lti_resource_launch_url: None,
            lti_custom_data: None,
            open_in_new_tab: false,
            created_at: self.now,
            updated_at: self.now,
        };
        Ok((tool.id, Placeholder::LtiResource(lti_resources::insert(tx, &new)?.id)))
    }

    fn session(&self, tx: &mut Tx<'_>, institute_id: InstituteId, exam_id: ExamId) -> Result<StudentSessionId> {
        let new = NewStudentSession {
            institute_id,
            exam_id,
            student_id: self.student_id.clone(),
            external_id: None,
            name: self.seed.student.name.clone(),
            email: self.seed.student.email.clone(),
            attempt: 1,
            status: SessionStatus::Registered,
            token_hash: TokenHash::of(&self.session_token).to_hex(),
            token: Sealed::pending(),
            open_time: None,
            expires_at: None,
            extra_time_minutes: Minutes::default(),
            individual_info: None,
            is_individual_info_html: false,
            skip_requirements: true,
            archived: false,
            group_id: None,
            created_at: self.now,
            updated_at: self.now,
        };
        Ok(student_sessions::insert(tx, &new, &self.session_token)?.id)
    }
}

impl IdentityProvider {
    fn of(&self, institute_id: InstituteId, now: Timestamp) -> NewIdentityProvider {
        NewIdentityProvider {
            institute_id,
            name: self.name.clone(),
            idp_sso_target_url: self.url.clone(),
            issuer: self.issuer.clone(),
            created_at: now,
            updated_at: now,
        }
    }
}

impl Person {
    fn as_user(&self, institute: Option<InstituteId>, role: Role, now: Timestamp) -> NewUser {
        NewUser::named(institute, self.email.clone(), self.name.clone(), role, now)
    }
}

fn user(tx: &mut Tx<'_>, credentials: &Credentials, new: &NewUser) -> Result<Account> {
    Ok(Account {
        id: users::insert(tx, new, credentials)?.id,
        api_token: credentials.api_token.reveal().to_owned(),
        secret_key: credentials.secret_key.reveal().to_owned(),
    })
}
