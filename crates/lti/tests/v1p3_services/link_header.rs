use examlink_lti::media_type::accepts;
use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::ags::SCORE;
use examlink_lti::v1p3::link_header::{DIFFERENCES, NEXT, next_page, read, write};
use url::Url;

const PAGE: &str = "https://exam.example/c/1/lineitems?after=x&tag=Grade%2FA";

#[test]
fn it_survives_a_client_that_lower_cases_it() {
    let header = write(&[(NEXT, PAGE), (DIFFERENCES, "https://EXAM.example/d/1")]).unwrap();
    assert_eq!(
        header,
        "<https://exam.example/c/1/lineitems?after=x&tag=%47rade%2f%41>; rel=\"next\", \
         <https://exam.example/d/1>; rel=\"differences\""
    );
    assert_eq!(header.to_ascii_lowercase(), header);
    assert_eq!(write(&[]), None);
}

#[test]
fn every_form_in_use_is_read() {
    for header in [
        format!("<{PAGE}>; rel=\"next\""),
        format!("<{PAGE}>;rel=next"),
        format!("<https://x.example/?a,b;rel=1>; rel=\"first\", <{PAGE}>; title=\"x\"; REL=\"last Next\""),
    ] {
        assert_eq!(read(&header, NEXT).as_deref(), Some(PAGE), "{header}");
    }
    for header in
        ["", "next", "<https://x.example", "<https://x.example>; rel=\"prev\"", "<https://x.example>; rev=next"]
    {
        assert_eq!(read(header, NEXT), None, "{header}");
    }
}

#[test]
fn the_next_page_is_where_the_access_token_is_good() {
    let page = Url::parse("https://lms.example/members?role=Learner").unwrap();
    let next = |to: &str| next_page(&format!("<{to}>; rel=\"next\""), &page).map(|next| next.map(String::from));
    for to in ["https://lms.example/members?page=2", "https://LMS.example:443/members?page=2", "/members?page=2"] {
        assert_eq!(next(to), Ok(Some("https://lms.example/members?page=2".into())), "{to}");
    }
    let elsewhere = |origin: &str| Err(ServiceError::PageOrigin(origin.into()));
    assert_eq!(next("https://evil.example/?page=2"), elsewhere("https://evil.example"));
    assert_eq!(next("//evil.example/?page=2"), elsewhere("https://evil.example"));
    assert_eq!(next("http://lms.example/members?page=2"), elsewhere("http://lms.example"));
    assert_eq!(next("https://lms.example:8443/"), elsewhere("https://lms.example:8443"));
    assert_eq!(next("javascript:alert(1)"), elsewhere("null"));
    assert!(matches!(next("https://"), Err(ServiceError::Url { at, .. }) if at == "Link"));
    assert_eq!(next_page("<https://lms.example/>; rel=\"prev\"", &page), Ok(None));
}

#[test]
fn media_types_are_known_with_parameters_and_in_any_case() {
    for header in
        [SCORE, "application/vnd.ims.lis.v1.score+json; charset=UTF-8", "Application/Vnd.ims.lis.v1.Score+JSON"]
    {
        assert!(accepts(header, SCORE), "{header}");
    }
    for header in ["", "application/json", "application/vnd.ims.lis.v2.lineitem+json"] {
        assert!(!accepts(header, SCORE), "{header}");
    }
}
