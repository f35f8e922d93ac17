"""Dialogues written for promises: read from a TOML file, followed, and scored. Their format is in
docs/explanation/tracking-guideline.md."""

import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from vigil.domain.conversation import ConversationKind, Message, Person, Role
from vigil.domain.progress import Progress, Promise
from vigil.domain.ticket import Ticket, TicketState
from vigil.errors import InvalidInput
from vigil.evaluate.tracking.scoring import Tally, same_time
from vigil.track.advance import advance
from vigil.track.circumstances import heard_of


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DuePromise(_Part):
    """A promise that a message makes."""

    due: AwareDatetime | date | None = None


class Line(_Part):
    """A message."""

    by: str
    role: Role
    at: AwareDatetime
    text: str
    zone: str = ""
    promise: tuple[DuePromise, ...] = ()

    @field_validator("role", mode="before")
    @classmethod
    def _others(cls, value: object) -> object:
        return Role.BYSTANDER if value == "other" else value


class Dialogue(_Part):
    """A dialogue and the promises in it."""

    id: str
    zone: str = "UTC"
    message: tuple[Line, ...] = Field(min_length=1)

    @field_validator("zone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("a zone of the IANA list is wanted, such as Europe/Berlin") from error
        return value


class _File(_Part):
    dialogue: tuple[Dialogue, ...]


class PromiseFigures(BaseModel):
    """How well promises are found."""

    dialogues: int
    messages: int
    promises: int
    precision: float
    recall: float
    without_times_precision: float
    """Of promises as such, whenever they are due."""
    without_times_recall: float


def read_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """Raises InvalidInput where the file can't be read or is no such file."""
    try:
        return _File.model_validate(tomllib.loads(path.read_text("utf-8"))).dialogue
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path} can't be read ({error}); give a TOML file of dialogues.") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"{path.name}, {where}: {first['msg']}.") from error


def evaluate_promises(path: Path) -> PromiseFigures:
    """Score the promises that are found in dialogues. Raises InvalidInput."""
    dialogues = read_dialogues(path)
    timed, untimed = Tally(), Tally()
    for dialogue in dialogues:
        for line, found in follow_dialogue(dialogue):
            zone = ZoneInfo(line.zone or dialogue.zone)
            wanted = [promise.due for promise in line.promise]
            untimed.right += min(len(wanted), len(found))
            untimed.wrong += max(0, len(found) - len(wanted))
            untimed.missed += max(0, len(wanted) - len(found))
            for promise in found:
                match = next((place for place, due in enumerate(wanted) if same_time(promise.due, due, zone)), None)
                timed.count(True, match is not None)
                if match is not None:
                    del wanted[match]
            timed.missed += len(wanted)
    return PromiseFigures(
        dialogues=len(dialogues),
        messages=sum(len(dialogue.message) for dialogue in dialogues),
        promises=timed.right + timed.missed,
        precision=round(timed.precision, 3),
        recall=round(timed.recall, 3),
        without_times_precision=round(untimed.precision, 3),
        without_times_recall=round(untimed.recall, 3),
    )


def follow_dialogue(dialogue: Dialogue) -> list[tuple[Line, Sequence[Promise]]]:
    """Each message with the promises that are found in it."""
    first = dialogue.message[0]
    customer = next((line.by for line in dialogue.message if line.role is Role.CUSTOMER), first.by)
    ticket = Ticket(
        id=dialogue.id,
        external_id=dialogue.id,
        conversation_id=dialogue.id,
        state=TicketState.OPEN,
        subject="",
        customer_id=customer,
        opened_at=first.at,
        updated_at=first.at,
    )
    progress: Progress | None = None
    before: list[Message] = []
    found: list[tuple[Line, Sequence[Promise]]] = []
    for place, line in enumerate(dialogue.message, start=1):
        message = Message(
            id=f"{dialogue.id}#{place}",
            external_id=f"{dialogue.id}#{place}",
            conversation_id=dialogue.id,
            seq=place,
            author=Person(id=line.by, name=line.by, role=line.role),
            text=line.text,
            sent_at=line.at,
            received_at=line.at,
        )
        zone = ZoneInfo(line.zone or dialogue.zone)
        heard = heard_of(message, ticket, ConversationKind.ROOM, before, zone=zone)
        progress = advance(progress, message, heard, ticket_id=dialogue.id)
        before.append(message)
        found.append((line, [each for each in progress.promises if each.message_id == message.id]))
    return found
