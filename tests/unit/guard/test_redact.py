"""What is personal leaves a text and comes back unharmed."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.guard.redact import Vault

PRIVATE_KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N"


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("write to ana.novak+x@mail.example.com.", "write to <EMAIL_1>."),
        ("call +49 30 901820 today", "call <PHONE_1> today"),
        ("my number: 555-867-5309 x12", "my number: <PHONE_1>"),
        ("Mobile: 0490 39 07 81", "Mobile: <PHONE_1>"),
        ("467 3395 office", "<PHONE_1> office"),
        ("card 4111 1111 1111 1111 exp 12/30", "card <CARD_1> exp 12/30"),
        ("amex 3714-496353-98431", "amex <CARD_1>"),
        ("IBAN DE89 3704 0044 0532 0130 00 please", "IBAN <IBAN_1> please"),
        ("ssn 536-22-1234", "ssn <SSN_1>"),
        ("from 81.2.69.142:443", "from <IP_1>:443"),
        ("at 2001:db8::8a2e:370:7334 now", "at <IP_1> now"),
        ("nic 00:1B:44:11:3A:B7", "nic <MAC_1>"),
        ("key AKIAIOSFODNN7EXAMPLE leaked", "key <SECRET_1> leaked"),
        (f"Authorization: Bearer {JWT}", "Authorization: Bearer <SECRET_1>"),
        ("use ghp_" + "a1B2" * 9, "use <SECRET_1>"),
        ("https://bob:s3cret@git.example.com/x", "https://<SECRET_1>/x"),
        ("password=hunter", "password=<SECRET_1>"),
        ("my password is Tr0ub4dor", "my password is <SECRET_1>"),
        ('{"api_key": "f00-ba4-r1"}', '{"api_key": "<SECRET_1>"}'),
        ("https://x.example.com/cb?access_token=abcdef&x=1", "https://x.example.com/cb?access_token=<SECRET_1>&x=1"),
        (f"here:\n{PRIVATE_KEY}\nthanks", "here:\n<PRIVATE_KEY_1>\nthanks"),
        ("-----BEGIN PRIVATE KEY-----\ncut off here", "<PRIVATE_KEY_1>"),
        ("account id: 8812-4431 is locked", "account id: <ACCOUNT_1> is locked"),
        ("arn:aws:iam::123456789012:role/admin", "arn:aws:iam::<ACCOUNT_1>:role/admin"),
        ("ssh db01.prod.internal fails", "ssh <HOST_1> fails"),
    ],
)
def test_what_is_personal_is_taken_out_and_put_back(text: str, redacted: str) -> None:
    vault = Vault()
    assert vault.redact(text) == redacted
    assert vault.restore(redacted) == text


@pytest.mark.parametrize(
    "text",
    [
        "the password is wrong, and my token expired",
        "version 2.6.32-21 of linux-image-2.6.8.1 at 1024x768",
        "on 2026-03-01 11:34:35 and 2/8/1935",
        "listen on 127.0.0.1 or 0.0.0.0 with mask 255.255.255.0",
        "call std::vector::push_back, or A::B",
        "error 0x80070005 in job 20260301123456",
        "order 4111 1111 1111 1112 fails the card's checksum",
        "ratio 12:30:45, see https://docs.example.com/a/b?page=2#top",
        "for basic supply-and-demand reasons",
        "@team please look, 3 of 10 pods restart every 5 minutes",
    ],
)
def test_ordinary_support_talk_stays_as_it_is(text: str) -> None:
    assert Vault().redact(text) == text


def test_one_value_has_one_placeholder_in_all_texts_of_a_vault() -> None:
    vault = Vault()
    assert vault.redact("a@x.org and b@x.org") == "<EMAIL_1> and <EMAIL_2>"
    assert vault.redact("b@x.org again") == "<EMAIL_2> again"
    assert vault.restore("ask <EMAIL_2>, not <EMAIL_1>") == "ask b@x.org, not a@x.org"
    assert len(vault) == 2


def test_names_are_taken_out_whole_by_part_and_in_any_case() -> None:
    vault = Vault(names=["Ana Novak", "dr_willis", "[Kev]", "王小明", "Bob the Builder (Support)"])
    redacted = vault.redact(
        "Hi ana, ANA NOVAK here with Dr_Willis, [Kev], bob and 王小明您好; Novak's box, the analyst needs support"
    )
    assert redacted == (
        "Hi <PERSON_1>, <PERSON_2> here with <PERSON_3>, <PERSON_4>, <PERSON_5> and <PERSON_6>您好; <PERSON_7>'s box, "
        "the analyst needs support"
    )
    assert vault.restore(redacted).startswith("Hi ana, ANA NOVAK here")


def test_a_name_inside_another_word_is_left_alone() -> None:
    assert Vault(names=["Ana"]).redact("an analysis of banana") == "an analysis of banana"


def test_a_placeholder_that_somebody_wrote_never_becomes_another_persons_data() -> None:
    vault = Vault()
    redacted = vault.redact("my mail is victim@x.org"), vault.redact("repeat after me: <EMAIL_1> <LITERAL_1>")
    assert redacted == ("my mail is <EMAIL_1>", "repeat after me: <LITERAL_1> <LITERAL_2>")
    assert vault.restore(redacted[1]) == "repeat after me: <EMAIL_1> <LITERAL_1>"


def test_a_placeholder_that_was_never_given_stays() -> None:
    assert Vault().restore("see <EMAIL_7>") == "see <EMAIL_7>"


_FRAGMENTS = st.sampled_from(
    [
        "<EMAIL_1>",
        "<",
        ">",
        "_1>",
        "<LITERAL_",
        "a@b.co",
        "+49 30 901820",
        "4111111111111111",
        "Ana",
        "ana novak",
        " ",
        "\n",
        "\ud800",
        "password=",
        "10.1.1.1",
        "::1",
        "DE89370400440532013000",
        "-----BEGIN PRIVATE KEY-----",
        "é",
        "İ",
        "ß",
        "王",
        "١٢٣٤٥٦٧٨٩٠١٢",
        PRIVATE_KEY,
    ]
)


@given(
    st.lists(_FRAGMENTS | st.text(max_size=8), max_size=12).map("".join),
    st.lists(st.text(max_size=6) | st.just("Ana Novak"), max_size=3),
)
def test_restoring_gives_any_text_back(text: str, names: list[str]) -> None:
    vault = Vault(names)
    assert vault.restore(vault.redact(text)) == text
    assert vault.restore(vault.redact(f"{text}\n{text}")) == f"{text}\n{text}"


@given(st.text(max_size=20), st.text(max_size=20))
def test_an_address_never_leaves_whatever_stands_around_it(before: str, after: str) -> None:
    assert "victim@example.com" not in Vault().redact(f"{before} victim@example.com {after}")


@pytest.mark.shared_data
def test_structured_personal_data_of_the_developer_set_is_found() -> None:
    folder = Path(os.environ.get("VIGIL_DATA", "../shared/data"))
    if not folder.is_absolute():
        folder = Path(__file__).parents[3] / folder
    if not (folder / "security_pii_dev.jsonl.gz").exists():
        pytest.skip("no evaluation data; set VIGIL_DATA to its folder")
    with gzip.open(folder / "security_pii_dev.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    structured = {"PHONE_NUMBER", "CREDIT_CARD", "EMAIL_ADDRESS", "IP_ADDRESS", "IBAN_CODE", "US_SSN"}
    wanted = found = 0
    for row in rows:
        redacted = Vault().redact(row["text"])
        values = [span["value"] for span in row["spans"] if span["type"] in structured]
        wanted += len(values)
        found += sum(value not in redacted for value in values)
    assert wanted == 170
    assert found / wanted >= 0.98
