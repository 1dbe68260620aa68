//! Values and rules of an exam platform, without I/O: what exists, what is valid, who may do what.
//!
//! A value of a type in here has been checked. How it is stored is `store`'s business, how it looks on the wire `api`'s.

#[macro_use]
mod column;
pub mod access;
pub mod arrival;
pub mod assessment_control;
pub mod attachment;
pub mod chosen_item;
pub mod chosen_link;
pub mod departure;
pub mod document;
pub mod error;
pub mod exam;
pub mod grade_return;
pub mod id;
pub mod identity_provider;
pub mod institute;
pub mod instructions;
pub mod job;
pub mod launch;
pub mod line_item;
pub mod line_item_score;
pub mod link_times;
pub mod lti_consumer;
pub mod lti_learner;
pub mod lti_placement;
pub mod lti_platform;
pub mod lti_registration;
pub mod lti_resource;
pub mod lti_urls;
pub mod member;
pub mod notice;
pub mod outcome;
pub mod placeholder;
pub mod platform_key;
pub mod proctoring;
pub mod result;
pub mod roster;
pub mod secret;
pub mod selection;
pub mod service_call;
pub mod student_session;
pub mod submission_review;
pub mod text;
pub mod time;
pub mod tool_deployment;
pub mod tool_provider;
pub mod tool_registration;
pub mod tool_settings;
pub mod user;
pub mod version;

pub use error::{Error, FieldError, Result};
