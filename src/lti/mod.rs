//! The protocols towards tools and platforms, where they speak over HTTP.

pub mod fetch;
