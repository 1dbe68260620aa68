//! The protocols' own URLs, for tools and not for people: what they ask and in which words they are refused. What a
//! browser brings from a tool is a page, and in `web`.

mod profile;
mod signed;
mod tool_settings;

use actix_web::web::ServiceConfig;

/// Every route of the protocols.
pub fn routes(server: &mut ServiceConfig) {
    server
        .service(profile::show_profile)
        .service(tool_settings::show_tool_settings)
        .service(tool_settings::replace_tool_settings);
}
