//! Files and images that an author chose in a tool. Their addresses end within minutes, so they are fetched while the
//! author waits, and are on the disk before the commit that gives them to the exam.

use crate::app::{App, off_worker};
use crate::domain::attachment::{FileType, KeptFile, invalid};
use crate::domain::chosen_item::{ChosenItem, FetchedFile, WantedFile, cannot_be_taken};
use crate::domain::selection::ItemKind;
use crate::domain::{Error, Result};
use crate::lti::fetch::{CONTENT_TYPE, Fetcher, Request};

/// Fetches what authors chose.
pub struct ChosenFiles(Fetcher);

/// Why a file is not taken: it is at fault, or this server.
enum Stop {
    Refused(String),
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid(errors) => {
                let details: String = errors.into_iter().map(|error| error.detail).collect();
                Self::Refused(format!("it {details}"))
            }
            other => Self::Failed(other),
        }
    }
}

impl ChosenFiles {
    /// Fetches by these rules.
    pub const fn new(fetcher: Fetcher) -> Self {
        Self(fetcher)
    }

    /// Brings all files among what was chosen to the disk, or none of them and the reason.
    pub async fn fetch(
        &self,
        app: &App,
        items: Vec<ChosenItem<WantedFile>>,
    ) -> Result<Result<Vec<ChosenItem<FetchedFile>>, String>> {
        let (mut here, mut stored) = (Vec::with_capacity(items.len()), Vec::new());
        for item in items {
            let wanted = match item.without_file() {
                Ok(item) => {
                    here.push(item);
                    continue;
                }
                Err(wanted) => wanted,
            };
            match self.bring(app, &wanted).await {
                Ok(file) => {
                    stored.push(file.stored_name.clone());
                    here.push(ChosenItem::File(FetchedFile { kind: wanted.kind, title: wanted.title, file }));
                }
                Err(stop) => {
                    app.forget_files(stored).await;
                    return match stop {
                        Stop::Refused(why) => Ok(Err(cannot_be_taken(wanted.called(), &why))),
                        Stop::Failed(error) => Err(error),
                    };
                }
            }
        }
        Ok(Ok(here))
    }

    async fn bring(&self, app: &App, wanted: &WantedFile) -> Result<KeptFile, Stop> {
        let folder = app.files.clone().ok_or_else(|| Stop::Refused("this server keeps no files".into()))?;
        let fetched = self.0.send(Request::file(wanted.url.as_str())).await;
        let reply = fetched.map_err(|error| Stop::Refused(format!("it cannot be fetched: {error}")))?;
        if reply.status != 200 {
            return Err(Stop::Refused(format!("it cannot be fetched: the server answered {}", reply.status)));
        }
        let declared = reply.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let (name, kind, random) = (wanted.name(declared), wanted.kind, app.random);
        let keep = move || {
            let mut draft = folder.draft(random)?;
            draft.append(&reply.body)?;
            // What a server declares is often of no worth; the name says what the content must be.
            let file_type = FileType::check(&name, None, &draft.sample()?)?;
            if kind == ItemKind::Image && !file_type.is_image() {
                return Err(invalid("is no image of a type that pages show"));
            }
            draft.keep_as(name, file_type)
        };
        Ok(off_worker(keep).await?)
    }
}
