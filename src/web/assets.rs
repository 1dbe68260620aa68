//! The style sheet and the scripts, compiled in.

use actix_web::{HttpResponse, get};

#[get("/assets/exam.css")]
pub async fn style() -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("assets/exam.css"))
}

#[get("/assets/launch.js")]
pub async fn launch_script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("assets/launch.js"))
}

#[get("/assets/platform-storage.js")]
pub async fn storage_script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("assets/platform-storage.js"))
}

#[get("/assets/login-state.js")]
pub async fn login_script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("assets/login-state.js"))
}

#[get("/assets/close.js")]
pub async fn close_script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("assets/close.js"))
}

fn asset(media_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(media_type).insert_header(("Cache-Control", "public, max-age=3600")).body(text)
}
