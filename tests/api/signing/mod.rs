//! The signature that opens every call of the API: what it covers, and what does not get past it.

mod bodies;
mod canonical;
mod concurrency;
mod credentials;
mod flips;
mod flood;
mod forged;
mod messages;
mod nonces;
mod parameters;
mod places;
mod replay;
mod restart;
mod shapes;
mod text;
mod timestamp;
mod timing;
pub mod vectors;

use examlink::clock::Random;
use examlink::domain::access::Role;
use examlink::domain::id::InstituteId;
use examlink::domain::secret::Secret;
use examlink::domain::text::{Email, Name};
use examlink::domain::user::{Credentials, NewUser};
use examlink::store::users;

use crate::world::{Person, World, nightly};

/// How often a long test runs: `often` in the nightly run.
fn rounds(usually: usize, often: usize) -> usize {
    if nightly() { often } else { usually }
}

/// One more administrator of the first institute, with a secret that the test chooses.
fn somebody_with(world: &World, secret: &str) -> Person {
    somebody(world, Credentials { secret_key: Secret::new(secret), ..Credentials::random(Random).unwrap() })
}

/// One more administrator of the first institute, with credentials that the test chooses.
fn somebody(world: &World, credentials: Credentials) -> Person {
    let email = Email::try_from(format!("{}@example.edu", &credentials.api_token.reveal()[..8])).unwrap();
    let name = Name::try_from("Somebody".to_owned()).unwrap();
    let institute = Some(InstituteId(world.institute));
    let new = NewUser::named(institute, email, name, Role::Administrator, world.clock.now());
    let given = credentials.clone();
    let insert = world.store.apply(move |tx| users::insert(tx, &new, &given));
    let user = actix_web::rt::System::new().block_on(insert).unwrap();
    Person::new(world.address, world.clock.clone(), user.id.0, &credentials)
}
