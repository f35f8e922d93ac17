"""Fakes of the web: names that are looked up in a script, and pages that are fetched from a dictionary."""

from collections.abc import Mapping, Sequence

from vigil.errors import UnreadableDocument
from vigil.guard.fetch import Fetched


class ScriptedResolver:
    """A `Resolver` that answers from a script. Each look-up of a name takes the next of its answers, and the last one stays: so a name
    can change where it leads to between two look-ups.

    Args:
        answers: for each host, one answer a look-up; an answer is all addresses that the name has then.
    """

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {host: list(each) for host, each in answers.items()}
        self.asked: list[str] = []
        """Every host that was looked up, in order."""

    async def resolve(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        answers = self._answers.get(host)
        if not answers:
            raise OSError(f"no such name: {host}")
        return answers.pop(0) if len(answers) > 1 else answers[0]


class ScriptedFetch:
    """A `Fetch` that knows some pages by their URLs and says of all others that they don't answer."""

    def __init__(self, pages: Mapping[str, Fetched]) -> None:
        self._pages = dict(pages)
        self.asked: list[str] = []

    async def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        if url not in self._pages:
            raise UnreadableDocument(f"{url} answered with status 404. Check the URL.")
        return self._pages[url]
