"""Entries of the knowledge base, their revisions and what stands behind them. Storing and finding them is `knowledge`'s."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """For whom and what an entry holds. None means: for all."""

    product: str | None = None
    audience: str | None = None
    """``public`` may be shown to customers, ``internal`` only to analysts. None counts as public."""
    language: str | None = None
    """BCP 47, such as ``en`` or ``pt-BR``."""

    def admits(self, wanted: "Scope") -> bool:
        """Whether an entry of this scope may serve somebody who wants `wanted`; an unset field on either side admits all,
        except that an internal entry serves only who asks for the internal audience."""
        if self.audience == "internal" and wanted.audience != "internal":
            return False
        if self.product and wanted.product and self.product.casefold() != wanted.product.casefold():
            return False
        return not (
            self.language
            and wanted.language
            and self.language.split("-")[0].casefold() != wanted.language.split("-")[0].casefold()
        )


class EvidenceKind(StrEnum):
    DOCUMENT = "document"
    MESSAGE = "message"
    PERSON = "person"
    """Somebody wrote the entry by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where an entry's words come from."""

    kind: EvidenceKind
    reference: str
    """A document's address (path or URL), a message id, or a person's id."""
    title: str = ""
    """Shown to people: a document's title and headings, or who said it."""
    quote: str = ""
    """The words themselves, where they are short."""


class RevisionKind(StrEnum):
    PUBLISHED = "published"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody or something wants an entry to say, before it is published."""

    key: str
    """Identity of the entry within its workspace: the same key again is a new revision of the same entry.
    For a document's passage: its address, headings and ordinal."""
    title: str
    answer: str
    """Resolution, steps, or a document's passage. Never empty."""
    question: str = ""
    """The symptom or question in words that stand alone; empty for a passage of prose."""
    aliases: tuple[str, ...] = ()
    """Other names that people use for it."""
    conditions: str = ""
    scope: Scope = field(default_factory=Scope)
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    source: str | None = None
    """The document that this came from, by its address; None for a lesson or a hand-written entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One state of an entry. Revisions are only ever added."""

    id: str
    entry_id: str
    number: int
    """1 for the entry's first."""
    version: int
    """The workspace's knowledge version that published it."""
    kind: RevisionKind
    draft: Draft
    created_at: datetime
    created_by: str
    """A person's id, or ``vigil`` for what it did by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry that a search brought up, with the scores that put it where it is."""

    revision_id: str
    entry_id: str
    title: str
    text: str
    """What a person would read: the answer."""
    score: float
    """The ranker's final score; larger is better. Only comparable within one search."""
    scores: tuple[tuple[str, float], ...] = ()
    """The parts that it is made of by name: ``cosine``, ``bm25``, ``overlap``, ``title`` ..."""
    question: str = ""
    evidence: tuple[Evidence, ...] = ()
