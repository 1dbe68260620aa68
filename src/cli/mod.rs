//! What each command of the command line does.

pub mod call;
pub mod demo;
pub mod keys;
pub mod launch;
pub mod seed;
pub mod serve;
pub mod sign;
pub mod superuser;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use crate::api;
use crate::clock::{Clock, Random};
use crate::config::{Config, Settings};
use crate::store::{Store, migrate};

/// How a command ends.
pub type Done = Result<ExitCode, Box<dyn Error>>;

/// Prints the OpenAPI document.
pub fn openapi() -> Done {
    print!("{}", api::openapi::json()?);
    Ok(ExitCode::SUCCESS)
}

/// The settings of this process.
fn settings(file: Option<&Path>) -> Result<Settings, Box<dyn Error>> {
    Ok(Settings::read(file, std::env::vars())?)
}

/// Migrates the database and opens it.
fn open(config: &Config) -> Result<Store, Box<dyn Error>> {
    for version in migrate::run(&config.database)? {
        tracing::info!(version, "migrated");
    }
    let (readers, kept) = (config.database_readers, config.launch_log_kept);
    Ok(Store::open(&config.database, &config.keys, &Clock::system(), readers, kept)?)
}

/// Settings, checked.
fn config(file: Option<&Path>) -> Result<Config, Box<dyn Error>> {
    Ok(settings(file)?.check(Random)?)
}
