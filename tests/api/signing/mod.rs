//! The signature that opens every call of the API: what it covers, and what does not get past it.

mod restart;
