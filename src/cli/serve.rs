//! `serve`, `migrate` and `config check`.

use std::path::Path;
use std::process::ExitCode;

use crate::cli::{Done, config, open, settings};
use crate::clock::{Clock, Random};
use crate::server::{Parts, Server, listen};
use crate::store::migrate;
use crate::telemetry;

/// Starts the server and runs it until it is told to stop. Says on standard output where it listens.
pub fn run(file: Option<&Path>) -> Done {
    let settings = settings(file)?;
    let config = settings.check(Random)?;
    let _logging = telemetry::log_json(&settings.log).map_err(|error| error.to_string())?;
    actix_web::rt::System::new().block_on(async {
        let store = open(&config)?;
        let parts = Parts { clock: Clock::system(), random: Random, test_tool: None };
        let server = Server::build(&config, listen(config.listen)?, store, parts)?;
        println!("listening on http://{}", server.address);
        server.prepare_keys();
        server.run().await?;
        Ok(ExitCode::SUCCESS)
    })
}

/// Brings the database to this program's schema.
pub fn migrate(file: Option<&Path>) -> Done {
    let ran = migrate::run(&config(file)?.database)?;
    println!(
        "{}",
        if ran.is_empty() { "the database is up to date".into() } else { format!("migrated: {}", ran.join(", ")) }
    );
    Ok(ExitCode::SUCCESS)
}

/// Checks the settings and prints them; secrets print as `***`.
pub fn check(file: Option<&Path>) -> Done {
    let settings = settings(file)?;
    settings.check(Random)?;
    println!("{settings:#?}");
    Ok(ExitCode::SUCCESS)
}
