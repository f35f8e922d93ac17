"""Whom a message speaks to, among people who were seen lately. Names only point: nobody gains authority by one."""

from collections.abc import Iterable

from vigil.domain.conversation import Message
from vigil.language.reading import addressed, read


def people_by_name(messages: Iterable[Message]) -> dict[str, str]:
    """Ids of the people who wrote, by display name in lower case, and by its first word where only one has it. Vigil is left out."""
    full: dict[str, str] = {}
    first: dict[str, set[str]] = {}
    for message in messages:
        if message.by_vigil:
            continue
        name = message.author.name.casefold()
        full[name] = message.author.id
        if len(parts := name.split(maxsplit=1)) > 1:
            first.setdefault(parts[0], set()).add(message.author.id)
    for name, ids in first.items():
        if len(ids) == 1:
            full.setdefault(name, *ids)
    return full


def spoken_to(message: Message, recent: Iterable[Message]) -> tuple[str, ...]:
    """Ids of the people seen lately whom the message addresses by name, the one in front first."""
    reading = read(message.text)
    if not reading.prefix and not reading.at:
        return ()
    people = people_by_name(recent)
    ids = (people[name] for name in addressed(reading, people))
    return tuple(person for person in ids if person != message.author.id)
