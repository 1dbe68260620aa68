//! The e-mail with the link to the exam page, in the exam's language.

use crate::domain::Result;
use crate::domain::exam::{Exam, ExamStatus};
use crate::domain::id::StudentSessionId;
use crate::domain::institute::InstituteName;
use crate::domain::job::Job;
use crate::domain::secret::Secret;
use crate::domain::student_session::{SessionStatus, StudentSession, token_place};
use crate::domain::time::Timestamp;
use crate::jobs::mailer::{Letter, NotSent};
use crate::jobs::{Outcome, Sent, Worker};
use crate::store::{Tx, student_sessions};

/// The first line is the subject. A name in braces stands for what it names.
const LETTERS: [(&str, &str); 6] = [
    ("en", include_str!("letters/exam_link.en.txt")),
    ("fr", include_str!("letters/exam_link.fr.txt")),
    ("nl", include_str!("letters/exam_link.nl.txt")),
    ("de", include_str!("letters/exam_link.de.txt")),
    ("es", include_str!("letters/exam_link.es.txt")),
    ("no", include_str!("letters/exam_link.no.txt")),
];

/// Whom a letter goes to and what it says.
struct Facts {
    session: StudentSession,
    exam: Exam,
    institute: InstituteName,
    token: Secret,
}

/// Sends the link, unless the student or the exam no longer waits for it.
pub(super) async fn send(worker: &Worker, job: &Job, session: StudentSessionId) -> Outcome {
    let Some(mail) = &worker.mail else { return Outcome::Later("no mail server is set".into()) };
    let facts = match worker.store.query(move |tx| find(tx, session)).await {
        Ok(Some(facts)) => facts,
        Ok(None) => return Outcome::Void,
        Err(error) => return Outcome::Later(error.to_string()),
    };
    if facts.session.email.is_stand_in() {
        return Outcome::Never("the student's LMS keeps the address back".into());
    }
    let url = format!("{}/sessions/{}", worker.origin, facts.token.reveal());
    match mail.send(facts.letter(&url), &job.uid).await {
        Ok(()) => Outcome::Done(Sent::Letter),
        Err(NotSent::Later(why)) => Outcome::Later(why),
        Err(NotSent::Never(why)) => Outcome::Never(why),
    }
}

/// Notes that the letter left, or that it never will. A student who has gone on meanwhile stays where they are.
pub(super) fn note(tx: &mut Tx<'_>, session: StudentSessionId, sent: bool, now: Timestamp) -> Result<()> {
    let status = if sent { SessionStatus::EmailSent } else { SessionStatus::EmailBounced };
    student_sessions::note_email(tx, session, status, now)
}

fn find(tx: &mut Tx<'_>, session: StudentSessionId) -> Result<Option<Facts>> {
    let Some((session, exam, institute)) = student_sessions::with_exam(tx, session)? else { return Ok(None) };
    let waits = session.status == SessionStatus::BeforeCheckReqMail && !session.archived;
    if !waits || matches!(exam.status, ExamStatus::Closed | ExamStatus::Deleted) {
        return Ok(None);
    }
    let token = tx.keys().open(&session.token, token_place(session.id, session.institute_id))?;
    Ok(Some(Facts { session, exam, institute, token }))
}

impl Facts {
    fn letter(&self, url: &str) -> Letter {
        let language = self.exam.settings.exam_language.as_str();
        let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        // Norwegian goes by three tags.
        let primary = if matches!(primary.as_str(), "nb" | "nn") { "no" } else { &primary };
        let known = LETTERS.iter().find(|(tag, _)| *tag == primary).unwrap_or(&LETTERS[0]);
        let (subject, text) = known.1.split_once('\n').unwrap_or_default();
        Letter {
            name: self.session.name.to_string(),
            address: self.session.email.to_string(),
            subject: self.fill(subject, url),
            text: self.fill(text.trim_start(), url),
        }
    }

    /// Puts the values in, in one pass: what a name holds is never read as a placeholder.
    fn fill(&self, template: &str, url: &str) -> String {
        let mut pieces = template.split('{');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('}').unwrap_or((piece, ""));
            text.push_str(&self.value(name, url));
            text.push_str(rest);
        }
        text
    }

    fn value(&self, name: &str, url: &str) -> String {
        match name {
            "student" => self.session.name.to_string(),
            "exam" => self.exam.settings.name.to_string(),
            "institute" => self.institute.name.to_string(),
            "url" => url.to_owned(),
            "opens" => self.session.opens_at(&self.exam).map_or_else(|| "–".into(), |at| self.local(at)),
            _ => String::new(),
        }
    }

    /// A time as the exam's clock shows it.
    fn local(&self, at: Timestamp) -> String {
        let zone = self.exam.settings.timezone.rules();
        format!("{} ({zone})", at.local(zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_subject_and_says_all_that_a_student_needs() {
        for (language, letter) in LETTERS {
            let (subject, text) = letter.split_once('\n').unwrap();
            assert!(subject.contains("{exam}"), "{language}");
            for name in ["{student}", "{exam}", "{institute}", "{url}", "{opens}"] {
                assert!(text.contains(name), "{language}: {name}");
            }
            let known = letter.split('{').skip(1).map(|rest| rest.split('}').next().unwrap());
            for name in known {
                assert!(["student", "exam", "institute", "url", "opens"].contains(&name), "{language}: {name}");
            }
        }
    }
}
