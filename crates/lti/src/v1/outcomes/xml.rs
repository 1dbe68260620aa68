//! XML as messages use it: elements with text, and nothing else. No document type, no entities beyond the five, and
//! limits that no message comes near, so that nothing read here can cost more than its own length.

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::LONGEST_BODY;
use crate::{Error, Result};

/// Elements inside elements at most.
const DEEPEST: usize = 16;
/// Elements at most.
const MOST: usize = 200;
/// Bytes of one start tag at most: time to read the attributes of one grows faster than their number.
const LONGEST_TAG: usize = 2_048;

/// An element without its prefix and attributes: of those, messages use namespaces only, which senders get wrong.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Reads a whole document.
    pub(super) fn parse(xml: &[u8]) -> Result<Self> {
        if xml.len() > LONGEST_BODY {
            return Err(Error::XmlLimit("is longer than 65536 bytes"));
        }
        let xml = std::str::from_utf8(xml).map_err(|_| syntax("it is not UTF-8"))?;
        let xml = xml.strip_prefix('\u{feff}').unwrap_or(xml);
        if xml.chars().any(is_forbidden) {
            return Err(syntax("it holds a control character"));
        }
        Document::default().read(Reader::from_str(xml))
    }

    /// The child with this name, where there is one. Two are an error: the sender and we could each mean another.
    pub(super) fn child(&self, name: &'static str) -> Result<Option<&Self>> {
        let mut found = self.children.iter().filter(|child| child.name == name);
        let first = found.next();
        if found.next().is_some() { Err(Error::XmlRepeated(name)) } else { Ok(first) }
    }

    /// The child with this name.
    pub(super) fn need(&self, name: &'static str) -> Result<&Self> {
        self.child(name)?.ok_or(Error::XmlMissing(name))
    }

    /// The text of the child with this name, without the white space that indents it; `None` where it is empty.
    pub(super) fn text_of(&self, name: &'static str) -> Result<Option<&str>> {
        let text = self.child(name)?.map(|child| child.text.trim());
        Ok(text.filter(|text| !text.is_empty()))
    }

    /// How many elements of this name there are, at whatever depth.
    pub(super) fn count(&self, name: &str) -> usize {
        usize::from(self.name == name) + self.children.iter().map(|child| child.count(name)).sum::<usize>()
    }
}

/// A document that is being read.
#[derive(Default)]
struct Document {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Document {
    fn read(mut self, mut reader: Reader<&[u8]>) -> Result<Element> {
        loop {
            let event = reader.read_event().map_err(|error| syntax(&error.to_string()))?;
            match event {
                Event::Start(tag) => self.begin(&tag)?,
                Event::Empty(tag) => {
                    self.begin(&tag)?;
                    self.end()?;
                }
                Event::End(_) => self.end()?,
                Event::Text(text) => self.text(&text.decode().map_err(|error| syntax(&error.to_string()))?)?,
                Event::CData(text) => self.text(&text.decode().map_err(|error| syntax(&error.to_string()))?)?,
                Event::GeneralRef(reference) => self.text(&resolved(&reference)?)?,
                Event::Decl(_) | Event::Comment(_) => {}
                Event::DocType(_) | Event::PI(_) => return Err(Error::XmlDeclaration),
                Event::Eof if self.open.is_empty() => return self.root.ok_or_else(|| syntax("it has no element")),
                Event::Eof => return Err(syntax("it ends inside an element")),
            }
        }
    }

    fn begin(&mut self, tag: &BytesStart<'_>) -> Result<()> {
        self.elements += 1;
        if tag.len() > LONGEST_TAG {
            return Err(Error::XmlLimit("has a tag with more attributes than any message"));
        }
        if self.elements > MOST || self.open.len() >= DEEPEST {
            return Err(Error::XmlLimit("has more elements than any message, or they are too deep"));
        }
        if self.root.is_some() {
            return Err(syntax("it has two roots"));
        }
        for attribute in tag.attributes() {
            attribute.map_err(|error| syntax(&error.to_string()))?;
        }
        let name = String::from_utf8_lossy(tag.local_name().as_ref()).into_owned();
        self.open.push(Element { name, ..Element::default() });
        Ok(())
    }

    /// The reader has checked that the tag's name is that of the open element.
    fn end(&mut self) -> Result<()> {
        let element = self.open.pop().ok_or_else(|| syntax("it ends an element that did not begin"))?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(syntax("it has text outside of all elements")),
        }
        Ok(())
    }
}

/// One of the five entities of XML, or a character by its number.
fn resolved(reference: &BytesRef<'_>) -> Result<String> {
    let name = reference.decode().map_err(|error| syntax(&error.to_string()))?;
    let character = reference.resolve_char_ref().map_err(|error| syntax(&error.to_string()))?;
    match character {
        Some(character) if is_forbidden(character) => Err(syntax("it holds a control character")),
        Some(character) => Ok(character.to_string()),
        None => resolve_predefined_entity(&name).map(ToOwned::to_owned).ok_or(Error::XmlDeclaration),
    }
}

/// What XML 1.0 section 2.2 does not count among its characters, and the control characters that it discourages.
fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn syntax(what: &str) -> Error {
    Error::XmlSyntax(what.chars().take(120).collect())
}

/// An element with a text, escaped.
pub(super) fn text(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>", escape(value))
}

/// An element around others that are written already; without any it stands alone.
pub(super) fn around(name: &str, inner: &str) -> String {
    if inner.is_empty() { format!("<{name}/>") } else { format!("<{name}>{inner}</{name}>") }
}
