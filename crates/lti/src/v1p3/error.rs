//! What a message of LTI 1.3 can break: one variant per rule, its first line names where the rule stands.

/// A result of the core of LTI 1.3.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The rule that was broken. The text names the field and the way out, and never holds a key, a token or a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// RFC 7517 section 5: a key set is a JSON object with the list `keys`.
    #[error("the key set is not valid: {0}; it must be a JSON object with the list \"keys\"")]
    KeySet(String),
    /// No tool needs more: a larger set is an attack on memory.
    #[error("the key set is larger than {most} {unit}; remove old keys")]
    KeySetSize {
        /// How much it may hold.
        most: usize,
        /// Of what.
        unit: &'static str,
    },
    /// LTI Security Framework section 6.3: the key is found by its id.
    #[error("the key set has no key with the kid of the token; publish the key before it signs")]
    KeyUnknown,
    /// LTI Security Framework section 6.3: an id names one key.
    #[error("the key set has two different keys with one kid; give each key a kid of its own")]
    KeyRepeated,
    /// RFC 7517 section 9.2: private keys stay private.
    #[error("the key holds its private part \"{0}\"; make a new key pair and publish only the public part")]
    KeyPrivate(&'static str),
    /// LTI Security Framework section 6.1: RS256; ES256 is taken beside it.
    #[error("the key is of no kind that is taken here; use RSA with RS256, or P-256 with ES256")]
    KeyKind,
    /// RFC 7517 section 4.2: a key for encryption signs nothing.
    #[error("the key says that it is not for signatures; set \"use\" to \"sig\"")]
    KeyUse,
    /// RFC 7518 sections 6.2.1 and 6.3.1: numbers are base64url of big-endian bytes.
    #[error("\"{0}\" of the key is not a number in base64url; export the key anew")]
    KeyNumber(&'static str),
    /// RFC 7518 section 3.3: at least 2048 bits; beyond 8192 a signature costs too much to check.
    #[error("the RSA key has {0} bits or an even modulus; use one of 2048 to 8192 bits")]
    KeyModulus(usize),
    /// RFC 8017 section 3.1: the exponent is an odd number from 3 on.
    #[error("the exponent of the RSA key is even or out of range; use 65537")]
    KeyExponent,
    /// RFC 7518 section 6.2.1: the coordinates are those of a point on the curve.
    #[error("\"x\" and \"y\" are no point on the curve P-256; export the key anew")]
    KeyPoint,
    /// RFC 7468 section 13: a public key in PEM.
    #[error("the text is no public key in PEM; it begins with -----BEGIN PUBLIC KEY-----")]
    KeyPem,
    /// RFC 5208: a private RSA key in PKCS#8.
    #[error("the private key is no RSA key of 2048 to 8192 bits in PKCS#8")]
    KeyPkcs8,
    /// The library that signs has failed.
    #[error("the token could not be signed")]
    Signing,

    /// RFC 7515 section 3.1: header, payload and signature, with dots between them.
    #[error("the token has not three parts; send header, payload and signature with dots between them")]
    TokenParts,
    /// No message comes near this size.
    #[error("the token is longer than {0} bytes")]
    TokenSize(usize),
    /// RFC 7515 section 3: each part is base64url without padding, the first two of JSON objects.
    #[error("the {part} of the token is not valid: {why}")]
    TokenPart {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// LTI Security Framework section 6.1: a fixed list of algorithms, never `none` and never a shared secret.
    #[error("the token is signed by \"{0}\"; use RS256 or ES256")]
    Algorithm(String),
    /// RFC 7515 section 4.1.11: an extension that must be understood and is not.
    #[error("the header of the token holds \"crit\"; no extension is understood here")]
    Critical,
    /// LTI Security Framework section 6.3: the header names the key.
    #[error("the header of the token has no kid, or one of more than 255 bytes; name the key that signed")]
    Kid,
    /// RFC 7515 section 10.7: the algorithm is the one that the key is for.
    #[error("the token is signed by another algorithm than its key is for")]
    AlgorithmOfKey,
    /// RFC 7515 section 5.2: the signature is that of the key.
    #[error("the signature of the token does not match; sign with the key that kid names")]
    Signature,

    /// LTI 1.3 core section 5, LTI Security Framework section 5: a required claim.
    #[error("{0} is missing or empty")]
    Missing(&'static str),
    /// LTI 1.3 core section 5: a claim has a type.
    #[error("{claim} must be {form}")]
    Form {
        /// The claim or parameter.
        claim: &'static str,
        /// What it must be.
        form: &'static str,
    },
    /// OpenID Connect Core section 3.1.2.1: a parameter appears once.
    #[error("{0} is given more than once")]
    Repeated(String),
    /// No message comes near this length.
    #[error("{name} is longer than {most} bytes")]
    TooLong {
        /// The claim or parameter.
        name: &'static str,
        /// How many bytes it may have.
        most: usize,
    },
    /// LTI 1.3 core sections 3.1.3 and 5.3: ids have up to 255 printable characters of ASCII.
    #[error("{0} is no id; it must be 1 to 255 printable characters of ASCII")]
    Id(&'static str),
    /// LTI 1.3 core section 5.3.2: addresses are absolute.
    #[error("{name}: {why}")]
    Url {
        /// The claim or parameter.
        name: &'static str,
        /// What is wrong with it.
        why: crate::Error,
    },
    /// LTI 1.3 core section 5.4.6: what is a platform's own is named by a URL of its own.
    #[error("\"{0}\" is no name of a claim of our own; name it by a URL outside purl.imsglobal.org")]
    VendorClaim(String),

    /// OpenID Connect Core section 3.1.3.7: the token is by whom it must be.
    #[error("iss is not the one that the key belongs to")]
    Issuer,
    /// OpenID Connect Core section 3.1.3.7: the token is for us.
    #[error("aud does not name this system")]
    Audience,
    /// OpenID Connect Core section 3.1.3.7: other audiences need an azp that says whom the token was made for.
    #[error("aud names others beside this system and azp does not name it; send this system alone")]
    AudienceOfOthers,
    /// OpenID Connect Core section 3.1.3.7: azp, where given, is the client.
    #[error("azp is not the client id")]
    AuthorizedParty,
    /// RFC 7519 section 4.1.4: the token has ended.
    #[error("the token ended at exp {expires}; it is {now} here: send it at once, and set the clock")]
    Expired {
        /// What the token says, in seconds since 1970.
        expires: u64,
        /// The time here.
        now: u64,
    },
    /// LTI Security Framework section 4.1.1: a token lives minutes.
    #[error("the token lives {life} s from iat to exp; no more than {longest} s are taken")]
    LongLife {
        /// How long it lives, in seconds.
        life: u64,
        /// How long it may live.
        longest: u64,
    },
    /// OpenID Connect Core section 2: the token was made before it arrived.
    #[error("iat {issued} is in the future; it is {now} here: set the clock")]
    FromTheFuture {
        /// What the token says, in seconds since 1970.
        issued: u64,
        /// The time here.
        now: u64,
    },
    /// RFC 7519 section 4.1.5: the token does not count yet.
    #[error("nbf {from} is in the future; it is {now} here: set the clock")]
    NotYet {
        /// What the token says, in seconds since 1970.
        from: u64,
        /// The time here.
        now: u64,
    },
    /// OpenID Connect Core section 3.1.3.7: the nonce is the one of the request.
    #[error("nonce is not the one of the request")]
    Nonce,
    /// RFC 7523 section 3: the subject of a client's assertion is the client.
    #[error("sub is not the client id, which iss names")]
    Subject,

    /// LTI 1.3 core section 5.3.1: the type of the message.
    #[error("message_type is \"{0}\", which does not belong here")]
    MessageType(String),
    /// LTI Deep Linking 2.0 section 2.2, Submission Review 1.0: choosing content and others' work is for staff.
    #[error("{0} is not for the roles of this person")]
    Role(&'static str),
    /// LTI 1.3 core section 3.1.3: a client may be deployed several times, and one deployment is not another.
    #[error("deployment_id is not the one that this belongs to")]
    Deployment,
    /// LTI 1.3 core section 5.3.2: the version.
    #[error("version is \"{0}\"; it must be 1.3.0")]
    Version(String),

    /// OpenID Connect Core section 3.1.2.1: the client is the one that was registered.
    #[error("client_id is not the one of this registration")]
    Client,
    /// OpenID Connect Core section 3.1.2.1: the address is one that was registered, letter for letter.
    #[error("redirect_uri is none of the registered ones; register it exactly as it is sent")]
    RedirectUri,

    /// LTI 1.3 migration guide: the proof is that of the holder of the old secret.
    #[error("oauth_consumer_key_sign does not match; sign with the secret of the old key")]
    MigrationProof,
    /// RFC 6749 section 5.1: what a token endpoint answers.
    #[error("the answer of the token endpoint is not valid: {0}")]
    TokenAnswer(String),
}
