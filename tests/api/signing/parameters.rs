//! What passes for a nonce, for a timestamp and for a whole number.

use serde_json::{Value, json};

use crate::world::World;

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

#[test]
fn sig_10_a_nonce_is_up_to_twenty_digits() {
    let world = World::new();
    let with = |name: &str, value: Value| world.teacher.call("GET", "/exams", json!({})).as_json().with(name, value);
    let forms = ["01", "+1", "-1", " 1", "1 ", "1e3", "1.0", "１", "١", "", "1_000", "0x1", "123456789012345678901"];
    let odd =
        forms.iter().map(|text| json!(text)).chain([json!(["1"]), json!([1]), json!(null), json!(1.0), json!(true)]);
    for value in odd {
        for name in ["nonce", "timestamp"] {
            let reply = with(name, value.clone()).send();
            assert_eq!(reply.refused(400, "malformed_request").json["errors"][0]["field"], name, "{value}");
        }
    }
    for name in ["nonce", "timestamp"] {
        let mut call = world.teacher.call("GET", "/exams", json!({}));
        call.parameters.remove(name);
        assert_eq!(call.send().refused(400, "malformed_request").json["errors"][0]["field"], name);
    }
    for value in [json!("0"), json!("12345678901234567890"), json!(7)] {
        with("nonce", value).send().ok("exams");
    }
}

#[test]
fn sig_13_a_whole_number_is_its_digits_as_a_number_or_as_a_text() {
    let world = World::new();
    let id = world.exam()["id"].to_string();
    let path = format!("/exams/{id}");
    let send = |field: &str, token: &str, signed: &str| {
        let stamp = world.teacher.stamp(&[(field, signed), ("id", &id)]);
        world.teacher.wire(&format!("PATCH {path}?{stamp}"), &JSON, format!("{{ {field:?}: {token} }}"))
    };
    let institute = world.institute.to_string();
    for (field, digits) in [("duration_minutes", "5"), ("institute_id", institute.as_str())] {
        for token in [digits.to_owned(), format!("\"{digits}\"")] {
            assert_eq!(send(field, &token, digits).ok("exam")[field].to_string(), digits);
        }
        let odd = [".0", "e0", "E0", ".5"].map(|tail| format!("{digits}{tail}"));
        let odd = odd.into_iter().chain(["true".into(), "-0.0".into()]).map(|token| (token.clone(), token));
        let texts =
            [format!("+{digits}"), format!(" {digits}"), "５".into(), "five".into(), "99999999999999999999".into()];
        let texts = texts.into_iter().map(|text| (format!("{text:?}"), text));
        for (token, signed) in odd.chain(texts).chain([(format!("[{digits}]"), format!("[{digits}]"))]) {
            let reply = send(field, &token, &signed);
            assert_eq!(reply.refused(422, "parameter_invalid").json["errors"][0]["field"], field, "{token}");
        }
        send(field, "{\"$ne\":1}", "").refused(422, "parameter_invalid");
    }
    send("institute_id", "null", "").refused(422, "parameter_missing");
}
