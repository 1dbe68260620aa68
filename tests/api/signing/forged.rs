//! Requests whose signature fits nothing, for tests that send very many.

use crate::world::NOW;

/// A call of the API with a signature that fits nothing.
pub fn badly_signed(token: &str, nonce: usize) -> String {
    let signature = "0".repeat(64);
    format!(
        "GET /api/v3/institutes?nonce={nonce}&timestamp={NOW}&signature={signature} HTTP/1.1\r\n\
         Host: localhost\r\nAuthorization: Token token={token}\r\n\r\n"
    )
}

/// The same with a message signature that fits nothing.
pub fn badly_signed_message(token: &str, nonce: usize) -> String {
    let (created, signature) = (NOW / 1_000, format!("{}=", "A".repeat(43)));
    format!(
        "GET /api/v3/institutes HTTP/1.1\r\nHost: localhost\r\n\
         Signature-Input: sig1=(\"@method\" \"@target-uri\");created={created};nonce=\"{nonce}\";keyid=\"{token}\"\r\n\
         Signature: sig1=:{signature}:\r\n\r\n"
    )
}
