//! `keys rotate`: another key of this installation signs by LTI 1.3 from now on.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::cli::{Done, config, open};
use crate::clock::{Clock, Random};
use crate::platform::Platform;

/// Lets the next key sign, withdraws the one before if that is wanted, and prints `{"kid"}` of the one that signs.
pub fn rotate(file: Option<&Path>, withdraw: bool) -> Done {
    let config = config(file)?;
    actix_web::rt::System::new().block_on(async {
        let platform = Platform::start(open(&config)?, config.keys.clone(), Clock::system(), Random)?;
        println!("{}", json!({ "kid": platform.rotate(withdraw).await? }));
        Ok(ExitCode::SUCCESS)
    })
}
