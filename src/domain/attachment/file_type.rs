//! What an attachment may be, and how its content shows it.
//!
//! The list is closed: nothing that a browser would run is on it (trust WEB-05). The name's extension says which type is
//! meant; the type that the client declares and the content must fit it.

use crate::domain::attachment::{FileName, invalid};
use crate::domain::{Error, Result};

names! {
    /// A type that an attachment may have.
    FileType {
        /// An image.
        Png = "image/png",
        /// An image.
        Jpeg = "image/jpeg",
        /// An image.
        Gif = "image/gif",
        /// An image.
        Webp = "image/webp",
        /// A page that is the same everywhere.
        Pdf = "application/pdf",
        /// Text in UTF-8.
        Text = "text/plain",
        /// A table in UTF-8.
        Csv = "text/csv",
        /// A text document.
        Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        /// A spreadsheet.
        Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        /// A presentation.
        Pptx = "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        /// A text document.
        Odt = "application/vnd.oasis.opendocument.text",
        /// A spreadsheet.
        Ods = "application/vnd.oasis.opendocument.spreadsheet",
        /// A presentation.
        Odp = "application/vnd.oasis.opendocument.presentation",
        /// A text document of before 2007.
        Doc = "application/msword",
        /// A spreadsheet of before 2007.
        Xls = "application/vnd.ms-excel",
        /// A presentation of before 2007.
        Ppt = "application/vnd.ms-powerpoint",
        /// Sound.
        Mp3 = "audio/mpeg",
        /// A film.
        Mp4 = "video/mp4",
        /// A film.
        Webm = "video/webm",
    }
}

/// The beginning and the end of a file: what it takes to know it.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// The first bytes.
    pub head: Vec<u8>,
    /// The last bytes, where the directory of an archive stands.
    pub tail: Vec<u8>,
}

/// Bytes of a [`Sample`] at each end.
pub const SAMPLE: usize = 64 << 10;

const ZIP: &[u8] = b"PK\x03\x04";
/// The container of Microsoft's formats before 2007.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

impl FileType {
    /// The types, each with the extensions that mean it and other names under which clients declare it.
    const ALL: [(Self, &[&str], &[&str]); 19] = [
        (Self::Png, &["png"], &["image/x-png"]),
        (Self::Jpeg, &["jpg", "jpeg"], &["image/jpg", "image/pjpeg"]),
        (Self::Gif, &["gif"], &[]),
        (Self::Webp, &["webp"], &[]),
        (Self::Pdf, &["pdf"], &["application/x-pdf"]),
        (Self::Text, &["txt"], &[]),
        // Browsers on Windows declare what its registry says.
        (Self::Csv, &["csv"], &["text/plain", "application/csv", "application/vnd.ms-excel"]),
        (Self::Docx, &["docx"], &[]),
        (Self::Xlsx, &["xlsx"], &[]),
        (Self::Pptx, &["pptx"], &[]),
        (Self::Odt, &["odt"], &[]),
        (Self::Ods, &["ods"], &[]),
        (Self::Odp, &["odp"], &[]),
        (Self::Doc, &["doc"], &[]),
        (Self::Xls, &["xls"], &[]),
        (Self::Ppt, &["ppt"], &[]),
        (Self::Mp3, &["mp3"], &["audio/mp3"]),
        (Self::Mp4, &["mp4", "m4v"], &[]),
        (Self::Webm, &["webm"], &["audio/webm"]),
    ];

    /// The media types of all of them.
    pub fn media_types() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(known, ..)| known.as_str())
    }

    /// The type that an extension in lower case means.
    pub fn of_extension(extension: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, extensions, _)| extensions.contains(&extension)).map(|(known, ..)| *known)
    }

    /// The type that a media type means, with or without parameters.
    pub fn of_media_type(declared: &str) -> Option<Self> {
        let declared = bare(declared);
        // A type's own name goes before those under which others are declared too.
        let own = Self::ALL.iter().find(|(known, ..)| known.as_str() == declared);
        let alias = || Self::ALL.iter().find(|(.., aliases)| aliases.contains(&declared.as_str()));
        own.or_else(alias).map(|(known, ..)| *known)
    }

    /// Its usual extension.
    pub fn extension(self) -> &'static str {
        let own = Self::ALL.iter().find(|(known, ..)| *known == self);
        own.and_then(|(_, extensions, _)| extensions.first()).copied().unwrap_or_default()
    }

    /// The type of a file with this name that was declared so and begins and ends so. `declared` is a media type with or
    /// without parameters; none, and `application/octet-stream`, say nothing.
    pub fn check(name: &FileName, declared: Option<&str>, sample: &Sample) -> Result<Self> {
        let extension = name.extension();
        let known = Self::ALL.iter().find(|(_, extensions, _)| extensions.contains(&extension.as_str()));
        let Some((found, _, aliases)) = known else { return Err(not_taken(&extension)) };
        let declared = declared.map(bare).unwrap_or_default();
        let says_nothing = declared.is_empty() || declared == "application/octet-stream";
        if !says_nothing && declared != found.as_str() && !aliases.contains(&declared.as_str()) {
            return Err(invalid(format!(
                "is declared as {declared:?}, and its name means {found}; declare it as that"
            )));
        }
        if found.fits(sample) {
            Ok(*found)
        } else {
            Err(invalid(format!("does not hold what its name says ({found}); send the file as the program saved it")))
        }
    }

    /// Whether a page may show it in its place.
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }

    /// The type for a browser, with the charset where it is text.
    pub fn header(self) -> String {
        let charset = if matches!(self, Self::Text | Self::Csv) { "; charset=utf-8" } else { "" };
        format!("{self}{charset}")
    }

    fn fits(self, sample: &Sample) -> bool {
        let Sample { head, tail } = sample;
        let begins = |magic: &[u8]| head.starts_with(magic);
        let at = |place: usize, magic: &[u8]| head.get(place..).is_some_and(|rest| rest.starts_with(magic));
        let office = |folder: &[u8]| begins(ZIP) && holds(tail, b"[Content_Types].xml") && holds(tail, folder);
        match self {
            Self::Png => begins(b"\x89PNG\r\n\x1a\n"),
            Self::Jpeg => begins(b"\xFF\xD8\xFF"),
            Self::Gif => begins(b"GIF87a") || begins(b"GIF89a"),
            Self::Webp => begins(b"RIFF") && at(8, b"WEBP"),
            Self::Pdf => begins(b"%PDF-"),
            Self::Text | Self::Csv => is_plain_text(head),
            Self::Docx => office(b"word/"),
            Self::Xlsx => office(b"xl/"),
            Self::Pptx => office(b"ppt/"),
            // The first entry of the archive is the type itself, not compressed (OpenDocument 1.2, part 3, 3.3).
            Self::Odt | Self::Ods | Self::Odp => begins(ZIP) && at(30, b"mimetype") && at(38, self.as_str().as_bytes()),
            Self::Doc | Self::Xls | Self::Ppt => begins(OLE),
            Self::Mp3 => begins(b"ID3") || matches!(head.as_slice(), [0xFF, 0xFA | 0xFB | 0xF2 | 0xF3, ..]),
            Self::Mp4 => at(4, b"ftyp"),
            Self::Webm => begins(b"\x1A\x45\xDF\xA3") && holds(&head[..head.len().min(64)], b"webm"),
        }
    }
}

/// A media type without its parameters.
fn bare(declared: &str) -> String {
    declared.split(';').next().unwrap_or_default().trim().to_lowercase()
}

fn not_taken(extension: &str) -> Error {
    let taken: Vec<&str> = FileType::ALL.iter().flat_map(|(_, extensions, _)| extensions.iter().copied()).collect();
    let given = if extension.is_empty() { "has a name without an extension" } else { "is of a type that is not taken" };
    invalid(format!("{given}; send one of: {}", taken.join(", ")))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// UTF-8 without control characters that does not begin as markup or as a script does. A character may be cut off at
/// the end.
fn is_plain_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or("\0"),
        Err(_) => return false,
    };
    let beginning = text.trim_start_matches('\u{feff}').trim_start();
    let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}');
    !beginning.starts_with('<') && !beginning.starts_with("#!") && !text.contains(control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, declared: Option<&str>, content: &[u8]) -> Result<FileType> {
        let sample = Sample { head: content.to_vec(), tail: content.to_vec() };
        FileType::check(&FileName::clean(name), declared, &sample)
    }

    #[test]
    fn web_05_name_declaration_and_content_agree() {
        let docx = b"PK\x03\x04....[Content_Types].xml....word/document.xml";
        for (name, declared, content, expected) in [
            ("a.PNG", None, &b"\x89PNG\r\n\x1a\nrest"[..], FileType::Png),
            ("a.jpeg", Some("image/jpg"), b"\xFF\xD8\xFF\xE0", FileType::Jpeg),
            ("a.pdf", Some("application/octet-stream"), b"%PDF-1.7", FileType::Pdf),
            ("a.txt", Some("text/plain; charset=utf-8"), "été".as_bytes(), FileType::Text),
            ("a.csv", Some("application/vnd.ms-excel"), b"a;b\r\n1;2", FileType::Csv),
            ("a.docx", None, docx, FileType::Docx),
            ("a.mp4", Some("video/mp4"), b"\0\0\0\x18ftypmp42", FileType::Mp4),
        ] {
            assert_eq!(check(name, declared, content).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn web_05_what_a_browser_would_run_is_refused() {
        for (name, declared, content) in [
            ("a.html", Some("text/html"), &b"<p>x</p>"[..]),
            ("a.svg", Some("image/svg+xml"), b"<svg/>"),
            ("a.js", None, b"alert(1)"),
            ("a", None, b"text"),
            ("a.png", Some("text/html"), b"\x89PNG\r\n\x1a\n"),
            ("a.png", None, b"<html>"),
            ("a.txt", None, b"\xEF\xBB\xBF \n<script>alert(1)</script>"),
            ("a.txt", None, b"#!/bin/sh"),
            ("a.txt", None, b"a\0b"),
            ("a.csv", None, b"\xFF\xFEa\0"),
            ("a.docx", None, b"PK\x03\x04 just an archive"),
            ("a.xlsx", None, b"PK\x03\x04....[Content_Types].xml....word/document.xml"),
        ] {
            assert!(check(name, declared, content).is_err(), "{name} {declared:?}");
        }
    }
}
