"""The signature: the published samples, and what is refused."""
from caller import Caller, message, nonce, now, proven, signature

KEY = "s3cr3t-Key_for-test-vectors-0123456789abcdef"
SAMPLES = (
    ({"nonce": "1527500365", "timestamp": 1527500365052},
     "a59b41d7c0615bcd9eb54658164c22e01af78dbab8d8f6070e7ef103ee89c3a4"),
    ({"id": 42, "nonce": "1527500365", "timestamp": 1527500365052},
     "ac7dcb897092837fd7b3010df4dfa36ed354d2d9208cfbf9e3f0ec8811805823"),
    ({"page": 2, "limit": 50, "status": "open", "nonce": "1527500366", "timestamp": 1527500365053},
     "55ed7e2fdc51c3fb0d455e66db690e16f1abe4f03e97cdfef551b96ecab7bc9c"),
    ({"tool_name": "some name", "tool_url": "https://tool.example/lti?x=1&y=2", "use_as_basic_link": True,
      "oauth_consumer_key": "key", "oauth_consumer_secret": "secret", "lti_custom_data": '{"course":"A1"}',
      "nonce": "1527500367", "timestamp": 1527500365054},
     "64c851d6530d26103320bf4208d181536a6117143a807b8a17ecd834f2c68ab5"),
    ({"exam_id": 42, "exam_content": "<p>Élève: 100% prêt? a=b & c</p>\n{LTI_EXAM_1}", "nonce": "1527500368",
      "timestamp": 1527500365055}, "c27103d5a46ca4cdd9a41241a5dfd8371c7c1abd34781230ac646052171e99de"),
    ({"id": 42, "name": "", "end_time": None, "nonce": "1527500371", "timestamp": 1527500365058},
     "0451d499d4fe7fb5e6d43ac79c3f744dbd56e3dd43442e1050a3657419e25022"),
    ({"id": 1, "custom_languages": ["en-GB", "no-NO"], "nonce": "1527500373", "timestamp": 1527500365060},
     "b1093c43f748b1611b8eac3f3a053278791f7eec407f8837de8f05ddc909272b"),
)


def show(stage):
    for parameters, expected in SAMPLES:
        assert signature(KEY, parameters) == expected, message(parameters)
    teacher, id = stage.teacher, {"id": stage.exam["id"]}

    def sent(parameters, path="/exams/{id}", method="GET", **more):
        return teacher.send(method, path, {}, signed=parameters, **more)

    whole = teacher.signed(id)
    sent(whole | {"signature": whole["signature"].upper()}).is_(200)
    sent(whole).problem(401, "nonce_reused")
    burned = teacher.signed({"name": "", "type": "demo"})
    sent(burned, "/exams", "POST").is_(422)
    sent(burned, "/exams", "POST").problem(401, "nonce_reused")
    proven("signing: a nonce counts once, and is burned even where the request then fails")

    stale = sent(teacher.signed(id | {"timestamp": now() - 301_000})).problem(401, "stale_timestamp")
    assert "301" in stale["detail"] or "5" in stale["detail"], stale
    sent(teacher.signed(id | {"timestamp": now() + 301_000})).problem(401, "stale_timestamp")
    sent(teacher.signed(id | {"timestamp": now() - 240_000})).is_(200)
    sent(teacher.signed(id | {"timestamp": now() // 1_000})).problem(401, "stale_timestamp", detail="milliseconds")
    proven("signing: five minutes, and a hint for seconds")

    whole = teacher.signed(id)
    for wrong in ("0" * 64, whole["signature"][:63], whole["signature"] + "0", "x" * 64):
        sent(whole | {"signature": wrong}).problem(401, "invalid_signature")
    unknown = Caller(teacher.origin, "unknown", teacher.secret)
    unknown("GET", "/exams").problem(401, "invalid_signature")
    forgotten = {"nonce": nonce(), "timestamp": now()}
    sent(forgotten | id | {"signature": signature(teacher.secret, forgotten)}).problem(401, "invalid_signature")
    for missing in ("signature", "nonce", "timestamp"):
        part = teacher.signed(id)
        del part[missing]
        assert sent(part).status in (400, 401), missing
    proven("signing: 64 digits in either case; an unknown token and a wrong signature look alike")
    proven("errors: 401")

    target, query = f"/api/v3/exams/{id['id']}", "nonce={nonce}&timestamp={timestamp}&signature={signature}"
    plain = query.format(**teacher.signed(id))
    teacher.raw("GET", f"{target}?{plain}&id=0").problem(400, "parameter_conflict")
    teacher.raw("GET", f"{target}?{plain}&nonce=1").problem(400, "duplicate_parameter")
    twice = b'{"name":"a","name":"b"}'
    teacher.raw("PATCH", f"{target}?{plain}", twice, {"Content-Type": "application/json"}).problem(
        400, "duplicate_parameter")
    teacher.raw("PATCH", f"{target}?{plain}", b'{"name":', {"Content-Type": "application/json"}).problem(
        400, "malformed_request")
    for bad in ("name=%FF", "name=%00"):
        teacher.raw("GET", f"{target}?{plain}&{bad}").problem(400, "malformed_request")
    for bad in ("4%2F2", "4%3F2", "%FF", "4%00"):
        teacher.raw("GET", f"/api/v3/exams/{bad}?{plain}").problem(400, "malformed_request")
    nested = teacher.signed({"name": "N", "type": "demo"}) | {"restrictions": {"a": 1}}
    sent(nested, "/exams", "POST").is_(422)
    proven("errors: 400 malformed_request, duplicate_parameter, parameter_conflict")

    tool = {"tool_name": "T", "oauth_consumer_key": "k", "oauth_consumer_secret": "s"}
    path, admin = "/tool_providers", stage.administrator
    unclear = admin("POST", path, **tool, tool_url="https://tool.example/?type=demo")
    unclear.problem(422, "ambiguous_signature", "tool_url")
    admin("POST", path, **tool, tool_url="https://tool.example/?course=1").created("tool_provider")
    admin("POST", path, **(tool | {"tool_name": "Is it ok?"}), tool_url="https://t.example/").created("tool_provider")
    proven("signing: an ambiguous message is refused, naming the parameter")

    languages = {"custom_languages": ["en-GB", "nb-NO"], "id": stage.institute["id"]}
    compact = languages | {"nonce": nonce(), "timestamp": now()}
    signed = signature(stage.superuser.secret, compact | {"custom_languages": '["en-GB","nb-NO"]'})
    stage.superuser.send("PATCH", "/institutes/{id}", {}, signed=compact | {"signature": signed}).ok("institute")
    proven("signing: the published samples, and lists in both renderings")
