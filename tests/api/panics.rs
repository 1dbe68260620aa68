//! A part of the program that panics fails its own request and nothing else.

use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpResponse, HttpServer, web};
use examlink::clock::Clock;
use examlink::domain::institute::NewInstitute;
use examlink::domain::text::Name;
use examlink::domain::{Error, Result};
use examlink::store::{Tx, institutes};
use examlink::telemetry;
use futures_util::future::join_all;

use crate::world::{Reply, World, http};

/// A server with one worker, whose handlers panic, behind the same wrapping as every handler of the program.
struct Fragile {
    address: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
}

async fn at_once() -> HttpResponse {
    panic!("a value of the request")
}

async fn after_a_while() -> HttpResponse {
    actix_web::rt::time::sleep(std::time::Duration::from_millis(5)).await;
    panic!("a value of the request")
}

async fn sound() -> HttpResponse {
    HttpResponse::Ok().body("sound")
}

impl Fragile {
    fn start() -> Self {
        let (sender, started) = mpsc::channel();
        let thread = thread::spawn(move || {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            actix_web::rt::System::new().block_on(async move {
                let app = || {
                    App::new()
                        .wrap(from_fn(telemetry::watch))
                        .route("/at_once", web::get().to(at_once))
                        .route("/after_a_while", web::get().to(after_a_while))
                        .route("/sound", web::get().to(sound))
                };
                let server = HttpServer::new(app).workers(1).disable_signals().listen(listener).unwrap().run();
                sender.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = started.recv().unwrap();
        Self { address, handle, thread: Some(thread) }
    }

    fn get(&self, path: &str) -> Reply {
        let request = http().get(format!("http://{}{path}", self.address));
        request.header("X-Request-Id", "request-of-a-client").send().expect("the server answers").into()
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        self.thread.take().unwrap().join().unwrap();
    }
}

#[test]
fn flt_18_a_handler_that_panics_is_answered_with_a_problem_and_the_server_lives() {
    let server = Fragile::start();
    for _ in 0..3 {
        for path in ["/at_once", "/after_a_while"] {
            let reply = server.get(path);
            reply.refused(500, "internal_error");
            assert_eq!(reply.header("content-type"), "application/problem+json; charset=utf-8");
            assert_eq!(
                (reply.header("x-request-id"), &reply.json["request_id"]),
                ("request-of-a-client", &"request-of-a-client".into())
            );
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
            assert!(!reply.text.contains("a value of the request"), "{}", reply.text);
        }
        assert_eq!(server.get("/sound").text, "sound");
    }
}

/// Writes an institute, and panics where it is told to.
fn found(tx: &mut Tx<'_>, number: usize, breaks: bool, clock: &Clock) -> Result<()> {
    let name = |text: String| Name::try_from(text).unwrap();
    institutes::insert(tx, &NewInstitute::named(name(format!("Institute {number}")), name("I".into()), clock.now()))?;
    assert!(!breaks, "a value of the request");
    Ok(())
}

/// On the reading threads and on the writing ones, more often than there are threads.
#[test]
fn flt_18_a_query_that_panics_is_rolled_back_and_its_connection_serves_on() {
    let world = World::new();
    let before = world.database.rows("institutes");
    actix_web::rt::System::new().block_on(async {
        for round in 0..3 {
            let write = |number: usize| {
                let clock = world.clock.clone();
                world.store.apply(move |tx| found(tx, 8 * round + number, number % 2 == 1, &clock))
            };
            for (number, outcome) in join_all((0..8).map(write)).await.into_iter().enumerate() {
                assert_eq!(matches!(outcome, Err(Error::Internal(_))), number % 2 == 1, "{outcome:?}");
            }
            let read = world.store.query(|_| -> Result<()> { panic!("a value of the request") }).await;
            assert!(matches!(read, Err(Error::Internal(_))), "{read:?}");
        }
    });
    assert_eq!(world.database.rows("institutes"), before + 12);
    assert_eq!(world.teacher.get(&format!("/exams/{}", world.exam()["id"])).status, 200);
}
