//! A set of keys, ours to publish or a tool's that was fetched.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::PublicKey;
use crate::v1p3::{Error, Result};

/// How many bytes a key set may have.
pub const MOST_BYTES: usize = 256 * 1024;
/// How many keys a key set may have.
pub const MOST_KEYS: usize = 100;

/// Keys by their `kid`. A key that cannot be used says why when it is asked for, and does not spoil the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet(HashMap<String, Result<PublicKey>>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a JSON Web Key Set. A key without `kid` is passed over, as no token can name it. Two different keys with one
    /// `kid` can both not be used: which of them was meant, nobody knows.
    ///
    /// Fails with [`Error::KeySet`] and [`Error::KeySetSize`].
    pub fn from_json(json: &[u8]) -> Result<Self> {
        if json.len() > MOST_BYTES {
            return Err(Error::KeySetSize { most: MOST_BYTES, unit: "bytes" });
        }
        let document: Document = serde_json::from_slice(json).map_err(|error| Error::KeySet(error.to_string()))?;
        if document.keys.len() > MOST_KEYS {
            return Err(Error::KeySetSize { most: MOST_KEYS, unit: "keys" });
        }
        let mut set = Self::default();
        for value in &document.keys {
            if let Some(kid) = value.get("kid").and_then(Value::as_str) {
                set.put(kid, PublicKey::from_jwk(value));
            }
        }
        Ok(set)
    }

    fn put(&mut self, kid: &str, key: Result<PublicKey>) {
        match self.0.entry(kid.to_owned()) {
            Entry::Vacant(place) => {
                place.insert(key);
            }
            Entry::Occupied(mut place) if *place.get() != key => {
                *place.get_mut() = Err(Error::KeyRepeated);
            }
            Entry::Occupied(_) => {}
        }
    }

    /// The key that a token names.
    ///
    /// Fails with [`Error::KeyUnknown`], after which the set may be fetched anew; with [`Error::KeyRepeated`]; and with
    /// what is wrong with the key.
    pub fn find(&self, kid: &str) -> Result<&PublicKey> {
        self.0.get(kid).ok_or(Error::KeyUnknown)?.as_ref().map_err(Clone::clone)
    }

    /// Whether a key goes by this id, usable or not.
    pub fn knows(&self, kid: &str) -> bool {
        self.0.contains_key(kid)
    }

    /// How many keys can be used.
    pub fn usable(&self) -> usize {
        self.keys().len()
    }

    fn keys(&self) -> Vec<&PublicKey> {
        self.0.values().filter_map(|key| key.as_ref().ok()).collect()
    }
}

/// Keys without `kid` are left out.
impl FromIterator<PublicKey> for KeySet {
    fn from_iter<I: IntoIterator<Item = PublicKey>>(keys: I) -> Self {
        let mut set = Self::default();
        for key in keys {
            if let Some(kid) = key.kid().map(str::to_owned) {
                set.put(&kid, Ok(key));
            }
        }
        set
    }
}

/// Writes `{"keys": […]}`, in the order of the ids.
impl Serialize for KeySet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut keys: Vec<_> = self.keys().into_iter().map(PublicKey::jwk).collect();
        keys.sort_by(|one, other| one.common.key_id.cmp(&other.common.key_id));
        let mut document = serializer.serialize_struct("KeySet", 1)?;
        document.serialize_field("keys", &keys)?;
        document.end()
    }
}
