//! How far a piece of work and its grading are (AGS 2.0, score service).

/// How far the student is: `activityProgress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivityProgress {
    /// Not begun, or begun anew.
    Initialized,
    /// Begun.
    Started,
    /// Being worked on.
    InProgress,
    /// Handed in, may be handed in again.
    Submitted,
    /// Done.
    Completed,
}

impl ActivityProgress {
    /// Every value under its name on the wire.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("Initialized", Self::Initialized),
        ("Started", Self::Started),
        ("InProgress", Self::InProgress),
        ("Submitted", Self::Submitted),
        ("Completed", Self::Completed),
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}

/// How far the grading is: `gradingProgress`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GradingProgress {
    /// The score is final.
    FullyGraded,
    /// Goes on by itself; the score may change.
    Pending,
    /// Waits for a person.
    PendingManual,
    /// Could not be done.
    Failed,
    /// Nothing to grade yet.
    NotReady,
}

impl GradingProgress {
    /// Every value under its name on the wire.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("FullyGraded", Self::FullyGraded),
        ("Pending", Self::Pending),
        ("PendingManual", Self::PendingManual),
        ("Failed", Self::Failed),
        ("NotReady", Self::NotReady),
    ];

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].0
    }
}
