//! What the service calls by HTTP, and whom it never reaches: URLs are entered by people, and servers are strangers'.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use examlink::lti::fetch::{ANSWER, FetchError, Fetcher, KEY_SET, Reply, Request, Rules, authorities, networks};
use reqwest::header::AUTHORIZATION;
use tempfile::TempDir;

use crate::tls::certificate;

/// Calls whoever is on this machine, at any port.
fn local() -> Rules {
    Rules { allowed: networks("loopback").unwrap(), ports: Vec::new(), ..Rules::default() }
}

fn send(fetcher: &Fetcher, request: Request<'_>) -> Result<Reply, FetchError> {
    actix_web::rt::System::new().block_on(fetcher.send(request))
}

fn get(fetcher: &Fetcher, url: &str) -> Result<Reply, FetchError> {
    send(fetcher, Request::get(url))
}

/// A server on this machine that does with each connection what it is told, and counts them.
pub struct Stranger {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

impl Stranger {
    fn at(address: &str, answer: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let (address, calls, answer) =
            (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)), Arc::new(answer));
        let counted = calls.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                let answer = answer.clone();
                thread::spawn(move || answer(stream.unwrap()));
            }
        });
        Self { address, calls }
    }

    /// Answers each call with these bytes.
    pub fn saying(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        Self::at("127.0.0.1:0", move |mut stream| {
            hear(&mut stream);
            let _ = stream.write_all(&text);
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Reads the head of a request.
fn hear(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn ok(headers: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
}

/// Ways to write an address of this machine, or of another that is nobody's business. `#` stands for the port.
const DISGUISES: [&str; 62] = [
    "127.0.0.1:#",
    "127.0.0.2:#",
    "127.1:#",
    "127.0.1:#",
    "127.255.255.254:#",
    "2130706433:#",
    "0x7f000001:#",
    "0x7F000001:#",
    "017700000001:#",
    "0177.0.0.1:#",
    "0177.0.0.01:#",
    "0x7f.0.0.1:#",
    "0x7f.1:#",
    "0x7f.0x0.0x0.0x1:#",
    "0177.0x0.0.1:#",
    "00000177.0.0.1:#",
    "127.0.0.1.:#",
    "2130706433.:#",
    "0:#",
    "0.0.0.0:#",
    "00.0.0.0:#",
    "0x0:#",
    "[::1]:#",
    "[0:0:0:0:0:0:0:1]:#",
    "[0000::0001]:#",
    "[::]:#",
    "[::ffff:127.0.0.1]:#",
    "[::ffff:7f00:1]:#",
    "[::FFFF:7F00:0001]:#",
    "[0:0:0:0:0:ffff:7f00:1]:#",
    "[::ffff:0:0]:#",
    "[::127.0.0.1]:#",
    "[::7f00:1]:#",
    "[::ffff:0:7f00:1]:#",
    "[64:ff9b::7f00:1]:#",
    "[64:ff9b::127.0.0.1]:#",
    "[64:ff9b:1::7f00:1]:#",
    "[2002:7f00:1::]:#",
    "[2002:7f00:0001::1]:#",
    "[2001:0:7f00:1::]:#",
    "[fe80::1]:#",
    "[fc00::1]:#",
    "[fd00:ec2::254]:#",
    "[ff02::1]:#",
    "localhost:#",
    "LOCALHOST:#",
    "localhost.:#",
    "LocalHost.:#",
    "127。0。0。1:#",
    "127．0．0．1:#",
    "127｡0｡0｡1:#",
    "１２７.０.０.１:#",
    "①②⑦.0.0.1:#",
    "ⓛocalhost:#",
    "ｌｏｃａｌｈｏｓｔ:#",
    "%31%32%37.0.0.1:#",
    "%6cocalhost:#",
    "lo\tcalhost:#",
    "169.254.169.254:#",
    "2852039166:#",
    "0xa9fea9fe:#",
    "100.100.100.200:#",
];

#[test]
fn net_01_no_way_of_writing_an_inner_address_reaches_it() {
    let canary = Stranger::saying(ok("", "reached"));
    let port = canary.address.port();
    let second = TcpListener::bind(("::1", port)).map(|listener| listener.set_nonblocking(true).map(|()| listener));
    let careful = Fetcher::new(Rules { ports: Vec::new(), http: true, ..Rules::default() });
    for disguise in DISGUISES {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{}/", disguise.replace('#', &port.to_string()));
            let refused = get(&careful, &url).expect_err(&url);
            let by_address = matches!(refused, FetchError::Address { .. });
            assert!(
                by_address || matches!(refused, FetchError::Url(_) | FetchError::Resolve { .. }),
                "{url}: {refused:?}"
            );
        }
    }
    assert_eq!(canary.calls(), 0);
    if let Ok(Ok(listener)) = second {
        assert!(listener.accept().is_err(), "nobody came by IPv6 either");
    }
    let allowed = Fetcher::new(local());
    for url in [canary.url(), format!("http://localhost:{port}/"), format!("http://0x7f.1:{port}/")] {
        assert_eq!(get(&allowed, &url).expect(&url).shown(), "reached", "the canary is there");
    }
    assert_eq!(canary.calls(), 3);
}

#[test]
fn net_01_a_url_is_refused_for_what_it_says() {
    let fetcher = Fetcher::new(Rules::default());
    for (url, told) in [
        ("tool.example/outcomes", "the URL cannot be read"),
        ("ftp://tool.example/", "begins with \"ftp:\""),
        ("file:///etc/passwd", "the URL cannot be read: it has no host"),
        ("http://tool.example/", "only https is called"),
        ("https://u:p@tool.example/", "user name or password"),
        ("https://tool.example:22/", "port 22 is not called; the operator can allow it with EXAMLINK_OUTGOING_PORTS"),
        ("https://10.0.0.1/", "10.0.0.1 is at 10.0.0.1, which is not on the public internet"),
    ] {
        let refused = get(&fetcher, url).expect_err(url);
        assert!(refused.to_string().contains(told) && !refused.may_pass(), "{url}: {refused}");
    }
}

/// A resolver that answers with one list after the other, and tells how many are left.
fn answers(lists: &[&[&str]]) -> (Arc<Mutex<VecDeque<Vec<IpAddr>>>>, examlink::lti::fetch::Resolver) {
    let parsed = lists.iter().map(|list| list.iter().map(|address| address.parse().unwrap()).collect());
    let left = Arc::new(Mutex::new(parsed.collect::<VecDeque<_>>()));
    let queue = left.clone();
    let resolver = move |_: String| -> futures_util::future::BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        let next = queue.lock().unwrap().pop_front().expect("nobody asks more often");
        Box::pin(async move { Ok(next) })
    };
    (left, Arc::new(resolver))
}

#[test]
fn net_02_a_name_that_changes_its_address_leads_nowhere_else() {
    let canary = Stranger::saying(ok("", "inside"));
    let port = canary.address.port();
    let outside = Stranger::at(&format!("127.0.0.2:{port}"), |mut stream| {
        hear(&mut stream);
        stream.write_all(ok("", "outside").as_bytes()).unwrap();
    });
    // 127.0.0.2 plays the public server, 127.0.0.1 what is inside.
    let rules = || Rules { allowed: networks("127.0.0.2").unwrap(), ports: Vec::new(), http: true, ..Rules::default() };
    let (left, resolver) = answers(&[&["127.0.0.2"], &["127.0.0.1"]]);
    let fetcher = Fetcher::with_resolver(rules(), resolver);
    let url = format!("http://rebinding.example:{port}/");
    assert_eq!(get(&fetcher, &url).unwrap().shown(), "outside");
    assert_eq!(left.lock().unwrap().len(), 1, "a call looks the name up once");
    assert!(matches!(get(&fetcher, &url), Err(FetchError::Address { .. })), "the next call checks anew");
    for both in [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "::ffff:127.0.0.1"]] {
        let (_, resolver) = answers(&[&both]);
        let refused = get(&Fetcher::with_resolver(rules(), resolver), &url).unwrap_err();
        assert!(refused.to_string().starts_with("rebinding.example is at "), "{refused}");
    }
    let (_, nothing) = answers(&[&[]]);
    assert!(matches!(get(&Fetcher::with_resolver(rules(), nothing), &url), Err(FetchError::Resolve { .. })));
    assert_eq!((canary.calls(), outside.calls()), (0, 1));
}

#[test]
fn net_03_a_redirect_is_told_and_not_followed() {
    let canary = Stranger::saying(ok("", "reached"));
    for status in [301, 302, 303, 307, 308] {
        let location = format!("http://localhost:{}/", canary.address.port());
        let stranger = Stranger::saying(format!("HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\n\r\n"));
        let refused = get(&Fetcher::new(local()), &stranger.url());
        assert_eq!(refused.unwrap_err(), FetchError::Redirect(status));
    }
    assert_eq!(canary.calls(), 0);
}

/// A server on this machine that sends everybody to `location`.
fn leading(location: &str) -> Stranger {
    Stranger::saying(format!("HTTP/1.1 302 Elsewhere\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n"))
}

#[test]
fn net_03_the_way_to_a_key_set_leads_elsewhere_three_times_and_never_inside() {
    let keys = Stranger::saying(ok("", "{\"keys\":[]}"));
    let third = leading(&keys.url());
    let second = leading(&third.url());
    let first = leading(&second.url());
    let before = leading(&first.url());
    let fetcher = Fetcher::new(local());
    assert_eq!(send(&fetcher, Request::key_set(&first.url())).unwrap().body, b"{\"keys\":[]}");
    let refused = send(&fetcher, Request::key_set(&before.url())).unwrap_err();
    assert_eq!((refused, keys.calls()), (FetchError::Redirect(302), 1), "a fourth one is not followed");

    // Only one address of this machine may be called: what lies at another is inside.
    let canary = Stranger::at("127.0.0.2:0", |mut stream| {
        let _ = stream.write_all(ok("", "reached").as_bytes());
    });
    let rules = Rules { allowed: vec!["127.0.0.1/32".parse().unwrap()], ports: Vec::new(), ..Rules::default() };
    for location in [canary.url(), format!("//{}/", canary.address), canary.url().replace("http", "ftp")] {
        let refused = send(&Fetcher::new(rules.clone()), Request::key_set(&leading(&location).url())).unwrap_err();
        assert!(matches!(refused, FetchError::Address { .. } | FetchError::Scheme(_)), "{refused:?}");
    }
    assert_eq!(canary.calls(), 0);
}

#[test]
fn net_03_no_proxy_no_cookie_and_no_wish_for_compression() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let heads = heard.clone();
    let stranger = Stranger::at("127.0.0.1:0", move |mut stream| {
        heads.lock().unwrap().push(hear(&mut stream).to_lowercase());
        stream.write_all(ok("Set-Cookie: a=b\r\n", "").as_bytes()).unwrap();
    });
    let (fetcher, url) = (Fetcher::new(local()), stranger.url());
    for _ in 0..2 {
        let request = Request::post(&url, "text/plain", "x").header(AUTHORIZATION, "OAuth x");
        assert_eq!(send(&fetcher, request).unwrap().status, 200);
    }
    let heard = heard.lock().unwrap();
    assert_eq!((heard.len(), stranger.calls()), (2, 2), "each call connects, and is checked, anew");
    for head in heard.iter() {
        assert!(head.starts_with("post / http/1.1\r\n") && head.contains("authorization: oauth x\r\n"), "{head}");
        assert!(!head.contains("cookie") && !head.contains("accept-encoding") && !head.contains("proxy"), "{head}");
    }
}

/// What a stranger does, and whether its call ended as it must.
type Trick = (fn(TcpStream), fn(&FetchError) -> bool);

#[test]
fn net_04_no_answer_takes_longer_or_is_larger_than_allowed() {
    let nightly = crate::world::nightly();
    assert_eq!((Rules::default().connect.as_secs(), Rules::default().total.as_secs()), (5, 15));
    assert_eq!((ANSWER, KEY_SET), (65_536, 262_144));
    let total = if nightly { Rules::default().total } else { Duration::from_secs(5) };
    let spare = Duration::from_secs(if nightly { 2 } else { 30 });
    let late = |error: &FetchError| matches!(error, FetchError::Timeout(_));
    let long = |error: &FetchError| *error == FetchError::TooLong(ANSWER);
    let tricks: [Trick; 6] = [
        (|mut stream| drop((hear(&mut stream), thread::sleep(Duration::from_mins(1)))), late),
        (|stream| drip(stream, "", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), late),
        (
            |stream| drip(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", "drop by drop, for ever and ever"),
            late,
        ),
        (|stream| flood(stream, "Content-Length: 10737418240\r\n"), long),
        (|stream| flood(stream, ""), long),
        (
            |mut stream| drop((hear(&mut stream), stream.write_all(b"\x16\x03\x01"))),
            |error| matches!(error, FetchError::Broken(_)),
        ),
    ];
    let tried = tricks.map(|(trick, ended)| {
        thread::spawn(move || {
            let (stranger, started) = (Stranger::at("127.0.0.1:0", trick), Instant::now());
            let error = get(&Fetcher::new(Rules { total, ..local() }), &stranger.url()).unwrap_err();
            assert!(ended(&error), "{error:?}");
            assert!(started.elapsed() < total + spare, "{error:?} after {:?}", started.elapsed());
        })
    });
    for thread in tried {
        thread.join().unwrap();
    }
}

/// Says the first text at once and a byte of the second each second.
fn drip(mut stream: TcpStream, at_once: &str, slowly: &str) {
    hear(&mut stream);
    let _ = stream.write_all(at_once.as_bytes());
    for byte in slowly.bytes() {
        if stream.write_all(&[byte]).is_err() {
            return;
        }
        thread::sleep(Duration::from_secs(1));
    }
}

/// Sends until nobody listens any more.
fn flood(mut stream: TcpStream, headers: &str) {
    hear(&mut stream);
    let _ = stream.write_all(format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes());
    while stream.write_all(&[b'x'; 8_192]).is_ok() {}
}

#[test]
fn net_04_a_body_is_read_to_its_limit_shown_in_part_and_never_unpacked() {
    let fetcher = Fetcher::new(local());
    for (length, limit, fits) in [(ANSWER, ANSWER, true), (ANSWER + 1, ANSWER, false), (KEY_SET, KEY_SET, true)] {
        let stranger = Stranger::saying(ok("", &format!("{}{}", "é".repeat(length / 2), "x".repeat(length % 2))));
        let url = stranger.url();
        let request = if limit == KEY_SET { Request::key_set(&url) } else { Request::get(&url) };
        let reply = send(&fetcher, request);
        assert_eq!(reply.as_ref().map(|reply| reply.body.len()).ok(), fits.then_some(length), "{length}");
        if let Ok(reply) = reply {
            assert_eq!(reply.shown().chars().count(), 2_048);
        }
    }
    let mut bomb = Command::new("sh");
    let bomb = bomb.args(["-c", "head -c 60000000 /dev/zero | gzip -9"]).output().unwrap().stdout;
    assert!(bomb.len() < ANSWER, "it fits when packed: {}", bomb.len());
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
    let stranger = Stranger::saying([head.into_bytes(), bomb].concat());
    assert_eq!(get(&fetcher, &stranger.url()).unwrap_err(), FetchError::Compressed("gzip".into()));
}

/// OpenSSL's own server, with a certificate for `localhost`.
struct TlsServer {
    port: u16,
    process: Child,
}

impl TlsServer {
    fn start(folder: &Path, name: &str) -> Self {
        let (key, certificate) = (format!("{name}.key"), format!("{name}.crt"));
        let arguments = ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", &certificate, "-key", &key];
        let mut command = Command::new("openssl");
        let mut process =
            command.args(arguments).current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let accepting = lines.find_map(|line| line.unwrap().strip_prefix("ACCEPT ").map(str::to_owned)).unwrap();
        // Somebody reads on, or the server would wait for it.
        thread::spawn(move || lines.for_each(drop));
        Self { port: accepting.rsplit(':').next().unwrap().parse().unwrap(), process }
    }
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn net_05_a_server_is_called_only_with_a_certificate_for_its_name_by_a_known_authority() {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    let signed = ["-CA", "root.crt", "-CAkey", "root.key", "-addext", "basicConstraints=CA:FALSE", "-addext"];
    certificate(path, "root", &["-subj", "/CN=Test root"]);
    certificate(path, "right", &[&["-subj", "/CN=localhost"], &signed[..], &["subjectAltName=DNS:localhost"]].concat());
    certificate(path, "wrong", &[&["-subj", "/CN=else"], &signed[..], &["subjectAltName=DNS:else.example"]].concat());
    let root = authorities(&std::fs::read(path.join("root.crt")).unwrap()).unwrap();
    let (stranger, known) = (Fetcher::new(local()), Fetcher::new(Rules { authorities: root, ..local() }));
    for (name, fetcher, reached) in
        [("right", &stranger, false), ("right", &known, true), ("wrong", &known, false), ("root", &known, false)]
    {
        let server = TlsServer::start(path, name);
        let reply = get(fetcher, &format!("https://localhost:{}/", server.port));
        match reply {
            Ok(reply) => assert!(reached && reply.status == 200 && reply.shown().contains("s_server"), "{name}"),
            Err(FetchError::Tls(why)) => assert!(!reached && why.contains("certificate"), "{name}: {why}"),
            Err(other) => panic!("{name}: {other:?}"),
        }
    }
    let plain = Stranger::at("127.0.0.1:0", |mut stream| stream.write_all(ok("", "").as_bytes()).unwrap());
    let refused = get(&known, &format!("https://localhost:{}/", plain.address.port())).unwrap_err();
    assert!(matches!(refused, FetchError::Tls(_)), "{refused:?}");
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = get(&known, &format!("https://{nobody}/")).unwrap_err();
    assert!(matches!(refused, FetchError::Connect(_)) && refused.may_pass(), "{refused:?}");
}
