"""The instructions of an exam, and the files they show."""
from caller import has, paged, proven

DOCUMENT = ("id exam_content created_at updated_at exam_id file_file_name file_content_type file_file_size "
            "file_updated_at file_processing")
ATTACHMENT = ("id created_at updated_at document_file_name document_content_type document_file_size "
              "document_updated_at exam_id placeholder")
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
                    "00000005000168a5f8a90000000049454e44ae426082")


def show(stage):
    show_attachments(stage)
    show_documents(stage)
    show_copy(stage)


def show_attachments(stage):
    teacher, base, exam = stage.teacher, "/exams/{exam_id}/attachments", {"exam_id": stage.exam["id"]}
    file = ("document", "image2.jpg.png", "image/png", PNG)
    answer = teacher.send("POST", base, exam, "multipart", file=file)
    stage.attachment = has(answer.created("attachment"), ATTACHMENT, document_file_name=file[1], **exam,
                           document_content_type="image/png", document_file_size=len(PNG))
    seconds, name = stage.attachment["placeholder"].split("_", 1)
    assert seconds.isdigit() and len(seconds) == 10 and name == file[1], stage.attachment
    gone = teacher.send("POST", base, exam, "multipart", file=("document", "notes.txt", "text/plain", b"Notes")).created(
        "attachment")
    teacher.send("POST", base, exam, "multipart").problem(422, "parameter_missing", "document")
    for attachment in paged(teacher, base, "attachments", 2, **exam):
        has(attachment, ATTACHMENT)
    has(teacher("GET", base + "/{id}", id=gone["id"], **exam).ok("attachment"), ATTACHMENT, id=gone["id"])
    teacher("DELETE", base + "/{id}", id=gone["id"], **exam).emptied()
    teacher("GET", base + "/{id}", id=gone["id"], **exam).problem(404, "not_found")
    proven("attachments: GET, GET .../:id, POST, DELETE .../:id")
    proven("attachments: fields")


def show_documents(stage):
    teacher, base, exam = stage.teacher, "/exams/{exam_id}/documents", {"exam_id": stage.exam["id"]}
    place, picture = stage.resource["placeholder"], stage.attachment["placeholder"]
    content = f"<p>Élève: 100% prêt? a=b & c</p>\n{{{place}}} and {place} and {{{picture}}}"
    document = has(teacher("POST", base, exam_content=content, **exam).created("document"), DOCUMENT,
                   exam_content=content, **exam)
    teacher("POST", base, **exam).problem(422, "parameter_missing", "exam_content")
    second = teacher("POST", base, exam_content="<p>Second</p>", **exam)
    assert second.status in (200, 201) and second.member("document")["exam_content"] == "<p>Second</p>", second
    proven("documents: POST /exams/:exam_id/documents")
    one = teacher("GET", base, **exam).ok("document")
    at = {"id": one["id"]} | exam
    has(one, DOCUMENT, exam_content="<p>Second</p>")
    assert teacher("GET", base + "/{id}", **at).ok("document") == one
    proven("documents: GET /exams/:exam_id/documents, GET .../:id")

    for wrong in ("{LTI_EXAM_99999999}", "LTI_<b>EXAM</b>_1"):
        for method in ("PATCH", "PUT"):
            refused = teacher(method, base + "/{id}", exam_content="<p>x</p>" + wrong, **at)
            refused.problem(422, "parameter_invalid", "exam_content")
            assert any(part.isdigit() for part in refused.json["detail"].replace(",", " ").split()), refused
    strange = stage.administrator("POST", "/exams", name="Strange", type="demo").created("exam")
    stage.administrator("POST", base, exam_id=strange["id"], exam_content=place).problem(
        422, "parameter_invalid", "exam_content")
    proven("documents: placeholders, refused where unknown, of another exam, or split, with the position")

    for method in ("PATCH", "PUT"):
        has(teacher(method, base + "/{id}", exam_content=f"<b>{method}</b>", **at).ok("document"), DOCUMENT,
            exam_content=f"<b>{method}</b>")
    teacher("DELETE", base + "/{id}", **at).emptied()
    teacher("GET", base + "/{id}", **at).problem(404, "not_found")
    has(teacher("POST", base, exam_content=content, **exam).created("document"), DOCUMENT, exam_content=content)
    proven("documents: PATCH, PUT, DELETE /exams/:exam_id/documents/:id")
    proven("documents: fields")


def show_copy(stage):
    teacher, exam = stage.teacher, stage.exam
    copy = teacher("POST", "/exams/{id}/copy", id=exam["id"]).created("exam")
    assert copy["id"] != exam["id"] and copy["status"] == "draft" and copy["type"] == exam["type"], copy
    [resource] = teacher("GET", "/lti_resources", exam_id=copy["id"]).ok("lti_resources")
    [attachment] = teacher("GET", "/exams/{exam_id}/attachments", exam_id=copy["id"]).ok("attachments")
    assert attachment["id"] != stage.attachment["id"], "the copy has files of its own"
    place, picture = resource["placeholder"], attachment["placeholder"]
    assert place != stage.resource["placeholder"], "new placeholders"
    content = teacher("GET", "/exams/{exam_id}/documents", exam_id=copy["id"]).ok("document")["exam_content"]
    assert content == f"<p>Élève: 100% prêt? a=b & c</p>\n{{{place}}} and {place} and {{{picture}}}", content
    proven("exams: POST /exams/:id/copy")
