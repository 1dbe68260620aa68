//! The least that a web server can do: a small JSON answer, without database, middleware or log.

use std::net::TcpListener;

use actix_web::web::Json;
use actix_web::{App, HttpServer, get};
use serde::Serialize;

#[derive(Serialize)]
struct Hello {
    message: &'static str,
}

#[get("/")]
async fn hello() -> Json<Hello> {
    Json(Hello { message: "hello" })
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    println!("listening on http://{}", listener.local_addr()?);
    HttpServer::new(|| App::new().service(hello)).listen(listener)?.run().await
}
