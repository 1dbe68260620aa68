//! Rosters: who takes exams in a course, as its LMS lists them (NRPS 2.0). Nothing of one is stored.

use std::collections::{BTreeMap, HashSet};

use examlink_lti::v1p3::nrps::{Member, Status};

use crate::domain::arrival::{Names, takes_exams};
use crate::domain::text::{Email, Label, Name};

/// People of one course at most.
const MOST: usize = 2_000;

/// The learners of a course who take part in it, by what the LMS knows them by.
#[derive(Debug, Default)]
pub struct Roster {
    learners: BTreeMap<Label, Name>,
    /// Whether the course has more people than were read.
    pub cut: bool,
}

impl Roster {
    /// Adds the learners of a page. `false` when no further page is to be read: then the rest is cut.
    pub fn add(&mut self, members: Vec<Member>) -> bool {
        self.learners.extend(members.into_iter().filter_map(learner));
        while self.learners.len() > MOST {
            self.learners.pop_last();
            self.cut = true;
        }
        self.learners.len() < MOST
    }

    /// The names of those who are none of `opened`, in alphabetical order.
    pub fn without(&self, opened: &HashSet<Label>) -> Vec<&Name> {
        let missing = self.learners.iter().filter(|(user_id, _)| !opened.contains(user_id));
        let mut names: Vec<&Name> = missing.map(|(_, name)| name).collect();
        names.sort_by_cached_key(|name| name.as_str().to_lowercase());
        names
    }
}

/// Somebody who takes exams and may come. Platforms may pass over the role that was asked for, and list who has left
/// (NRPS 2.0, role query parameter and membership status). Whom no launch could bring is left out.
fn learner(member: Member) -> Option<(Label, Name)> {
    if member.status != Status::Active || !takes_exams(&member.roles) {
        return None;
    }
    let user_id = Label::try_from(member.user_id).ok()?;
    let email = member.email.and_then(|address| Email::try_from(address.trim().to_owned()).ok());
    let (full, given, family) = (&member.name, &member.given_name, &member.family_name);
    let names = Names { full: full.as_deref(), given: given.as_deref(), family: family.as_deref() };
    let name = names.shown(email.as_ref(), &user_id)?;
    Some((user_id, name))
}

#[cfg(test)]
mod tests {
    use examlink_lti::v1::roles::Role;

    use super::*;

    fn member(user_id: String, roles: &[Role]) -> Member {
        Member { user_id, roles: roles.to_vec(), ..Member::default() }
    }

    #[test]
    fn a_roster_ends_somewhere() {
        let mut roster = Roster::default();
        let page = |from: usize, to: usize| (from..to).map(|n| member(n.to_string(), &[Role::LEARNER])).collect();
        assert!(roster.add(page(0, MOST - 1)) && !roster.cut);
        assert!(!roster.add(page(MOST - 2, MOST)) && !roster.cut, "somebody may stand on two pages");
        assert!(!roster.add(page(MOST, MOST + 5)) && roster.cut);
        assert_eq!(roster.without(&HashSet::new()).len(), MOST);
    }

    #[test]
    fn people_are_known_by_what_the_lms_calls_them_however_it_is_written() {
        let mut roster = Roster::default();
        let learner = |id: &str| member(id.into(), &[Role::LEARNER]);
        // The same é as one character and as two.
        let pages =
            vec![learner("Ren\u{e9}"), learner("b"), Member { email: Some("a@x.example".into()), ..learner("a") }];
        roster.add(pages);
        let opened = HashSet::from([Label::try_from("Rene\u{301}".to_owned()).unwrap()]);
        let names: Vec<&str> = roster.without(&opened).into_iter().map(Name::as_str).collect();
        assert_eq!(names, ["a@x.example", "Student b"]);
    }
}
