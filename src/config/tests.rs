//! What settings are taken, and what is said of others.

use super::*;

fn read(pairs: &[(&str, &str)]) -> Result<Settings, BadConfig> {
    Settings::read(None, pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

#[test]
fn the_environment_sets_what_it_names_and_unknown_names_are_refused() {
    let settings = read(&[("EXAMLINK_LISTEN", "127.0.0.1:0"), ("EXAMLINK_TOKEN", "x"), ("PATH", "/bin")]).unwrap();
    assert_eq!((settings.listen.port(), settings.signature_window_seconds), (0, 300));
    let http = |value: &str| read(&[("EXAMLINK_ALLOW_HTTP_TOOLS", value)]).map(|settings| settings.allow_http_tools);
    assert_eq!((settings.allow_http_tools, http("true").ok(), http("false").ok()), (false, Some(true), Some(false)));
    assert!(http("perhaps").is_err());
    assert!(read(&[("EXAMLINK_LISTENS", "127.0.0.1:0")]).unwrap_err().to_string().contains("listens"));
}

#[test]
fn key_04_no_master_key_or_a_wrong_one_is_no_configuration() {
    let check = |pairs: &[(&str, &str)]| read(pairs).unwrap().check(Random).map(|_| ()).map_err(|e| e.to_string());
    assert!(check(&[]).unwrap_err().starts_with("master_key: is not set"));
    assert!(check(&[("EXAMLINK_MASTER_KEY", "changeme")]).unwrap_err().starts_with("master_key: the master key must"));
    assert!(check(&[("EXAMLINK_MASTER_KEY_FILE", "/nonexistent")]).unwrap_err().starts_with("master_key_file"));
    assert!(check(&[("EXAMLINK_DATABASE_URL", "mysql://x")]).unwrap_err().starts_with("database_url"));
}

#[test]
fn a_limit_of_zero_is_none_and_proxies_are_addresses_or_networks() {
    let key = ("EXAMLINK_MASTER_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    let check = |more: (&'static str, &'static str)| read(&[key, more]).unwrap().check(Random);
    let config = check(("EXAMLINK_REQUESTS_PER_SECOND", "0")).unwrap();
    assert!(config.requests.is_none() && config.failures.is_some());
    let burst = check(("EXAMLINK_FAILURES_BURST", "0")).unwrap_err().to_string();
    assert_eq!(burst, "failures_burst: must be at least 1");
    let proxies = check(("EXAMLINK_TRUSTED_PROXIES", "10.0.0.1, 2001:db8::/32")).unwrap().trusted_proxies;
    assert_eq!(proxies.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.1/32", "2001:db8::/32"]);
    let proxies = check(("EXAMLINK_TRUSTED_PROXIES", "proxy.example")).unwrap_err().to_string();
    assert!(proxies.starts_with("trusted_proxies: \"proxy.example\" is no address"), "{proxies}");
}

#[test]
fn net_01_who_may_be_called_is_named_or_refused() {
    let key = ("EXAMLINK_MASTER_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    let check = |more: (&'static str, &'static str)| read(&[key, more]).unwrap().check(Random).map(|_| ());
    check(("EXAMLINK_OUTGOING_ALLOW", "loopback, 10.0.0.0/8")).unwrap();
    check(("EXAMLINK_OUTGOING_PORTS", "443, 8443")).unwrap();
    for (name, bad, said) in [
        ("EXAMLINK_OUTGOING_ALLOW", "intranet", "outgoing_allow: \"intranet\" is not"),
        ("EXAMLINK_OUTGOING_PORTS", "443,https", "outgoing_ports: \"https\" is no port"),
        ("EXAMLINK_OUTGOING_PORTS", "0", "outgoing_ports: \"0\" is no port"),
        ("EXAMLINK_OUTGOING_CA_FILE", "/nonexistent", "outgoing_ca_file: No such file"),
        ("EXAMLINK_OUTGOING_CA_FILE", "/dev/null", "outgoing_ca_file: holds no certificate"),
    ] {
        let error = check((name, bad)).unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
    }
}

#[test]
fn the_public_url_is_an_origin() {
    assert_eq!("https://Exams.Example.edu/".parse::<PublicUrl>().unwrap().as_str(), "https://exams.example.edu");
    for bad in ["exams.example.edu", "https://exams.example.edu/x", "ftp://x", "https://u@x"] {
        assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
    }
}

#[test]
fn web_pages_that_may_call_are_exact_origins_over_tls() {
    let key = ("EXAMLINK_MASTER_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=");
    let check = |origins| read(&[key, ("EXAMLINK_CORS_ORIGINS", origins)]).unwrap().check(Random);
    let origins = check("https://app.example.edu, https://b.example:8443,").unwrap().cors_origins;
    assert_eq!(
        origins.iter().map(PublicUrl::as_str).collect::<Vec<_>>(),
        ["https://app.example.edu", "https://b.example:8443"]
    );
    for bad in
        ["*", "null", "http://app.example.edu", "https://app.example.edu/", "https://App.example.edu", "https://*.x"]
    {
        let refused = check(bad).unwrap_err().to_string();
        assert_eq!(refused, format!("cors_origins: {bad:?} is no origin such as https://app.example.edu"));
    }
}
