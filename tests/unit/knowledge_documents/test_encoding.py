"""From bytes to clean text."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.errors import UnreadableDocument
from vigil.knowledge.encoding import decode, tidy

WESTERN = "Réinitialiser le mot de passe : cliquez sur « Paramètres », puis vérifiez l’adresse."
RUSSIAN = "Пароль можно сбросить в настройках учетной записи, если у вас есть доступ к почте."
JAPANESE = "パスワードをリセットするには、設定画面を開いてください。"


@pytest.mark.parametrize("text", [WESTERN, RUSSIAN, JAPANESE, "emoji 🚑 and עברית", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_and_without_its_mark(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), name="x") == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_without_its_mark(encoding: str) -> None:
    assert decode(WESTERN.encode(encoding), name="x") == WESTERN


def test_a_big_endian_mark_is_believed() -> None:
    assert decode(codecs.BOM_UTF16_BE + RUSSIAN.encode("utf-16-be"), name="x") == RUSSIAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (WESTERN, "cp1252"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift_jis"),
        ("Café", "latin-1"),
        ("naïve café price £5 – ok", "cp1252"),
        ("Zażółć gęślą jaźń. Hasło można zmienić w ustawieniach konta.", "cp1250"),
    ],
)
def test_an_old_encoding_is_guessed_where_nothing_is_declared(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), name="x") == text


def test_what_is_declared_is_believed_unless_the_bytes_are_plainly_utf_8() -> None:
    assert decode("день".encode("koi8-r"), name="x", declared="KOI8-R") == "день"
    assert decode("день".encode(), name="x", declared="iso-8859-1") == "день"


@pytest.mark.parametrize(
    "declared", ["utf-7", "unicode_escape", "punycode", "zip", "hex", "no-such-thing", "\x00", "a" * 999]
)
def test_odd_declarations_are_not_believed(declared: str) -> None:
    assert decode(b"caf\xe9 \\x41", name="x", declared=declared) == "café \\x41"


def test_binary_files_are_refused_with_what_to_do() -> None:
    for content in (bytes(range(256)) * 4, b"\x00\x01\x02\x03" * 100, b"\x89PNG\r\n\x1a\n" + bytes(100)):
        with pytest.raises(UnreadableDocument, match="Save it as"):
            decode(content, name="x.txt")


def test_text_is_tidied_but_its_spaces_stay() -> None:
    assert tidy("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert tidy("a\x00b\x1b[31mc\ufeff") == "ab[31mc"
    assert tidy("    indented\tcode\f") == "    indented\tcode\f"


def test_halves_of_characters_become_whole_ones_or_a_question_mark() -> None:
    assert tidy("\ud83d\ude00") == "😀"
    assert tidy("a\ud83db") == "a\ufffdb"


@settings(deadline=None)
@given(st.text())
def test_tidied_text_can_always_be_stored(text: str) -> None:
    tidy(text).encode()
    assert "\x00" not in tidy(text)
