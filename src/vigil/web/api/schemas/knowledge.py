"""What Vigil knows: searched, asked, written, and its history."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from vigil.domain.decision import Reason, Risk
from vigil.domain.knowledge import RevisionKind
from vigil.web.api.schemas.common import Answer, Count, Flag, Instant, Name, Page, Wish
from vigil.web.api.schemas.decisions import CandidateOut, CitationOut, CostOut, EvidenceOut, StageOut

Audience = Literal["public", "internal"]
"""`public` may be shown to customers, `internal` only to analysts."""

Text = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
"""Words, at least one, of any number of lines."""

Language = Annotated[str, Field(max_length=35, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$")]
"""BCP 47, such as `en` or `pt-BR`."""

Address = Annotated[str, Field(min_length=1, max_length=1_024, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A document's path or URL."""


class SearchOut(Answer):
    """What a search brought up, best first."""

    version: int
    """The knowledge version that was searched."""
    note: str
    """Where something was not as it should be."""
    candidates: list[CandidateOut]


class QuestionIn(Wish):
    """A question, and for whom it is asked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "How do I reset the password of a database user?"}]}
    )

    text: Text
    product: Name | None = None
    language: Language | None = None
    audience: Audience = "public"
    use_model: Flag = True
    """false: only quote, even where a model is set up."""


class FindingOut(Answer):
    """What the knowledge base has to say. Not answered is an ordinary result."""

    answered: bool
    reason: Reason
    note: str
    answer: str
    """Made only of what the evidence says."""
    confidence: float
    """0 to 1: how sure that the answer is right for this question."""
    risk: Risk
    citations: list[CitationOut]
    """Where the answer stands, word for word."""
    candidates: list[CandidateOut]
    version: int
    """The knowledge version that was asked."""
    cost: CostOut
    stages: list[StageOut]


class EntryIn(Wish):
    """An entry as it is to be. The same key again is a new revision of the same entry."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "question": "How do I reset the password of a database user?",
                    "answer": "Open Users, choose the user, then Reset password.",
                    "product": "Databases",
                }
            ]
        }
    )

    question: Annotated[str, Field(min_length=1, max_length=1_000, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
    """The question that it answers, in words that stand alone."""
    answer: Text
    """What holds."""
    key: Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Its identity; made of the question where it is left out."""
    title: Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """The question where it is left out."""
    aliases: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    """Other names that people use for it."""
    conditions: Annotated[str, Field(max_length=2_000, pattern=r"^[^\x00]*$")] = ""
    """When it holds."""
    product: Name | None = None
    language: Language | None = None
    audience: Audience | None = None
    """Left out: public."""
    valid_from: Instant | None = None
    valid_until: Instant | None = None


class PublishedOut(Answer):
    """That the knowledge is now as it was wanted."""

    version: int
    """The knowledge version in force."""


class DocumentOut(Answer):
    """A document that entries came from."""

    address: str
    """Its identity: an upload's is `upload/` and its name, any other's its path or URL."""
    title: str
    media_type: str
    added_at: datetime


class DocumentPageOut(Page[DocumentOut]):
    """Documents, by address."""


class RefusedOut(Answer):
    """A row or page that could not be taken, while the others were."""

    number: int
    """The line of a table or the page of a PDF, from 1."""
    why: str


class DocumentAddedOut(Answer):
    """What became of a document."""

    unchanged: bool
    """It stood already as it is."""
    published: int
    """Entries that are new or changed."""
    retired: int
    """Entries that the document no longer holds."""
    version: int
    """The knowledge version in force."""
    refused: list[RefusedOut]


class ScopeOut(Answer):
    """For whom and what an entry holds; null means: for all."""

    product: str | None
    audience: str | None
    language: str | None


class EntryTextOut(Answer):
    """What an entry says in one of its revisions."""

    key: str
    title: str
    question: str
    answer: str
    aliases: list[str]
    conditions: str
    scope: ScopeOut
    valid_from: datetime | None
    valid_until: datetime | None
    evidence: list[EvidenceOut]
    source: str | None
    """The document that it came from."""


class RevisionOut(Answer):
    """One state of an entry. Revisions are only ever added."""

    id: str
    entry_id: str
    number: int
    """1 for the entry's first."""
    version: int
    """The knowledge version that it came with."""
    kind: RevisionKind
    draft: EntryTextOut
    created_at: datetime
    created_by: str


class EntryOut(Answer):
    """An entry with its whole history."""

    id: str
    in_force: bool
    """Not retired."""
    revisions: list[RevisionOut]
    """The first one first; the last one is what holds."""


class VersionOut(Answer):
    """One version of the knowledge, and what it changed."""

    version: int
    at: datetime
    by: str
    summary: str
    published: int
    retired: int


class VersionPageOut(Page[VersionOut]):
    """Versions, the latest first."""


class ChangeOut(Answer):
    """An entry at two versions; null where it was not in force."""

    entry_id: str
    before: RevisionOut | None
    after: RevisionOut | None


class DiffOut(Answer):
    """What differs between two versions."""

    total: int
    """How many entries differ."""
    changes: list[ChangeOut]
    """At most as many of them as were asked for."""


class RollbackIn(Wish):
    """Which version to bring back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 3}]})

    version: Count
