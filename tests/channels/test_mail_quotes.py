"""Reply, quote and signature told apart, as the mail programs of five languages write them."""

import pathlib

import pytest

from madoguchi.channels.mail.quotes import split

SAMPLES = pathlib.Path(__file__).parent / "samples"


def _cases():
    for path in sorted(SAMPLES.glob("quotes-*.txt")):
        for chunk in path.read_text(encoding="utf-8").split("=== ")[1:]:
            name, _, body = chunk.partition("\n")
            yield pytest.param(body, id=f"{path.stem[7:]}: {name}")


def _read(body):
    """The text of the mail, and what belongs to each part."""
    lines, parts, current = [], {"[reply]": [], "[quoted]": [], "[signature]": []}, None
    for line in body.removesuffix("\n").split("\n"):
        if line in parts:
            current = parts[line]
        else:
            lines.append(line)
            current.append(line)
    return "\n".join(lines), ["\n".join(parts[k]).strip("\n") for k in ("[reply]", "[quoted]", "[signature]")]


def _bare(text):
    return [line.rstrip() for line in text.strip("\n").split("\n")]


@pytest.mark.parametrize("body", list(_cases()))
def test_the_parts_of_a_mail_are_told_apart(body):
    text, (reply, quoted, signature) = _read(body)
    found = split(text)
    assert [_bare(part) for part in found] == [_bare(reply), _bare(quoted), _bare(signature)]


@pytest.mark.parametrize("body", list(_cases()))
def test_nothing_of_the_text_is_lost(body):
    text, _ = _read(body)
    lines = sorted(line.strip() for part in split(text) for line in part.split("\n") if line.strip())
    assert lines == sorted(line.strip() for line in text.split("\n") if line.strip())
