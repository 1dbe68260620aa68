//! `superuser create`: the only way to make one.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::cli::{Done, config, open};
use crate::clock::{Clock, Random};
use crate::domain::access::Role;
use crate::domain::text::{Email, Name};
use crate::domain::user::{Credentials, NewUser};
use crate::store::users;

/// Creates a superuser and prints `{"id","api_token","secret_key"}`, once.
pub fn create(file: Option<&Path>, email: String, name: String) -> Done {
    let (email, name) = (Email::try_from(email)?, Name::try_from(name)?);
    let new = NewUser::named(None, email, name, Role::Superuser, Clock::system().now());
    let credentials = Credentials::random(Random)?;
    let config = config(file)?;
    actix_web::rt::System::new().block_on(async {
        let store = open(&config)?;
        let sealed = credentials.clone();
        let user = store.apply(move |tx| users::insert(tx, &new, &sealed)).await?;
        let (api_token, secret_key) = (credentials.api_token.reveal(), credentials.secret_key.reveal());
        println!("{}", json!({ "id": user.id, "api_token": api_token, "secret_key": secret_key }));
        Ok(ExitCode::SUCCESS)
    })
}
