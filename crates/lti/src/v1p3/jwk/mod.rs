//! Keys (RFC 7517, RFC 7518; LTI Security Framework, section 6).
//!
//! Ours: a [`SigningKey`], whose [`public`](SigningKey::public) part goes into the [`KeySet`] that we publish. Theirs: a
//! [`KeySet`] that was fetched, or one [`PublicKey`] that was pasted.

mod public_key;
mod set;
mod signing;

pub use public_key::PublicKey;
pub use set::{KeySet, MOST_BYTES, MOST_KEYS};
pub use signing::SigningKey;
