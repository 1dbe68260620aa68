//! Selections: an author goes through a tool and comes back with content for an exam (LTI Content-Item Message 1.0, the
//! deep linking of LTI 1.x).

mod deep_linking;
mod items;

use diesel::prelude::*;
use examlink_lti::v1::content_item::{Acceptance, LTI_LINK, SelectionRequest};
use examlink_lti::v1::launch::{DocumentTarget, Presentation, User as Person};
use examlink_lti::v1::roles::Role;

use crate::domain::attachment::KeptFile;
use crate::domain::chosen_item::{ChosenItem, FetchedFile};
use crate::domain::exam::{Exam, ToldExam};
use crate::domain::id::{ExamId, InstituteId, SelectionId, ToolDeploymentId, ToolProviderId, UserId};
use crate::domain::institute::InstituteName;
use crate::domain::launch::record::About;
use crate::domain::launch::{Consumer, variable};
use crate::domain::lti_urls;
use crate::domain::secret::Keyring;
use crate::domain::time::{Span, Timestamp};
use crate::domain::tool_provider::ToolProvider;
use crate::domain::user::User;
use crate::schema::selections;

pub use items::{ItemKind, SelectedItem, SelectedItems};

/// How long an author may take.
pub const OPEN_FOR: Span = Span::hours(2);
const DATA: &str = "content item selection";
const OUTCOME: &str = "outcome of a selection";
const AUTHOR: &str = "author, to tools";

names! {
    /// How far a selection is.
    SelectionState {
        /// The author has not come back yet.
        Waiting = "waiting",
        /// What was chosen is in the exam.
        Done = "done",
        /// The author came back with nothing.
        Cancelled = "cancelled",
        /// The tool reports an error, or gave what cannot be taken: see `error`.
        Failed = "failed",
        /// The author did not come back in time.
        Expired = "expired",
    }
}

/// An author on the way through a tool.
#[derive(Clone, Debug, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = selections, treat_none_as_null = true)]
pub struct Selection {
    /// Its number.
    pub id: SelectionId,
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// What the content is for.
    pub exam_id: ExamId,
    /// Where it is chosen.
    pub tool_provider_id: ToolProviderId,
    /// Through which deployment of it, which is also that of the links; `None` is the first one.
    pub tool_deployment_id: Option<ToolDeploymentId>,
    /// The author.
    pub user_id: UserId,
    /// How far it is; [`Selection::state_at`] knows the time too.
    pub state: SelectionState,
    /// What came of it.
    pub items: SelectedItems,
    /// What the tool says to the author.
    pub message: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// The author must be back before this time.
    pub expires_at: Timestamp,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A selection that is about to begin.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = selections, treat_none_as_default_value = false)]
pub struct NewSelection {
    /// The exam's institute.
    pub institute_id: InstituteId,
    /// What the content is for.
    pub exam_id: ExamId,
    /// Where it is chosen.
    pub tool_provider_id: ToolProviderId,
    /// Through which deployment of it, which is also that of the links; `None` is the first one.
    pub tool_deployment_id: Option<ToolDeploymentId>,
    /// The author.
    pub user_id: UserId,
    /// Finds the row by the token of the author's link.
    pub token_hash: String,
    /// [`SelectionState::Waiting`].
    pub state: SelectionState,
    /// Nothing yet.
    pub items: SelectedItems,
    /// The author must be back before this time.
    pub expires_at: Timestamp,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
}

impl Selection {
    /// How far it is at `now`.
    pub fn state_at(&self, now: Timestamp) -> SelectionState {
        if self.state == SelectionState::Waiting && now >= self.expires_at {
            SelectionState::Expired
        } else {
            self.state
        }
    }

    /// What the tool must bring back unchanged: it names this selection and all that it is bound to, and nobody else can
    /// make it.
    pub fn data(&self, keys: &Keyring) -> String {
        format!("{}-{}", self.id, keys.ticket(DATA, &self.bound_to()))
    }

    /// Whether a tool brought back this selection's data.
    pub fn is_data(&self, data: &str, keys: &Keyring) -> bool {
        data.split_once('-').is_some_and(|(_, ticket)| keys.is_ticket(ticket, DATA, &self.bound_to()))
    }

    /// The selection that data claims to be of.
    pub fn of_data(data: &str) -> Option<SelectionId> {
        data.split_once('-')?.0.parse().ok().map(SelectionId)
    }

    /// The end of the address that shows the author what came of it, when it is over.
    pub fn outcome_name(&self, keys: &Keyring) -> String {
        format!("{}-{}", self.id, keys.ticket(OUTCOME, &self.bound_to()))
    }

    /// Whether an address ends so.
    pub fn is_outcome_name(&self, name: &str, keys: &Keyring) -> bool {
        name.split_once('-').is_some_and(|(_, ticket)| keys.is_ticket(ticket, OUTCOME, &self.bound_to()))
    }

    fn bound_to(&self) -> String {
        let (tool, exam, user) = (self.tool_provider_id, self.exam_id, self.user_id);
        format!("{}-{tool}-{exam}-{user}-{}", self.id, self.expires_at.micros())
    }
}

/// What tools know an author by: an opaque number, always the same.
pub fn author_id(keys: &Keyring, user: UserId) -> String {
    keys.ticket(AUTHOR, &user.to_string())
}

/// Somebody of the staff, as tools know one.
pub fn author(keys: &Keyring, user: UserId) -> Person {
    Person { id: Some(author_id(keys, user)), roles: vec![Role::INSTRUCTOR], ..Person::default() }
}

/// What the tool answered.
#[derive(Clone, Debug)]
pub struct Reply {
    /// What comes of it.
    pub outcome: Outcome,
    /// What the tool says to the author.
    pub message: Option<String>,
}

/// What comes of a selection.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// These.
    Chosen(Vec<ChosenItem<FetchedFile>>),
    /// Nothing.
    Cancelled,
    /// Nothing, for this reason.
    Failed(String),
}

impl Outcome {
    /// The files on the disk that wait for their rows.
    pub fn stored_names(&self) -> Vec<String> {
        self.files().map(|file| file.stored_name.clone()).collect()
    }

    /// How many bytes the files take.
    pub fn size(&self) -> i64 {
        self.files().map(|file| file.size).sum()
    }

    fn files(&self) -> impl Iterator<Item = &KeptFile> {
        let items = if let Self::Chosen(items) = self { items.as_slice() } else { &[] };
        items.iter().filter_map(|item| match item {
            ChosenItem::File(fetched) => Some(&fetched.file),
            ChosenItem::Link(_) | ChosenItem::Fragment(_) => None,
        })
    }
}

/// Everything that the request to a tool is made from.
#[derive(Clone, Debug)]
pub struct SelectionFacts {
    /// The selection.
    pub selection: Selection,
    /// What the content is for.
    pub exam: Exam,
    /// The exam's institute.
    pub institute: InstituteName,
    /// Where it is chosen.
    pub tool: ToolProvider,
    /// The author.
    pub author: User,
}

impl SelectionFacts {
    /// Whom and what the message is about.
    pub const fn about(&self) -> About {
        About {
            exam_id: Some(self.selection.exam_id),
            tool_provider_id: Some(self.tool.id),
            user_id: Some(self.author.id),
            ..About::institute(self.selection.institute_id)
        }
    }

    /// The message to the tool: links to launch are accepted, several at once, and stored without another question. Of
    /// the author it says no more than an opaque number. Fails where custom data holds what a message cannot carry.
    pub fn message(&self, consumer: Consumer<'_>) -> Result<SelectionRequest, examlink_lti::Error> {
        let custom = self.tool.custom_parameters()?.with_raw_names(self.tool.send_raw_custom_names);
        let exam = ToldExam::from(&self.exam);
        let mut request = SelectionRequest {
            accepts: Acceptance {
                media_types: vec![LTI_LINK.into()],
                targets: vec![DocumentTarget::Iframe, DocumentTarget::Window],
                multiple: true,
                auto_create: true,
                ..Acceptance::default()
            },
            return_url: format!("{}{}", consumer.url, lti_urls::CONTENT_ITEMS),
            title: Some(self.exam.settings.name.to_string()),
            data: Some(self.selection.data(consumer.keys)),
            user: author(consumer.keys, self.author.id),
            context: exam.context(),
            presentation: Presentation {
                locale: Some(self.exam.settings.exam_language.to_string()),
                document_target: Some(DocumentTarget::Window),
                ..Presentation::default()
            },
            consumer: consumer.told_by(&self.institute),
            custom,
            ..SelectionRequest::default()
        };
        request.expand(|name| variable(name, &exam, &self.tool, consumer));
        Ok(request)
    }
}
