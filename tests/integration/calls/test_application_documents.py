"""Documents of an application: in pieces into GridFS, told from their content, and back under the right to read."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import pytest
from gridfs import GridFSBucket

from shared.contracts.calls import AttachToGrantApplication, DetachFromGrantApplication, SubmitGrantApplication
from shared.contracts.files import FILE_LIMIT, PIECE, FileReceipt, as_text
from shared.errors import Forbidden, HubError, IdempotencyKeyReused, Invalid, NotFound, PayloadTooLarge
from shared.identity import Principal
from shared.telemetry import new_id
from tests.integration.calls.applications import OPENING, Office
from tests.running import ServiceProcess
from tests.servers import wait_until
from tests.unit.calls.applying import (
    EVALUATORS,
    a_pdf,
    a_text_document,
    a_word_document,
    an_applicant,
    an_archive,
    terms,
)
from tests.unit.calls.builders import SUPPORT_BODY

OTHER = an_applicant("altri")


def test_a_file_of_many_pieces_comes_back_as_it_was_sent(office: Office) -> None:
    draft = office.drafted(office.call())
    content = a_pdf(3 * PIECE + 7, secrets.token_bytes(1))
    file = office.sends(draft, "Progetto — finale.pdf", content).file
    assert file is not None
    assert (file.name, file.media_type, file.size) == ("Progetto — finale.pdf", "application/pdf", len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert file.uploaded_by == "editor-of-note-alte"
    assert office.read(draft, file.id) == content
    assert office.seen(draft, by=an_applicant()).attachments == (file,)


def test_any_gridfs_client_reads_the_file(office: Office) -> None:
    draft = office.drafted(office.call())
    content = a_pdf(2 * PIECE)
    file = office.sends(draft, "a.pdf", content).file
    assert file is not None
    stored = GridFSBucket(office.hub.documents).open_download_stream(file.id)
    assert (stored.filename, stored.length, stored.metadata["sha256"]) == ("a.pdf", len(content), file.sha256)
    assert stored.read() == content


def test_the_largest_file_is_taken_and_one_byte_more_is_not(office: Office) -> None:
    draft = office.drafted(office.call())
    largest = office.sends(draft, "grande.pdf", a_pdf(FILE_LIMIT)).file
    assert largest is not None and largest.size == FILE_LIMIT
    with pytest.raises(PayloadTooLarge):
        office.sends(draft, "troppo.pdf", a_pdf(FILE_LIMIT + 1))
    assert [file.name for file in office.seen(draft, by=an_applicant()).attachments] == ["grande.pdf"]


def test_a_piece_that_comes_again_changes_nothing(office: Office) -> None:
    draft = office.drafted(office.call())
    content, upload_id = a_pdf(2 * PIECE + 5), new_id()
    for offset in (0, 0, PIECE, 0, PIECE):
        receipt = office.sends_piece(draft, "a.pdf", content, offset, upload_id=upload_id)
        assert receipt.received == offset + PIECE and receipt.file is None
    first = office.sends_piece(draft, "a.pdf", content, 2 * PIECE, upload_id=upload_id)
    again = office.sends_piece(draft, "a.pdf", content, 2 * PIECE, upload_id=upload_id)
    assert first == again and first.file is not None
    assert office.sends(draft, "a.pdf", content, upload_id=upload_id) == first
    assert office.read(draft, first.file.id) == content
    assert office.hub.documents["fs.chunks"].count_documents({}) == 5
    assert len(office.seen(draft, by=an_applicant()).attachments) == 1


def test_copies_of_a_piece_at_the_same_moment_are_one(office: Office, twin: ServiceProcess) -> None:
    draft = office.drafted(office.call())
    content, upload_id = a_pdf(PIECE + 5), new_id()
    for offset in (0, PIECE):
        piece = AttachToGrantApplication(
            call_id=draft.call_id,
            application_id=draft.id,
            upload_id=upload_id,
            name="a.pdf",
            offset=offset,
            content=as_text(content[offset : offset + PIECE]),
            last=offset > 0,
        )
        receipts = office.hub.ask_at_once(*[(piece, an_applicant())] * 6)
        assert len(set(receipts)) == 1
        assert isinstance(receipts[0], FileReceipt)
    assert office.read(draft, upload_id) == content
    assert len(office.seen(draft, by=an_applicant()).attachments) == 1


def test_another_content_under_the_same_upload_is_refused(office: Office) -> None:
    draft = office.drafted(office.call())
    upload_id = new_id()
    office.sends(draft, "a.pdf", a_pdf(PIECE + 5), upload_id=upload_id)
    with pytest.raises(IdempotencyKeyReused):
        office.sends(draft, "a.pdf", a_pdf(PIECE + 5, b"b"), upload_id=upload_id)


def test_a_piece_out_of_its_place_is_refused(office: Office) -> None:
    draft = office.drafted(office.call())
    with pytest.raises(HubError, match="piece-out-of-place"):
        office.sends_piece(draft, "a.pdf", a_pdf(3 * PIECE), PIECE, upload_id=new_id())
    with pytest.raises(Invalid):
        office.sends_piece(draft, "a.pdf", a_pdf(3 * PIECE), 7, upload_id=new_id())


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", a_pdf(), "application/pdf"),
        ("A.PDF", a_pdf(), "application/pdf"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(30), "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(20), "image/jpeg"),
        ("a.docx", a_word_document(), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.odt", a_text_document(), "application/vnd.oasis.opendocument.text"),
        ("a.zip", an_archive(a=b"1"), "application/zip"),
        ("a.pdf.p7m", bytes.fromhex("3082010006092a864886f70d010702") + bytes(99), "application/pkcs7-mime"),
        ("a.txt", "perché no".encode(), "text/plain"),
        ("a.csv", "città;costo\nForlì;12".encode("cp1252"), "text/csv"),
    ],
)
def test_a_document_is_taken_for_what_its_content_says(
    office: Office, name: str, content: bytes, media_type: str
) -> None:
    file = office.sends(office.drafted(office.call()), name, content).file
    assert file is not None and file.media_type == media_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"MZ\x90\x00\x03" + bytes(200)),
        ("a.pdf", b"<html><script>"),
        ("a.png", a_pdf()),
        ("a.txt", b"MZ\x90\x00\x03" + bytes(200)),
        ("a.exe", b"MZ\x90\x00\x03" + bytes(200)),
        ("a.html", b"<html></html>"),
        ("a.docx", an_archive(a=b"1")),
        ("a.docx", a_word_document("spreadsheetml.sheet")),
        ("a.docx", b"PK\x03\x04 and no archive after it"),
        ("a.odt", an_archive(mimetype=b"application/zip")),
        ("pdf", a_pdf()),
        (".pdf", a_pdf()),
        ("a.pdf", b""),
    ],
)
def test_a_document_that_is_not_what_it_says_is_refused_and_leaves_nothing(
    office: Office, name: str, content: bytes
) -> None:
    draft = office.drafted(office.call())
    with pytest.raises(HubError) as refused:
        office.sends(draft, name, content)
    assert refused.value.status in (415, 422)
    assert office.hub.documents["fs.chunks"].count_documents({}) == 0
    assert office.hub.documents["fs.uploads"].count_documents({}) == 0


def test_a_name_brings_no_path_along(office: Office) -> None:
    draft = office.drafted(office.call())
    for said in ("../../etc/atto.pdf", r"C:\Users\anna\atto.pdf", 'at"to.pdf', "atto\x00.pdf"):
        file = office.sends(draft, said, a_pdf()).file
        assert file is not None and file.name == "atto.pdf"


def test_only_the_applicant_brings_documents_and_only_while_it_may(office: Office) -> None:
    draft = office.drafted(office.call())
    with pytest.raises(Forbidden):
        office.sends(draft, "a.pdf", a_pdf(), by=OTHER)
    upload_id, content = new_id(), a_pdf(PIECE + 5)
    office.sends_piece(draft, "a.pdf", content, 0, upload_id=upload_id)
    office.does(SubmitGrantApplication, draft)
    with pytest.raises(HubError, match="application-not-in-this-state"):
        office.sends_piece(draft, "a.pdf", content, PIECE, upload_id=upload_id)


def test_a_document_is_read_by_whoever_may_read_the_application(office: Office) -> None:
    draft = office.drafted(office.call())
    file = office.sends(draft, "a.pdf", a_pdf()).file
    assert file is not None
    for stranger in (OTHER, SUPPORT_BODY):  # a draft is its organisation's alone
        with pytest.raises(NotFound):
            office.read(draft, file.id, by=stranger)
    draft = office.seen(draft, by=an_applicant())
    office.does(SubmitGrantApplication, draft)
    assert office.read(draft, file.id, by=SUPPORT_BODY) == a_pdf()
    with pytest.raises(NotFound):
        office.read(draft, file.id, by=OTHER)


def test_a_document_of_another_application_is_not_found_under_this_one(office: Office) -> None:
    call = office.call()
    mine, theirs = office.drafted(call), office.drafted(call, by=OTHER)
    file = office.sends(theirs, "a.pdf", a_pdf(), by=OTHER).file
    assert file is not None
    with pytest.raises(NotFound):
        office.read(mine, file.id)


def test_nobody_takes_a_document_out_of_an_application_of_others_through_an_own_one(office: Office) -> None:
    call = office.call()
    mine, theirs = office.drafted(call), office.drafted(call, by=OTHER)
    content = a_pdf()
    file = office.sends(theirs, "a.pdf", content, by=OTHER).file
    assert file is not None
    with pytest.raises(NotFound):
        office.does(DetachFromGrantApplication, mine, file_id=file.id)
    assert office.read(theirs, file.id, by=OTHER) == content


def test_a_file_is_of_one_application_alone(office: Office) -> None:
    call = office.call(declared=terms(applications_per_organisation=2))
    first, second = office.drafted(call), office.drafted(call)
    upload_id = new_id()
    file = office.sends(first, "a.pdf", a_pdf(), upload_id=upload_id).file
    assert file is not None
    with pytest.raises(IdempotencyKeyReused):
        office.sends(second, "a.pdf", a_pdf(), upload_id=upload_id)


def test_a_document_taken_out_of_a_draft_is_gone(office: Office) -> None:
    draft = office.drafted(office.call())
    file = office.sends(draft, "a.pdf", a_pdf(PIECE + 5)).file
    assert file is not None
    draft = office.seen(draft, by=an_applicant())
    assert office.does(DetachFromGrantApplication, draft, file_id=file.id).attachments == ()
    assert office.hub.documents["fs.chunks"].count_documents({}) == 0
    with pytest.raises(NotFound):
        office.read(draft, file.id)


def test_what_is_no_base64_is_refused(office: Office) -> None:
    draft = office.drafted(office.call())
    assert as_text(b"%PDF") == "JVBERg=="
    with pytest.raises(Invalid):
        office.hub.ask(
            AttachToGrantApplication(
                call_id=draft.call_id, application_id=draft.id, upload_id="u", name="a.pdf", offset=0,
                content="§§§§", last=True,
            ),
            by=an_applicant(),
        )  # fmt: skip


def test_an_upload_that_stands_still_is_swept_and_one_that_goes_on_is_not(office: Office) -> None:
    draft = office.drafted(office.call())
    content, still, alive = a_pdf(3 * PIECE), new_id(), new_id()
    office.sends_piece(draft, "still.pdf", content, 0, upload_id=still)
    office.sends_piece(draft, "alive.pdf", content, 0, upload_id=alive)
    office.hub.set_clock(OPENING + timedelta(minutes=59))
    office.sends_piece(draft, "alive.pdf", content, PIECE, upload_id=alive)
    office.hub.set_clock(OPENING + timedelta(minutes=61))

    uploads = office.hub.documents["fs.uploads"]
    wait_until(lambda: uploads.count_documents({"_id": still}) == 0, "the upload is swept")
    assert office.hub.documents["fs.chunks"].count_documents({"files_id": still}) == 0
    with pytest.raises(HubError, match="piece-out-of-place"):
        office.sends_piece(draft, "still.pdf", content, PIECE, upload_id=still)
    assert office.sends_piece(draft, "alive.pdf", content, 2 * PIECE, upload_id=alive).file is not None


def test_evaluators_read_the_documents_of_what_they_score(office: Office) -> None:
    call = office.call()
    draft = office.drafted(call)
    file = office.sends(draft, "a.pdf", a_pdf()).file
    assert file is not None
    application = office.admitted(office.does(SubmitGrantApplication, office.seen(draft, by=an_applicant())))
    assert office.read(application, file.id, by=Principal(person_id=EVALUATORS[0].person_id)) == a_pdf()
    with pytest.raises(NotFound):
        office.read(application, file.id, by=Principal(person_id="somebody-else"))
