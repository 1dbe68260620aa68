//! What an author chose in a tool for an exam, checked: links to launch, files and images that the exam keeps, and pieces
//! of HTML for its instructions (Deep Linking 2.0, content item types).

use examlink_lti::v1p3::Timestamp as WireTime;
use examlink_lti::v1p3::deep_linking::{ContentItem, Kind};
use url::Url;

use crate::domain::attachment::{FileName, FileType, KeptFile};
use crate::domain::chosen_link::{ChosenLink, MOST, name_of};
use crate::domain::instructions::sanitise;
use crate::domain::placeholder::{self, Problem};
use crate::domain::selection::ItemKind;
use crate::domain::text::WebUrl;
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::ToolProvider;

/// Files that one selection may bring: each is fetched while the author waits.
const MOST_FILES: usize = 10;

/// One thing that was chosen; a file of it is `F`.
#[derive(Clone, Debug)]
pub enum ChosenItem<F> {
    /// A link that becomes an LTI resource.
    Link(Box<ChosenLink>),
    /// HTML for the instructions.
    Fragment(Fragment),
    /// What becomes an attachment.
    File(F),
}

/// A piece of HTML that may stand in instructions.
#[derive(Clone, Debug)]
pub struct Fragment {
    /// What the tool gave.
    pub kind: ItemKind,
    /// What the tool calls it.
    pub title: Option<String>,
    /// Sanitised as instructions are.
    pub html: String,
}

/// A file or an image that is still at the tool.
#[derive(Clone, Debug)]
pub struct WantedFile {
    /// [`ItemKind::File`] or [`ItemKind::Image`].
    pub kind: ItemKind,
    /// What the tool calls it.
    pub title: Option<String>,
    /// Where it is.
    pub url: WebUrl,
}

/// A file or an image that is here.
#[derive(Clone, Debug)]
pub struct FetchedFile {
    /// [`ItemKind::File`] or [`ItemKind::Image`].
    pub kind: ItemKind,
    /// What the tool calls it.
    pub title: Option<String>,
    /// On the disk.
    pub file: KeptFile,
}

impl<F> ChosenItem<F> {
    /// The same among other files, or the file that it is.
    pub fn without_file<G>(self) -> Result<ChosenItem<G>, F> {
        match self {
            Self::Link(link) => Ok(ChosenItem::Link(link)),
            Self::Fragment(fragment) => Ok(ChosenItem::Fragment(fragment)),
            Self::File(file) => Err(file),
        }
    }
}

/// Reads what a tool gave, all or nothing. Fails with the reason, which names the item.
pub fn read_all(
    items: &[ContentItem],
    (tool, allow_http): (&ToolProvider, bool),
    now: Timestamp,
) -> Result<Vec<ChosenItem<WantedFile>>, String> {
    if items.len() > MOST {
        return Err(format!("The tool gave {} items; at most {MOST} are taken at once.", items.len()));
    }
    let is_file = |item: &&ContentItem| matches!(item.kind, Kind::File { .. } | Kind::Image(_));
    let files = items.iter().filter(is_file).count();
    if files > MOST_FILES {
        return Err(format!("The tool gave {files} files and images; at most {MOST_FILES} are taken at once."));
    }
    let read = |item| read(item, (tool, allow_http), now).map_err(|why| cannot_be_taken(&called(item), &why));
    items.iter().map(read).collect()
}

/// Why nothing is taken, where an item is at fault.
pub fn cannot_be_taken(name: &str, why: &str) -> String {
    format!("“{name}” cannot be taken: {why}")
}

fn read(
    item: &ContentItem,
    (tool, allow_http): (&ToolProvider, bool),
    now: Timestamp,
) -> Result<ChosenItem<WantedFile>, String> {
    let wanted = |kind, url: &String| {
        let url = WebUrl::try_from(url.clone()).map_err(|why| format!("its url {why}"))?;
        Ok(ChosenItem::File(WantedFile { kind, title: title(item), url }))
    };
    match &item.kind {
        Kind::ResourceLink(link) => {
            ChosenLink::read_1p3(item, link, tool, allow_http).map(|link| ChosenItem::Link(Box::new(link)))
        }
        Kind::Html(markup) => fragment(ItemKind::Html, title(item), markup),
        Kind::Link { url, .. } => fragment(ItemKind::Link, title(item), &anchor(item, url)),
        Kind::Image(image) => wanted(ItemKind::Image, &image.url),
        Kind::File { expires_at: Some(end), .. } if is_past(*end, now) => Err("its url has expired".into()),
        Kind::File { url, .. } => wanted(ItemKind::File, url),
    }
}

fn is_past(end: WireTime, now: Timestamp) -> bool {
    end.micros() <= now.micros()
}

/// HTML of a tool, made harmless. It is refused where nothing is left of it, and where it names a tool of the exam: that
/// is for authors to do.
fn fragment(kind: ItemKind, title: Option<String>, markup: &str) -> Result<ChosenItem<WantedFile>, String> {
    let named = placeholder::check(markup).map_err(|problems| told(&problems))?;
    if !named.is_empty() {
        return Err("it holds the placeholder of a tool, which only the exam's author writes".into());
    }
    let html = sanitise(markup).to_string();
    if html.trim().is_empty() {
        return Err("its HTML holds nothing that instructions may show".into());
    }
    Ok(ChosenItem::Fragment(Fragment { kind, title, html }))
}

fn told(problems: &[Problem]) -> String {
    problems.first().map_or_else(String::new, |problem| format!("its HTML is not good. {problem}"))
}

/// A link as HTML. The sanitiser, which sees it next, adds how it opens.
fn anchor(item: &ContentItem, url: &str) -> String {
    let name = title(item).unwrap_or_else(|| url.to_owned());
    let text = item.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let text = text.map_or_else(String::new, |text| format!("<br>\n{}", escape(text)));
    format!("<p><a href=\"{}\">{}</a>{text}</p>", escape(url), escape(&name))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn title(item: &ContentItem) -> Option<String> {
    item.title.as_deref().and_then(name_of).map(|name| name.to_string())
}

/// What an item is called in front of people.
fn called(item: &ContentItem) -> String {
    let url = match &item.kind {
        Kind::Link { url, .. } | Kind::File { url, .. } => Some(url.as_str()),
        Kind::Image(image) => Some(image.url.as_str()),
        Kind::ResourceLink(link) => link.url.as_deref(),
        Kind::Html(_) => None,
    };
    title(item)
        .or_else(|| url.map(shown_part).and_then(name_of).map(|url| url.to_string()))
        .unwrap_or_else(|| item.kind.item_type().as_str().to_owned())
}

/// A URL without what may be a secret in it: whoever has the whole URL of a file can often fetch it.
fn shown_part(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

impl WantedFile {
    /// What it is called in front of people.
    pub fn called(&self) -> &str {
        self.title.as_deref().unwrap_or(shown_part(self.url.as_str()))
    }

    /// What the attachment is called: as the tool or the address calls it, whichever says of which type it is. Where
    /// neither does, the server did by the media type that it `declared`.
    pub fn name(&self, declared: Option<&str>) -> FileName {
        let url = Url::parse(self.url.as_str()).ok();
        let last = url.as_ref().and_then(|url| url.path_segments()?.next_back()).filter(|name| !name.is_empty());
        let names: Vec<&str> = self.title.as_deref().into_iter().chain(last).collect();
        let says_type = |name: &FileName| FileType::of_extension(&name.extension()).is_some();
        if let Some(name) = names.iter().copied().map(FileName::clean).find(says_type) {
            return name;
        }
        let name = names.first().copied().unwrap_or("file");
        let extension = declared.and_then(FileType::of_media_type).map(FileType::extension);
        extension.map_or_else(|| FileName::clean(name), |extension| FileName::clean(&format!("{name}.{extension}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(title: Option<&str>, url: &str, declared: Option<&str>) -> String {
        let url = WebUrl::try_from(url.to_owned()).unwrap();
        WantedFile { kind: ItemKind::File, title: title.map(Into::into), url }.name(declared).as_str().to_owned()
    }

    #[test]
    fn a_file_is_called_what_says_its_type() {
        let (pdf, plain) = (Some("application/pdf; charset=binary"), "https://tool.example/f/plan.pdf?x=1.png");
        for (title, url, declared, expected) in [
            (Some("Plan.PNG"), plain, None, "Plan.PNG"),
            (Some("Plan of 2.0"), plain, None, "plan.pdf"),
            (None, plain, pdf, "plan.pdf"),
            (Some("Plan of 2.0"), "https://tool.example/download", pdf, "Plan_of_2.0.pdf"),
            (None, "https://tool.example/download", pdf, "download.pdf"),
            (None, "https://tool.example/", pdf, "file.pdf"),
            (None, "https://tool.example/", Some("text/html"), "file"),
            (Some("../../etc/x"), "https://tool.example/..%2f..%2fa.pdf", None, "_2f.._2fa.pdf"),
            (Some("../../etc/x"), "https://tool.example/", pdf, "x.pdf"),
        ] {
            assert_eq!(name(title, url, declared), expected, "{title:?} {url}");
        }
    }
}
