"""Forms with files are read as browsers send them, and refused where they are none."""

import pytest

from vigil.errors import InvalidInput
from vigil.web.console.parts import parts_of

KIND = "multipart/form-data; boundary=----WebKitFormBoundaryX"


def part(head: str, content: bytes) -> bytes:
    return b"------WebKitFormBoundaryX\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def named(name: str, content: bytes = b"x") -> bytes:
    return part(
        f'Content-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: text/markdown', content
    )


END = b"------WebKitFormBoundaryX--\r\n"
TOKEN = part('Content-Disposition: form-data; name="token"', "abcä".encode())


def test_fields_and_files_come_as_they_were_sent() -> None:
    content = b"# Hi\r\n\r\n--x\x00\xff\r\n\r\n"
    fields, files = parts_of(KIND, TOKEN + named("über %22alles%22.md", content) + named("", b"") + END)
    assert fields == {"token": "abcä"}
    (file,) = files
    assert (file.name, file.media_type, file.content) == ('über "alles".md', "text/markdown", content)


@pytest.mark.parametrize("name", ["../../etc/passwd.md", "C:\\\\Users\\\\me\\\\passwd.md", "/passwd.md"])
def test_a_files_name_holds_no_folders(name: str) -> None:
    _, (file,) = parts_of(KIND, named(name) + END)
    assert file.name == "passwd.md"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", TOKEN + END),
        ('multipart/form-data; boundary="a\nb"', TOKEN + END),
        (KIND, b""),
        (KIND, TOKEN),
        (KIND, b"rubbish" + TOKEN + END),
        (KIND, part("Content-Disposition: attachment; name=a", b"") + END),
        (KIND, part("Content-Type: text/plain", b"") + END),
        (KIND, part('Content-Disposition: form-data; name="a"', b"\xff") + END),
        (KIND, part('Content-Disposition: form-data; name="a"', b"") * 100 + END),
        (KIND, b"------WebKitFormBoundaryX\r\nno end of the headers\r\n" + END),
    ],
)
def test_what_is_no_such_form_is_refused(kind: str, body: bytes) -> None:
    with pytest.raises(InvalidInput, match="can't be read"):
        parts_of(kind, body)
