use examlink_lti::media_type::accepts;
use examlink_lti::v1p3::ags::SCORE;
use examlink_lti::v1p3::link_header::{DIFFERENCES, NEXT, read, write};

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
