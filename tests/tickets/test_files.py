"""Files that agents add, and who may open which file."""

import pytest

from madoguchi.foundation import clock
from madoguchi.foundation.actor import agent_actor
from madoguchi.foundation.errors import Invalid, NotFound
from madoguchi.tickets import actions
from madoguchi.tickets.downloads import file_of
from madoguchi.tickets.filetypes import safe_name, sniff
from madoguchi.tickets.models import Attachment

PNG = b"\x89PNG\r\n\x1a\n123"


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (PNG, "a.exe", "image/png"), (b"%PDF-1.7", "a", "application/pdf"), (b"<html><script>", "a.html", "text/plain"),
        (b"<svg onload=x>", "a.svg", "text/plain"), (b"PK\x03\x04..", "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x03\x04..", "a.zip", "application/zip"), (b"MZ\x00\x00", "a.png", "application/octet-stream"),
        ("返品".encode(), "a.txt", "text/plain"), ("返品".encode("shift_jis"), "a.txt", "application/octet-stream"),
        (b"a,b\n1,2", "list.csv", "text/csv"), (("あ" * 2000).encode(), "long.txt", "text/plain"), (b"", "", "text/plain"),
    ],
)  # fmt: skip
def test_a_file_is_what_its_bytes_say(data, name, kind):
    assert sniff(data, name) == kind


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"), ("C:\\temp\\a.txt", "a.txt"), ("a\r\nSet-Cookie: x", "a_Set-Cookie_ x"), ("", "file"),
        ("..", "file"), ("photo\u202egnp.exe", "photo_gnp.exe"), ("見積書.pdf", "見積書.pdf"),
    ],
)  # fmt: skip
def test_a_name_is_only_a_name(given, kept):
    assert safe_name(given) == kept


def test_a_long_name_keeps_its_ending():
    name = safe_name("x" * 500 + ".pdf")
    assert (len(name), name[-4:]) == (200, ".pdf")


@pytest.mark.django_db
class TestUploads:
    def test_a_file_goes_along_with_the_reply(self, cast):
        ticket = cast.ticket(team=cast.orders)
        upload = actions.add_upload(agent=cast.hana, name="photo.png", data=PNG, ticket_id=ticket.pk)
        assert (upload.content_type, upload.size) == ("image/png", len(PNG))
        message = actions.add_note(ticket_id=ticket.pk, text="See", by=agent_actor(cast.hana), attachment_ids=[upload.pk])
        file = file_of(cast.hana, message.attachments.get().pk)
        assert (file.name, file.data, file.previewable) == ("photo.png", PNG, True)

    def test_a_file_of_a_note_is_for_those_who_may_read_notes(self, cast):
        ticket = cast.ticket(team=cast.orders)
        upload = actions.add_upload(agent=cast.hana, name="a.png", data=PNG, ticket_id=ticket.pk)
        actions.add_note(ticket_id=ticket.pk, text="See", by=agent_actor(cast.hana), attachment_ids=[upload.pk])
        with pytest.raises(NotFound):
            file_of(cast.observer, upload.pk)

    def test_another_teams_file_does_not_exist(self, cast):
        message = cast.ticket(team=cast.repairs).messages.get()
        file = Attachment.objects.create(message=message, name="a", size=3, data=b"abc", created_at=clock.now())
        with pytest.raises(NotFound):
            file_of(cast.hana, file.pk)
        assert file_of(cast.kenji, file.pk).data == b"abc"

    def test_an_unsent_file_is_only_its_owners(self, cast):
        upload = actions.add_upload(agent=cast.hana, name="a.png", data=PNG)
        with pytest.raises(NotFound):
            file_of(cast.admin, upload.pk)
        with pytest.raises(NotFound):
            actions.discard_upload(agent=cast.admin, attachment_id=upload.pk)
        actions.discard_upload(agent=cast.hana, attachment_id=upload.pk)
        assert not Attachment.objects.exists()

    def test_empty_and_too_large_files_are_refused(self, cast, settings):
        settings.UPLOAD_SIZE_LIMIT = 2000
        with pytest.raises(Invalid):
            actions.add_upload(agent=cast.hana, name="a", data=b"")
        actions.add_upload(agent=cast.hana, name="a", data=b"x" * 1500)
        with pytest.raises(Invalid):
            actions.add_upload(agent=cast.hana, name="b", data=b"x" * 600)

    def test_what_was_never_sent_is_forgotten(self, cast):
        actions.add_upload(agent=cast.hana, name="a", data=b"x")
        assert actions.forget_unsent() == 0
        Attachment.objects.update(created_at="2020-01-01T00:00Z")
        assert actions.forget_unsent() == 1
