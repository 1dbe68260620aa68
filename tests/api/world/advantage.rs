//! A tool of LTI 1.3 that a test plays: its key pairs, the server that publishes them, and what it is registered with.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use examlink::clock::{Clock, Random};
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::claims::DEPLOYMENT_ID;
use examlink_lti::v1p3::jwk::{KeySet, SigningKey};
use examlink_lti::v1p3::jwt::{Claims, sign};
use examlink_lti::v1p3::token::request_form;
use serde_json::{Value, json};

use super::{Person, Reply, World, http};

/// The first key pairs of all tools in these tests; making one takes a while.
pub fn key(number: usize) -> &'static SigningKey {
    static KEYS: [OnceLock<SigningKey>; 3] = [const { OnceLock::new() }; 3];
    KEYS[number].get_or_init(|| SigningKey::from_pkcs8(&Random.rsa_key().unwrap()).unwrap())
}

/// A key set with these key pairs.
pub fn key_set(keys: &[usize]) -> String {
    let public: KeySet = keys.iter().map(|number| key(*number).public().clone()).collect();
    serde_json::to_string(&public).unwrap()
}

/// A server that publishes a key set, and counts how often it is asked.
pub struct KeyServer {
    address: SocketAddr,
    answer: Arc<Mutex<(u16, String)>>,
    asked: Arc<AtomicUsize>,
}

impl KeyServer {
    pub fn publishing(keys: &[usize]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Mutex::new((200, key_set(keys))));
        let asked = Arc::new(AtomicUsize::new(0));
        let (said, counted) = (answer.clone(), asked.clone());
        thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let (status, body) = said.lock().unwrap().clone();
                say(stream.unwrap(), status, &body);
            }
        });
        Self { address, answer, asked }
    }

    pub fn url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    /// Publishes other keys from now on.
    pub fn publish(&self, keys: &[usize]) {
        *self.answer.lock().unwrap() = (200, key_set(keys));
    }

    /// Answers this from now on.
    pub fn answer(&self, status: u16, body: &str) {
        *self.answer.lock().unwrap() = (status, body.to_owned());
    }

    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn say(mut stream: TcpStream, status: u16, body: &str) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    let _ = write!(
        stream,
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

/// A public key in PEM, as a tool gives it that publishes none: `RSAPublicKey` of RFC 8017, appendix A.1.1.
pub fn public_pem(number: usize) -> String {
    let published: Value = serde_json::from_str(&key_set(&[number])).unwrap();
    let published = &published["keys"][0];
    let modulus = URL_SAFE_NO_PAD.decode(published["n"].as_str().unwrap()).unwrap();
    assert_eq!((modulus.len(), &published["e"]), (256, &json!("AQAB")));
    let head = [0x30, 0x82, 0x01, 0x0A, 0x02, 0x82, 0x01, 0x01, 0x00];
    let der = [&head[..], &modulus, &[0x02, 0x03, 0x01, 0x00, 0x01]].concat();
    format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n", STANDARD.encode(der))
}

static JTI: AtomicU64 = AtomicU64::new(1);

/// A tool provider that speaks LTI 1.3, and its tool.
pub struct Tool13 {
    pub provider: Value,
    pub client_id: String,
    /// Where it publishes its keys; it answers as long as the tool is there.
    pub keys: KeyServer,
    origin: String,
    clock: Clock,
}

impl World {
    /// A new tool provider of the institute that speaks LTI 1.3; its tool has the first key pair.
    pub fn tool_1p3(&self) -> Tool13 {
        self.tool_1p3_with(json!({}))
    }

    /// The same with other settings.
    pub fn tool_1p3_with(&self, change: Value) -> Tool13 {
        self.tool_1p3_of(&self.administrator, change)
    }

    /// The same for the institute of another administrator.
    pub fn tool_1p3_of(&self, administrator: &Person, change: Value) -> Tool13 {
        let keys = KeyServer::publishing(&[0]);
        let mut fields = json!({
            "tool_name": "Advantage tool", "tool_url": "https://tool.example/launch", "lti_version": "1.3",
            "oauth_consumer_key": "exam2026institute4key2", "oauth_consumer_secret": "s3cretOfTheToolProvider",
            "login_url": "https://tool.example/login", "redirect_uris": ["https://tool.example/launch"],
            "jwks_url": keys.url(),
        });
        fields.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let provider = administrator.post("/tool_providers", fields).created("tool_provider");
        self.tool_of(provider, keys)
    }

    /// A tool provider of the institute that spoke LTI 1.1 before.
    pub fn tool_moved_to_1p3(&self, provider: &Value) -> Tool13 {
        let keys = KeyServer::publishing(&[0]);
        let fields = json!({
            "lti_version": "1.3", "login_url": "https://tool.example/login",
            "redirect_uris": ["https://tool.example/launch"], "jwks_url": keys.url(),
        });
        let path = format!("/tool_providers/{}", provider["id"]);
        self.tool_of(self.administrator.patch(&path, fields).ok("tool_provider"), keys)
    }

    fn tool_of(&self, provider: Value, keys: KeyServer) -> Tool13 {
        let client_id = provider["registration"]["client_id"].as_str().unwrap().to_owned();
        Tool13 { provider, client_id, keys, origin: self.origin(), clock: self.clock.clone() }
    }
}

impl World {
    /// One more deployment of a tool.
    pub fn deployment(&self, tool: &Tool13, name: &str) -> Value {
        let path = format!("/tool_providers/{}/deployments", tool.provider["id"]);
        self.administrator.post(&path, json!({ "name": name })).created("tool_deployment")
    }

    /// A new LTI resource of a tool in an exam, at a deployment.
    pub fn lti_resource_at(&self, exam: &Value, deployment: &Value) -> Value {
        let fields = json!({
            "lti_resource_link_name": deployment["name"], "exam_id": exam["id"],
            "tool_provider_id": deployment["tool_provider_id"], "tool_deployment_id": deployment["id"],
        });
        self.teacher.post("/lti_resources", fields).created("lti_resource")
    }

    /// A flag of a tool on a student session.
    pub fn flag(&self, tool: &Value, session: &Value) {
        let (tool, session) = (&tool["id"], &session["id"]);
        self.database.run(&format!(
            "INSERT INTO assessment_controls (student_session_id, tool_provider_id, action, incident_time, digest, \
             created_at) VALUES ({session}, {tool}, 'flag', 1, 'd', 1)"
        ));
    }
}

impl Tool13 {
    /// The time in seconds.
    pub fn now(&self) -> u64 {
        u64::try_from(self.clock.now().seconds()).unwrap()
    }

    /// Where tokens are given out.
    pub fn token_url(&self) -> String {
        format!("{}/lti/1.3/token", self.origin)
    }

    /// What a good assertion says, each time with a new `jti`.
    pub fn claims(&self) -> Value {
        let (now, jti) = (self.now(), JTI.fetch_add(1, Ordering::Relaxed));
        json!({
            "iss": self.client_id, "sub": self.client_id, "aud": self.token_url(), "iat": now, "exp": now + 300,
            "jti": format!("jti-{jti}"),
        })
    }

    /// Asks for a token by an assertion with these claims, signed by a key pair.
    pub fn asks(&self, claims: Value, number: usize, scopes: &[&str]) -> Reply {
        let claims: Claims = serde_json::from_value(claims).unwrap();
        self.sends(&request_form(&sign(&claims, key(number)).unwrap(), scopes))
    }

    /// Sends a form to the token endpoint.
    pub fn sends(&self, form: &[Param]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = http().post(self.token_url()).header("Content-Type", "application/x-www-form-urlencoded");
        request.body(body).send().unwrap().into()
    }

    /// What the tool knows its first deployment by.
    pub fn deployment_id(&self) -> &str {
        self.provider["registration"]["deployment_id"].as_str().unwrap()
    }

    /// An access token for these scopes, and for what one deployment has.
    #[track_caller]
    pub fn token_at(&self, deployment_id: &str, scopes: &[&str]) -> String {
        let mut claims = self.claims();
        claims[DEPLOYMENT_ID] = deployment_id.into();
        let reply = self.asks(claims, 0, scopes);
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json["access_token"].as_str().unwrap().to_owned()
    }

    /// An access token for these scopes.
    #[track_caller]
    pub fn token(&self, scopes: &[&str]) -> String {
        let reply = self.asks(self.claims(), 0, scopes);
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json["access_token"].as_str().unwrap().to_owned()
    }
}

/// Calls a URL with an access token and a body of this media type, or with none.
pub fn call_with_token(token: &str, (method, url): (&str, &str), (media_type, body): (&str, &str)) -> Reply {
    let request = http().request(method.parse().unwrap(), url).header("Authorization", format!("Bearer {token}"));
    let request = if body.is_empty() { request } else { request.header("Content-Type", media_type) };
    request.body(body.to_owned()).send().unwrap().into()
}
