//! Why two base strings differ, in words.

/// Declares the causes, each with its stable name and what to tell people.
macro_rules! causes {
    ($($(#[$doc:meta])* $cause:ident = $name:literal $advice:literal),+ $(,)?) => {
        /// Why a base string differs from ours.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Cause { $($(#[$doc])* $cause),+ }

        impl Cause {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$cause),+];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$cause => $name),+ }
            }

            /// What happened and the way out.
            pub const fn advice(self) -> &'static str {
                match self { $(Self::$cause => $advice),+ }
            }
        }
    };
}

causes! {
    /// It has no three parts.
    NoBaseString = "no_base_string" "This is no base string: it must be the method, the URL and the parameters, each percent-encoded, with & between them.",
    /// Its parts are not percent-encoded.
    NotEncoded = "parts_not_encoded" "The URL and the parameter string must each be percent-encoded before they are joined with &.",
    /// Another method.
    Method = "method" "The tool signed another HTTP method. A launch is a POST; a redirect may have turned it into a GET.",
    /// The method in small letters.
    MethodCase = "method_case" "The method must be in capitals.",
    /// `http` for `https`, or the other way round.
    Scheme = "scheme" "The tool sees another scheme than the browser used. Behind a proxy that ends TLS it must take the scheme from its own public URL or from X-Forwarded-Proto.",
    /// The same host in other letters.
    HostCase = "host_case" "The host must be in lower case.",
    /// Another host.
    Host = "host" "The tool sees another host. Behind a proxy it must take the host from its own public URL or from X-Forwarded-Host.",
    /// Another port, or the scheme's own written out.
    Port = "port" "The ports differ. Port 443 of https and port 80 of http are left out; any other stands in the base string. Behind a proxy the tool may see its inner port.",
    /// A slash at the end of the path.
    PathSlash = "path_slash" "One path ends in a slash and the other does not. Register the launch URL as the tool writes it; its server may redirect from one to the other.",
    /// The same path in other letters.
    PathCase = "path_case" "The paths differ in capitals. A path is signed as it was requested.",
    /// The same path, escaped in another way.
    PathEncoding = "path_encoding" "The paths differ in percent-encoding. A path is signed as it was requested.",
    /// Another path.
    Path = "path" "The tool sees another path: a prefix that a proxy adds or takes away, or another launch URL.",
    /// The URL is encoded twice.
    UriEncodedTwice = "url_encoded_twice" "The URL was percent-encoded twice.",
    /// The query was left in the URL.
    QueryInUri = "query_in_url" "The query belongs among the sorted parameters, not to the URL.",
    /// The pairs of the query are missing.
    QueryMissing = "query_missing" "The query of the launch URL was left out. Its pairs are signed like those of the form.",
    /// The pairs of the query are there twice.
    QueryTwice = "query_twice" "The query of the launch URL was signed twice: the tool takes its pairs from the URL and from a list that has them already.",
    /// The parameters are encoded twice as a whole.
    ParametersEncodedTwice = "parameters_encoded_twice" "The parameter string was percent-encoded twice.",
    /// The signature is signed.
    SignatureSigned = "signature_signed" "oauth_signature must not be among the signed parameters.",
    /// Another launch.
    OtherLaunch = "other_launch" "This is the base string of another launch: its nonce is another one. Take the launch with the tool's nonce, or launch again.",
    /// Another timestamp with the same nonce.
    Timestamp = "timestamp" "The timestamps differ. The tool must sign the oauth_timestamp that came, not its own time.",
    /// `oauth_callback` is missing.
    CallbackMissing = "callback_missing" "The tool left out oauth_callback, which came with the launch. All parameters but oauth_signature are signed.",
    /// `oauth_callback` was added.
    CallbackExtra = "callback_extra" "The tool added oauth_callback, which did not come with the launch.",
    /// The order differs.
    Order = "order" "The parameters are the same in another order. They are sorted by their encoded names, and then by their encoded values, byte by byte.",
    /// A parameter is missing.
    ParameterMissing = "parameter_missing" "The tool left out a parameter. All that came are signed, those without a value too.",
    /// A parameter was added.
    ParameterExtra = "parameter_extra" "The tool signed a parameter that did not come with the launch.",
    /// A value is encoded twice.
    EncodedTwice = "encoded_twice" "The value was percent-encoded once too often. Each name and value is encoded once, and the whole parameter string once more.",
    /// A value is not encoded.
    NotEncodedValue = "not_encoded" "The value holds characters that must be percent-encoded: all but A-Z a-z 0-9 - . _ ~.",
    /// Characters are encoded that must not be.
    EncodedTooMuch = "encoded_too_much" "The value has characters percent-encoded that must stand as they are: A-Z a-z 0-9 - . _ ~.",
    /// Escapes in small letters.
    HexCase = "hex_case" "Percent-escapes must be in capitals: %2F, not %2f.",
    /// A plus for a space.
    Plus = "plus_for_space" "A space must be %20. The tool wrote +, as forms do, or took a + of the form literally.",
    /// Other ends of lines.
    LineBreaks = "line_breaks" "The lines end in different ways. Browsers send CR LF in forms, and that is signed; the tool must not change it.",
    /// White space around it.
    WhiteSpace = "white_space" "The values differ in white space at their ends. The tool must sign the value as it came.",
    /// The same text in other letters.
    ValueCase = "value_case" "The values differ in capitals.",
    /// Escaped for HTML.
    Html = "html_escaped" "The tool signed the value as it is written in HTML (&amp; for &). It must be decoded first.",
    /// Another character set.
    Charset = "charset" "The tool encoded the text in another character set. It must be UTF-8.",
    /// Without a value.
    ValueEmpty = "value_empty" "The tool lost the value.",
    /// Another value.
    Value = "value_changed" "The tool signed another value than came with the launch.",
    /// None of the above.
    Unknown = "unknown" "The base strings differ in a way that has no name here. Compare them character by character.",
}
