//! What a person is called here.

use crate::domain::text::{Email, Label, Name};

/// The name of a person, as far as an LMS tells it.
#[derive(Clone, Copy, Debug)]
pub struct Names<'a> {
    /// The whole name.
    pub full: Option<&'a str>,
    /// The given name.
    pub given: Option<&'a str>,
    /// The family name.
    pub family: Option<&'a str>,
}

impl Names<'_> {
    /// The full name, or what is given of it; else the address, or what the LMS knows the person by. Nothing where even
    /// that has no visible character.
    pub fn shown(&self, email: Option<&Email>, user_id: &Label) -> Option<Name> {
        let parts = format!("{} {}", self.given.unwrap_or_default(), self.family.unwrap_or_default());
        let told = self.full.and_then(Name::fitting).or_else(|| Name::fitting(&parts));
        let told = told.or_else(|| Name::fitting(email?.as_str()));
        told.or_else(|| Name::fitting(&format!("Student {user_id}")))
    }
}
