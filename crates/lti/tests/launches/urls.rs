use examlink_lti::Error;
use examlink_lti::v1::launch::LaunchUrl;

fn refused(text: &str) -> Error {
    LaunchUrl::parse(text, true).unwrap_err()
}

#[test]
fn https_always_and_http_to_this_machine_or_when_allowed() {
    let local = ["http://localhost:3000/a", "http://tool.localhost/a", "http://127.0.0.2/a", "http://[::1]:80/a"];
    for url in local.into_iter().chain(["https://tool.example/a?b=c", "HTTPS://Tool.Example"]) {
        assert!(LaunchUrl::parse(url, false).is_ok(), "{url}");
    }
    for host in ["tool.example", "notlocalhost", "10.0.0.1", "localhost.example"] {
        let url = format!("http://{host}/a");
        assert_eq!(LaunchUrl::parse(&url, false), Err(Error::UrlPlainHttp(host.into())));
        assert!(LaunchUrl::parse(&url, true).is_ok());
    }
}

#[test]
fn a_url_is_absolute_and_for_the_web() {
    for url in [
        "",
        "tool.example/a",
        "/a",
        "https://",
        "https://a b/",
        "https://tool.example:99999/",
        "https://tool.example:0/",
    ] {
        assert!(matches!(refused(url), Error::UrlSyntax(_)), "{url}");
    }
    for (url, scheme) in [("javascript:alert(1)", "javascript"), ("ftp://a/b", "ftp"), ("data:text/html,x", "data")] {
        assert_eq!(refused(url), Error::UrlScheme(scheme.into()));
    }
}

#[test]
fn a_url_holds_no_user_and_no_fragment() {
    for url in ["https://me@tool.example/", "https://me:pw@tool.example/", "https://:pw@tool.example/"] {
        assert_eq!(refused(url), Error::UrlUserinfo);
    }
    for url in ["https://tool.example/#part", "https://tool.example/?a=b#"] {
        assert_eq!(refused(url), Error::UrlFragment);
    }
}

#[test]
fn a_query_is_read_alike_by_every_tool() {
    assert!(LaunchUrl::parse("https://tool.example/?a=%C3%A9&b&=&c=%25", false).is_ok());
    assert_eq!(refused("https://tool.example/?share=100%"), Error::PercentEscape("100%".into()));
    assert_eq!(refused("https://tool.example/?a=%E9"), Error::NotUtf8("%E9".into()));
    assert_eq!(refused("https://tool.example/?a=1&oauth%5Fnonce=2"), Error::UrlOauthParameter("oauth_nonce".into()));
}

#[test]
fn the_origin_is_what_a_content_security_policy_names() {
    let url = LaunchUrl::parse("https://Tool.Example:8443/a?b=c", false).unwrap();
    assert_eq!(url.origin(), "https://tool.example:8443");
    assert_eq!(url.to_string(), "https://tool.example:8443/a?b=c");
}
