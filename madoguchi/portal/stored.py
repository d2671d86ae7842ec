"""What is stored about a customer, as a file that they take along: data.json and their files."""

import json
import tempfile
import zipfile
from typing import IO, Any

from django.conf import settings
from django.utils.module_loading import import_string

from madoguchi.customers.models import Customer
from madoguchi.tickets.downloads import data_of
from madoguchi.tickets.filetypes import safe_name
from madoguchi.tickets.models import Attachment

from .queries import conversation, requests_of

IN_MEMORY = 5 * 2**20


def data_about(customer: Customer) -> dict[str, Any]:
    """Everything that the rooms hold, as plain values. Notes of our people are given on request only, after somebody read them."""
    found: dict[str, Any] = {}
    for path in settings.PERSONAL_DATA_EXPORTS:
        found |= import_string(path)(customer)
    for person in found.get("customers", []):
        person.pop("notes", None)
    return found


def packed(customer: Customer) -> IO[bytes]:
    """A zip archive, rewound; on disk when it is large."""
    target = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  whoever sends it closes it
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data_about(customer), ensure_ascii=False, indent=1, default=str))
        for ticket in requests_of(customer).iterator(chunk_size=100):
            for message in conversation(customer, ticket):
                for file in message.attachments.all():
                    _add(archive, ticket.pk, file)
    target.seek(0)
    return target


def _add(archive: zipfile.ZipFile, number: int, file: Attachment) -> None:
    whole = Attachment.objects.select_related("message__envelope").get(pk=file.pk)
    data = None if whole.is_redacted else data_of(whole)
    if data is not None:
        archive.writestr(f"files/{number}/{file.pk}-{safe_name(file.name)}", data)
