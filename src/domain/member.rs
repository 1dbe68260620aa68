//! The people of an exam as tools see them (NRPS 2.0). The tool provider's privacy switches hold back what they hold back
//! in launches, also where a variable stands for it.

use examlink_lti::v1::launch::{Presentation, ResourceLink, ToolConsumer, User as LaunchUser};
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::Custom;
use examlink_lti::v1p3::id_token::{IdToken, Lis, Profile};
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::nrps::{LinkMessage, Member, Status};

use crate::domain::departure::Departure;
use crate::domain::exam::{Exam, ToldExam};
use crate::domain::lti_resource::LtiResource;
use crate::domain::secret::Keyring;
use crate::domain::selection::author_id;
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::user::User;

/// A student. One who was put away is listed still, so that the tool can tell whose work it has.
pub fn learner(tool: &ToolProvider, session: &StudentSession) -> Member {
    Member {
        user_id: session.student_id.clone(),
        roles: vec![Role::LEARNER],
        status: if session.archived { Status::Inactive } else { Status::Active },
        name: tool.share_name.then(|| session.name.to_string()),
        email: tool.share_email.then(|| session.email.to_string()),
        ..Member::default()
    }
}

/// Somebody who made the exam. The tool knows authors by the same number when they choose content.
pub fn staff(keys: &Keyring, tool: &ToolProvider, user: &User) -> Member {
    Member {
        user_id: author_id(keys, user.id),
        roles: vec![Role::INSTRUCTOR],
        status: if user.disabled { Status::Inactive } else { Status::Active },
        name: tool.share_name.then(|| user.name.to_string()),
        email: tool.share_email.then(|| user.email.to_string()),
        ..Member::default()
    }
}

/// What somebody was who was taken out.
pub const fn role_of(departure: &Departure) -> Role {
    if departure.taught { Role::INSTRUCTOR } else { Role::LEARNER }
}

/// Somebody who was taken out.
pub fn departed(departure: Departure) -> Member {
    let roles = vec![role_of(&departure)];
    Member { user_id: departure.member_id, roles, status: Status::Deleted, ..Member::default() }
}

/// What a launch of a link would say of a student: its custom parameters, with the variables of the student, the exam and
/// the link filled in as they are at `now`. A link whose custom data no launch can carry has none.
pub fn link_message(
    tool: &ToolProvider,
    link: &LtiResource,
    (exam, session): (&Exam, &StudentSession),
    now: Timestamp,
) -> LinkMessage {
    let Ok(parameters) = link.custom_parameters(tool) else { return LinkMessage::default() };
    let member = learner(tool, session);
    let mut token = IdToken {
        issuer: String::new(),
        client_id: String::new(),
        deployment_id: String::new(),
        target_link_uri: String::new(),
        message_type: MessageType::ResourceLink,
        resource_link: Some(ResourceLink {
            id: link.lti_resource_link_id.clone(),
            title: Some(link.lti_resource_link_name.to_string()),
            description: link.details.description.as_ref().map(ToString::to_string),
        }),
        user: LaunchUser {
            id: Some(member.user_id),
            roles: member.roles,
            full_name: member.name,
            email: member.email,
            ..LaunchUser::default()
        },
        profile: Profile::default(),
        test_user: false,
        mentor_of: Vec::new(),
        context: ToldExam::from(exam).context(),
        platform: ToolConsumer::default(),
        presentation: Presentation::default(),
        lis: Lis::default(),
        custom: parameters.written(),
        services: Vec::new(),
        vendor: Vec::new(),
    };
    let ends = session.start_time.and_then(|start| session.deadline(exam, start, now));
    let times = link.times.of(session, now).or_of(exam, session, ends);
    token.expand(|name| times.variable(name));
    LinkMessage {
        custom: token.custom.into_iter().map(|(name, value)| (name.into_owned(), value)).collect::<Custom>(),
        outcome: None,
    }
}
