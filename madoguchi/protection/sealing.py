"""The sealed package of a case: a zip whose every byte is vouched for, for police, lawyers and labour offices.

case.json, case.pdf   the file as data and to read
messages/ID.eml|json  each piece of evidence as it arrived
manifest.json         SHA-256 of every other file, the state of the audit chain, who made it and when
manifest.sig          Ed25519 over manifest.json (base64), public_key.pem to check it with any tool
"""

import base64
import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from madoguchi.foundation import clock, crypto
from madoguchi.foundation.models import AuditEntry

from .cases import as_data, evidence_of
from .evidence import canonical
from .models import Case

MANIFEST, SIGNATURE, KEY = "manifest.json", "manifest.sig", "public_key.pem"
BIGGEST = 512 * 1024 * 1024  # bytes of one file inside; more is a zip bomb
MOST_FILES = 5000


def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(crypto.derive("protection-case-seal"))


def public_key() -> bytes:
    """The installation's seal, as PEM."""
    return _key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def seal(case: Case, *, by_name: str, language: str) -> tuple[bytes, str]:
    """(the package, SHA-256 of its manifest)."""
    from .paper import case_pdf  # noqa: PLC0415  the PDF library would slow every start

    data = as_data(case)
    files = {
        "case.json": json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True).encode(),
        "case.pdf": case_pdf(case, data, language=language),
        **_messages(case),
    }  # fmt: skip
    last = AuditEntry.objects.order_by("-id").first()
    manifest = json.dumps(
        {
            "format": "madoguchi-sealed-case", "version": 1, "case": case.code, "made_at": clock.now().isoformat(), "made_by": by_name,
            "audit_chain": {"entries_up_to": last.pk if last else 0, "digest": last.digest if last else ""},
            "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
        },
        ensure_ascii=False, indent=1, sort_keys=True,
    ).encode()  # fmt: skip
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in sorted(files.items()):
            package.writestr(name, content)
        package.writestr(MANIFEST, manifest)
        package.writestr(SIGNATURE, base64.b64encode(_key().sign(manifest)))
        package.writestr(KEY, public_key())
    return packed.getvalue(), hashlib.sha256(manifest).hexdigest()


def _messages(case: Case) -> dict[str, bytes]:
    found = {}
    for one in evidence_of(case):
        message = one.row.message
        if one.row.raw and message.envelope is not None:
            found[f"messages/{message.pk}.eml"] = bytes(message.envelope.raw)
        else:
            found[f"messages/{message.pk}.json"] = canonical(message)
    return found


@dataclass
class Verdict:
    """problems: in plain words, empty when the package is as it was sealed; `ours`: sealed by this installation."""

    case: str = ""
    made_at: str = ""
    made_by: str = ""
    files: int = 0
    ours: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(content: bytes) -> Verdict:
    """Check every file against the manifest, the manifest against its signature, and the evidence against its digests. Never raises."""
    verdict = Verdict()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _verify(package, verdict)
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        UnicodeDecodeError,
        OSError,
        RuntimeError,
        NotImplementedError,
        TypeError,
        zlib.error,
    ) as error:
        verdict.problems.append(f"not a readable package: {type(error).__name__}")
    return verdict


def _verify(package: zipfile.ZipFile, verdict: Verdict) -> None:
    infos = package.infolist()
    if len(infos) > MOST_FILES or any(info.file_size > BIGGEST for info in infos):
        verdict.problems.append("too many or too large files")
        return
    names = [info.filename for info in infos]
    if len(names) != len(set(names)):
        verdict.problems.append("a name stands twice in the package")
    manifest = package.read(MANIFEST)
    _check_signature(package, manifest, verdict)
    if not verdict.ok:
        return  # nothing that it says can be believed
    told = json.loads(manifest)
    verdict.case, verdict.made_at, verdict.made_by = (str(told.get(name, "")) for name in ("case", "made_at", "made_by"))
    listed: dict[str, str] = dict(told["files"])
    verdict.files = len(listed)
    present = set(names) - {MANIFEST, SIGNATURE, KEY}
    verdict.problems += [f"missing: {name}" for name in sorted(set(listed) - present)]
    verdict.problems += [f"not in the manifest: {name}" for name in sorted(present - set(listed))]
    for name in sorted(present & set(listed)):
        if hashlib.sha256(package.read(name)).hexdigest() != listed[name]:
            verdict.problems.append(f"changed: {name}")
    if verdict.ok:
        _check_evidence(package, verdict)


def _check_signature(package: zipfile.ZipFile, manifest: bytes, verdict: Verdict) -> None:
    pem = package.read(KEY)
    verdict.ours = pem == public_key()
    key = load_pem_public_key(pem)
    if not isinstance(key, Ed25519PublicKey):
        verdict.problems.append("the key is of another kind")
        return
    try:
        key.verify(base64.b64decode(package.read(SIGNATURE), validate=True), manifest)
    except InvalidSignature:
        verdict.problems.append("the signature does not fit the manifest")


def _check_evidence(package: zipfile.ZipFile, verdict: Verdict) -> None:
    """What case.json says of each message must be true of the message that lies in the package."""
    for one in json.loads(package.read("case.json"))["evidence"]:
        name = f"messages/{one['message']}.{'eml' if one['of'] == 'raw mail' else 'json'}"
        if hashlib.sha256(package.read(name)).hexdigest() != one["sha256"]:
            verdict.problems.append(f"message {one['message']} is not what was kept as evidence")
