//! A client that lost an answer sends its request again: the Idempotency-Key keeps it from having a second effect.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::world::operations::{Things, operations};
use crate::world::wire::Wire;
use crate::world::{Call, Database, Person, Process, Reply, World, nightly, on_postgres, superuser, until};

const KEY: &str = "Idempotency-Key";
const DAY: i64 = 86_400_000;

fn new_exam(person: &Person, name: &str) -> Call {
    person.call("POST", "/exams", json!({ "name": name, "type": "demo" }))
}

/// The same call, signed anew: with a nonce and a time of its own.
fn again(call: &Call, person: &Person) -> Call {
    let stamp = person.call("GET", "/", Value::Null).parameters;
    call.clone().with("nonce", stamp["nonce"].clone()).with("timestamp", stamp["timestamp"].clone())
}

fn is_repeated(reply: &Reply) -> bool {
    reply.header("idempotent-replayed") == "true"
}

fn count_exams(person: &Person) -> usize {
    person.get("/exams?limit=1").header("x-pagination-item-count").parse().unwrap()
}

#[test]
fn a_request_sent_again_with_its_key_gets_its_first_answer_and_has_no_effect() {
    let world = World::new();
    let call = new_exam(&world.teacher, "Algebra").header(KEY, "first");
    let first = call.clone().send();
    first.created("exam");
    assert!(!is_repeated(&first));
    world.wait(60_000);
    let second = again(&call, &world.teacher).send();
    assert!(is_repeated(&second));
    for name in ["location", "etag", "content-type", "cache-control"] {
        assert_eq!((first.header(name), first.header(name).is_empty()), (second.header(name), false), "{name}");
    }
    assert_eq!((first.status, &first.text), (second.status, &second.text));
    assert_eq!(count_exams(&world.teacher), 1);
    call.send().refused(401, "nonce_reused");
    new_exam(&world.teacher, "Algebra").header(KEY, "second").send().created("exam");
    new_exam(&world.teacher, "Algebra").send().created("exam");
    assert_eq!(count_exams(&world.teacher), 3);
}

#[test]
fn every_post_of_the_api_can_be_sent_again() {
    let world = World::new();
    let things = Things::ours(&world);
    let posts: Vec<_> = operations().into_iter().filter(|operation| operation.method == "POST").collect();
    assert!(posts.len() >= 8);
    for post in posts {
        let call = post.call(&world.superuser, &things).header(KEY, &post.id);
        let first = call.clone().send();
        assert_eq!(first.status, post.success, "{}: {}", post.id, first.text);
        let second = again(&call, &world.superuser).send();
        assert!(!is_repeated(&first) && is_repeated(&second), "{} does not keep its answer", post.id);
        assert_eq!((first.status, first.text), (second.status, second.text), "{}", post.id);
    }
}

#[test]
fn a_key_belongs_to_one_request_of_one_user() {
    let world = World::new();
    let path = format!("/exams/{}/student_sessions", world.exam()["id"]);
    new_exam(&world.teacher, "Algebra").header(KEY, "mine").send().created("exam");
    let student = json!({ "name": "Sam Student", "email": "sam@example.edu" });
    for other in [
        new_exam(&world.teacher, "Geometry"),
        new_exam(&world.teacher, "Algebra").with("terms", Value::Null),
        world.teacher.call("POST", &path, student),
    ] {
        let reply = other.header(KEY, "mine").send();
        reply.refused(422, "idempotency_key_reused");
        assert_eq!(reply.json["errors"][0]["field"], KEY);
    }
    let theirs = new_exam(&world.colleague, "Algebra").header(KEY, "mine").send();
    assert!(theirs.status == 201 && !is_repeated(&theirs), "{}", theirs.text);
}

#[test]
fn new_credentials_of_the_user_may_repeat_what_the_old_ones_sent() {
    let world = World::new();
    let path = format!("/institutes/{}/users/{}/rotate_credentials", world.institute, world.teacher.id);
    let call = new_exam(&world.teacher, "Algebra").header(KEY, "k");
    let first = call.clone().send();
    let user = world.administrator.post(&path, json!({})).ok("user");
    let teacher = world.teacher.with(user["api_token"].as_str().unwrap(), user["secret_key"].as_str().unwrap());
    let second = again(&call, &teacher).by(&teacher).send();
    assert!(is_repeated(&second), "{}", second.text);
    assert_eq!(first.text, second.text);
}

#[test]
fn a_refused_request_keeps_nothing_so_it_can_be_corrected() {
    let world = World::new();
    new_exam(&world.teacher, " ").header(KEY, "k").send().refused(422, "parameter_missing");
    new_exam(&world.teacher, "Algebra")
        .with("status", "closed")
        .header(KEY, "k")
        .send()
        .refused(422, "parameter_invalid");
    new_exam(&world.proctor, "Algebra").header(KEY, "k").send().refused(403, "forbidden");
    let lost =
        world.teacher.call("POST", "/exams/999/student_sessions", json!({ "name": "S", "email": "s@example.edu" }));
    lost.header(KEY, "k").send().refused(404, "not_found");
    assert_eq!(world.database.rows("idempotency_keys"), 0);
    let reply = new_exam(&world.teacher, "Algebra").header(KEY, "k").send();
    assert!(reply.status == 201 && !is_repeated(&reply), "{}", reply.text);
}

#[test]
fn a_key_is_1_to_255_visible_characters_given_once() {
    let world = World::new();
    let longest = "k".repeat(255);
    for good in ["k", "!~", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &longest] {
        new_exam(&world.teacher, "Algebra").header(KEY, good).send().created("exam");
    }
    let too_long = "k".repeat(256);
    for bad in ["", "two words", &too_long] {
        let call = new_exam(&world.teacher, "Algebra").header(KEY, bad);
        let reply = call.clone().send();
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], KEY, "{bad:?}");
        call.send().refused(401, "nonce_reused");
    }
    for bad in [vec![(KEY, "clé")], vec![(KEY, "a"), (KEY, "b")], vec![(KEY, "a"), (KEY, "a")]] {
        let form = format!("name=Algebra&type=demo&{}", world.teacher.stamp(&[("name", "Algebra"), ("type", "demo")]));
        let headers = [vec![("Content-Type", "application/x-www-form-urlencoded")], bad].concat();
        world.teacher.wire("POST /exams", &headers, form).refused(422, "parameter_invalid");
    }
    assert_eq!(count_exams(&world.teacher), 4);
}

#[test]
fn an_answer_is_kept_for_24_hours() {
    let world = World::new();
    let call = new_exam(&world.teacher, "Algebra").header(KEY, "k");
    call.clone().send().created("exam");
    world.wait(DAY - 1);
    assert!(is_repeated(&again(&call, &world.teacher).send()));
    world.wait(1);
    let late = again(&call, &world.teacher).send();
    assert!(late.status == 201 && !is_repeated(&late), "{}", late.text);
    assert!(is_repeated(&again(&call, &world.teacher).send()));
    assert_eq!((count_exams(&world.teacher), world.database.rows("idempotency_keys")), (2, 1));
}

#[test]
fn kept_answers_are_sealed() {
    let world = World::new();
    let fields = json!({ "name": "Uma User", "email": "uma@example.edu", "password": "Correct-Horse-1" });
    let create = world.administrator.call("POST", &format!("/institutes/{}/users", world.institute), fields);
    let user = create.header(KEY, "k3y-of-a-client").send().created("user");
    let kept = world.database.texts("SELECT key || fingerprint || answer AS text FROM idempotency_keys").join("\n");
    assert!(!kept.is_empty());
    for hidden in ["uma@example.edu", "Uma User", "k3y-of-a-client", "api_token"] {
        assert!(!kept.contains(hidden), "{hidden}");
    }
    for secret in ["api_token", "secret_key"] {
        assert!(!kept.contains(user[secret].as_str().unwrap()), "{secret}");
    }
    // Moved to the row of another key, an answer does not open.
    let answer = &world.database.texts("SELECT answer AS text FROM idempotency_keys")[0];
    let call = new_exam(&world.teacher, "Algebra").header(KEY, "k");
    call.clone().send().created("exam");
    world.database.execute(&format!("UPDATE idempotency_keys SET answer = '{answer}'"));
    again(&call, &world.teacher).send().refused(500, "internal_error");
}

#[track_caller]
fn is_refused_for_now(reply: &Reply) {
    reply.refused(409, "idempotency_key_in_use");
    assert_eq!((reply.header("retry-after"), is_repeated(reply)), ("1", false));
}

/// Keeps the server from committing for as long as `meanwhile` takes.
pub fn while_nothing_is_committed<T>(world: &World, meanwhile: impl FnOnce() -> T) -> T {
    if on_postgres() {
        let mut other = world.database.open_server();
        other.batch_execute("BEGIN; LOCK TABLE exams IN EXCLUSIVE MODE").unwrap();
        let done = meanwhile();
        other.batch_execute("ROLLBACK").unwrap();
        return done;
    }
    let mut other = world.database.open_file();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let done = meanwhile();
    other.batch_execute("ROLLBACK").unwrap();
    done
}

#[test]
fn a_key_is_in_use_until_its_request_is_answered() {
    let world = World::new();
    let call = new_exam(&world.teacher, "Algebra").header(KEY, "k");
    let (first, second) = (call.clone(), again(&call, &world.teacher));
    let sent = [call.clone(), second.clone()];
    let other_user = again(&call, &world.colleague).by(&world.colleague);
    let replies = thread::scope(|scope| {
        let waiting = while_nothing_is_committed(&world, || {
            let waiting = [first, second, other_user].map(|call| scope.spawn(|| call.send()));
            thread::sleep(Duration::from_secs(1));
            waiting
        });
        waiting.map(|thread| thread.join().unwrap())
    });
    let [mine, same, theirs] = replies;
    let (done, refused) = if mine.status == 201 { (mine, same) } else { (same, mine) };
    is_refused_for_now(&refused);
    theirs.created("exam");
    done.created("exam");
    // The refused one has spent its nonce too.
    for call in sent {
        call.send().refused(401, "nonce_reused");
    }
    let late = again(&call, &world.teacher).send();
    assert!(is_repeated(&late));
    assert_eq!((late.text, count_exams(&world.administrator)), (done.text, 2));
}

#[test]
fn a_key_is_free_again_when_its_caller_has_gone() {
    let world = World::new();
    let call = new_exam(&world.teacher, "Algebra");
    while_nothing_is_committed(&world, || {
        lose_answer(&call, &world.teacher, "k", true);
        thread::sleep(Duration::from_millis(500));
    });
    let reply = sent_until_answered(&call, &world.teacher, "k");
    reply.created("exam");
    assert_eq!(count_exams(&world.teacher), 1);
}

/// Sends a call again, signed anew, for as long as its key is in use.
fn sent_until_answered(call: &Call, person: &Person, key: &str) -> Reply {
    until("the key is free", || {
        let reply = again(call, person).header(KEY, key).send();
        if reply.status == 409 {
            is_refused_for_now(&reply);
            return None;
        }
        Some(reply)
    })
}

/// Sends a call `at_once` times at the same moment, each signed anew, to each server in turn.
fn race(call: &Call, caller: &Person, servers: &[&Process], at_once: usize) -> Vec<Reply> {
    let start = Barrier::new(at_once);
    let send = |server: &Process| {
        let call = again(call, caller).to(server.address);
        start.wait();
        call.send()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once)
            .map(|at| {
                scope.spawn({
                    let send = &send;
                    move || send(servers[at % servers.len()])
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// While one of them is being carried out, a server refuses the others. On PostgreSQL two servers share the database: there
/// the other one's first request waits for the commit, and gets the kept answer.
#[test]
fn a_request_sent_many_times_at_once_is_carried_out_once() {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let servers: Vec<Process> = (0..if on_postgres() { 2 } else { 1 }).map(|_| Process::serve(&database)).collect();
    let servers: Vec<&Process> = servers.iter().collect();
    let caller = servers[0].caller(&superuser);
    let rounds = if nightly() { 200 } else { 20 };
    let mut in_flight = 0;
    for round in 0..rounds {
        let fields = json!({ "name": format!("Institute {round}"), "short_name": "I" });
        let call = caller.call("POST", "/institutes", fields).header(KEY, &format!("round-{round}"));
        let replies = race(&call, &caller, &servers, 8);
        let (carried_out, refused): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 201);
        for reply in &refused {
            is_refused_for_now(reply);
        }
        in_flight += refused.len();
        let late = again(&call, &caller).send();
        assert!(is_repeated(&late), "the way out is to send it again: {}", late.text);
        let all = carried_out.into_iter().chain([&late]);
        let ids: BTreeSet<String> = all.clone().map(|reply| reply.created("institute")["id"].to_string()).collect();
        let fresh = all.filter(|reply| !is_repeated(reply)).count();
        assert_eq!((ids.len(), fresh), (1, 1), "round {round}");
    }
    println!("of {} requests {in_flight} came while another was being carried out", rounds * 8);
    assert!(in_flight > 0);
    assert_eq!(database.rows("institutes"), rounds);
}

#[test]
fn an_answer_survives_kill_9_and_goes_when_it_is_old() {
    let database = Database::fresh();
    let superuser = superuser(&database);
    let server = Process::serve(&database);
    let caller = server.caller(&superuser);
    let fields = json!({ "name": "University", "short_name": "U" });
    let call = caller.call("POST", "/institutes", fields).header(KEY, "k");
    let first = call.clone().send();
    first.created("institute");
    server.kill();
    let server = Process::serve(&database);
    let second = again(&call, &caller).to(server.address).send();
    assert!(is_repeated(&second));
    assert_eq!(first.text, second.text);
    server.kill();
    database.execute("UPDATE idempotency_keys SET expires_at = 1");
    let _server = Process::serve(&database);
    until("the old answer is gone", || (database.rows("idempotency_keys") == 0).then_some(()));
}

/// Sends a call and cuts the connection, so that the answer is lost: at once, or when it has been given.
fn lose_answer(call: &Call, person: &Person, key: &str, at_once: bool) {
    let signed = call.signed();
    let signature = crate::world::sign(&person.secret, &signed);
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&signed)
        .append_pair("signature", &signature)
        .finish();
    let request = format!(
        "POST /api/v3/exams HTTP/1.1\r\nHost: x\r\nAuthorization: Token token={}\r\n{KEY}: {key}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        person.token,
        body.len()
    );
    let mut wire = Wire::to(person.address);
    assert!(wire.send(request));
    if !at_once {
        assert!(wire.reply().starts_with("HTTP/1.1 201"));
    }
}

#[test]
fn of_200_lost_answers_each_sent_again_gives_one_object() {
    let world = World::new();
    let teacher = &world.teacher;
    let calls: Vec<(String, Call)> =
        (0..200).map(|at| (format!("key-{at}"), new_exam(teacher, &format!("Exam {at}")))).collect();
    for (at, (key, call)) in calls.iter().enumerate() {
        lose_answer(call, teacher, key, at % 2 == 0);
    }
    let mut ids = BTreeSet::new();
    let mut repeated = 0;
    for (key, call) in &calls {
        let reply = sent_until_answered(call, teacher, key);
        repeated += usize::from(is_repeated(&reply));
        ids.insert(reply.created("exam")["id"].as_i64().unwrap());
    }
    println!("of 200 lost answers {repeated} were given before the request was sent again");
    assert!(repeated >= 100, "{repeated}");
    assert_eq!((ids.len(), count_exams(teacher)), (200, 200));
}
