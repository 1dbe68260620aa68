//! `keys rotate`: another key of this installation signs by LTI 1.3 from now on.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::cli::{Done, config};
use crate::clock::{Clock, Random};
use crate::domain::Error;
use crate::domain::platform_key::{NewPair, signing};
use crate::store::{Tx, apply_beside, platform_keys};

/// Lets the next key sign and prints its `{"kid"}`. The one before stays published for a day, unless it is withdrawn: then
/// no token that it signed is good any more. Servers that run follow within a minute.
pub fn rotate(file: Option<&Path>, withdraw: bool) -> Done {
    let config = config(file)?;
    let (pair, now) = (NewPair::read(&Random.rsa_key()?)?, Clock::system().now());
    let kid = apply_beside(&config.database, &config.keys, |tx: &mut Tx<'_>| {
        platform_keys::rotate(tx, &pair, withdraw, now)?;
        let published = platform_keys::published(tx, now)?;
        let missing = || Error::Internal("there is no key to sign with".into());
        Ok(signing(&published, now).ok_or_else(missing)?.open(tx.keys())?.kid().to_owned())
    })?;
    println!("{}", json!({ "kid": kid }));
    Ok(ExitCode::SUCCESS)
}
