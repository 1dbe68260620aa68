//! The protocols alone, in one thread: how many outcomes a second are verified and read, how many launches are signed,
//! and how many tokens of launches are written and signed, beside as many bare signatures.
//! `script/bench` prints it beside Python doing the same.

use std::time::{Duration, Instant};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::launch::{
    Context, Launch, LaunchUrl, OutcomeTarget, Presentation, ResourceLink, ToolConsumer, User,
};
use examlink_lti::v1::oauth1::{SignatureMethod, TimeWindow, UnverifiedMessage};
use examlink_lti::v1::outcomes::{Action, OutcomeRequest, Replacement, Score};
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::id_token::{IdToken, Lis, Profile};
use examlink_lti::v1p3::jwk::SigningKey;
use examlink_lti::v1p3::jwt;
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::{Result, Secret};

/// As the server has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const OUTCOMES: &str = "https://exams.example/lti/1.1/outcomes";
const NOW: u64 = 1_790_000_000;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let credentials = Credentials {
        consumer_key: "exam2026institute4key1".into(),
        secret: Secret::new("s3cretOfTheToolProvider"),
        method: SignatureMethod::HmacSha1,
    };
    let stamp = Stamp::new("0123456789abcdef0123", NOW)?;
    let replacement = Replacement { score: Score::new(0.83), ..Replacement::default() };
    let request = OutcomeRequest {
        message_id: "1".into(),
        sourcedid: "1234-56-00112233445566778899aabbccddeeff".into(),
        action: Action::Replace(replacement),
    };
    let body = request.to_xml();
    let header = credentials.authorize(&stamp, "POST", OUTCOMES, body.as_bytes())?;
    let window = TimeWindow { now: NOW, seconds: 300 };
    let outcome = || -> Result<usize> {
        let message = UnverifiedMessage::read("POST", OUTCOMES, &header, body.as_bytes())?;
        let message = message.verify(&credentials.secret, window)?;
        OutcomeRequest::read(&message).map(|request| request.sourcedid.len()).map_err(|refused| refused.error)
    };
    let (url, launch) = (LaunchUrl::parse("https://tool.example/launch?course=7", false)?, launch());
    let sign = || launch.clone().sign(&url, &credentials, &stamp).map(|form| form.fields.len());
    let pair = KeyPair::generate(KeySize::Rsa2048)?;
    let key = SigningKey::from_pkcs8(AsDer::<Pkcs8V1Der<'_>>::as_der(&pair)?.as_ref())?;
    let message = id_token();
    let write = || message.claims("n-0123456789abcdef", NOW, 300).and_then(|claims| jwt::sign(&claims, &key));
    let length = write()?.len();
    let (said, mut signature) = (vec![b'x'; length], vec![0; 256]);
    let bare = || pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &said, &mut signature).map(|()| length);
    println!(
        "{{\"outcome\": {}, \"launch\": {}, \"id_token\": {}, \"rs256\": {}}}",
        rate(outcome)?,
        rate(sign)?,
        rate(|| write().map(|token| token.len()))?,
        rate(bare)?
    );
    Ok(())
}

/// How often a second it runs.
fn rate<E>(mut run: impl FnMut() -> std::result::Result<usize, E>) -> std::result::Result<u64, E> {
    let (started, mut count) = (Instant::now(), 0_u64);
    while started.elapsed() < Duration::from_secs(2) {
        for _ in 0..100 {
            std::hint::black_box(run()?);
        }
        count += 100;
    }
    Ok(count * 1_000 / u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX))
}

fn id_token() -> IdToken {
    let Launch { resource_link, user, context, consumer, .. } = launch();
    IdToken {
        issuer: "https://exams.example".into(),
        client_id: "9f86d081884c7d659a2feaa0c55ad015".into(),
        deployment_id: "a3bf4f1b2b0b822c".into(),
        target_link_uri: "https://tool.example/launch?course=7".into(),
        message_type: MessageType::ResourceLink,
        resource_link: Some(resource_link),
        user,
        profile: Profile::default(),
        test_user: false,
        mentor_of: Vec::new(),
        context,
        platform: consumer,
        presentation: Presentation::default(),
        lis: Lis::default(),
        custom: Vec::new(),
        services: Vec::new(),
        vendor: Vec::new(),
    }
}

fn launch() -> Launch {
    let text = |text: &str| Some(text.to_owned());
    Launch {
        resource_link: ResourceLink { id: "8f14e45fceea167a".into(), title: text("Quiz"), description: None },
        user: User {
            id: text("45c48cce2e2d7fbd"),
            roles: vec![Role::LEARNER],
            full_name: text("Sam Student"),
            email: text("sam@example.edu"),
            ..User::default()
        },
        context: Context { id: text("9f86d081884c7d65"), title: text("Algebra"), label: text("Algebra"), kind: None },
        consumer: ToolConsumer {
            product_family_code: text("examlink"),
            version: text("0.1.0"),
            instance_guid: text("institute-1.exams.example"),
            instance_name: text("University"),
            instance_url: text("https://exams.example"),
            ..ToolConsumer::default()
        },
        outcome: Some(OutcomeTarget { service_url: OUTCOMES.into(), sourcedid: "1234-56-00112233".into() }),
        ..Launch::default()
    }
}
