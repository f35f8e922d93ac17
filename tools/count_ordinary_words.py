"""Make `src/vigil/guard/weights/ordinary.txt`: which words support talk uses all the time. Reads recorded channels (`irc_stream_dev`)."""

import argparse
import gzip
import json
import re
from collections import Counter, defaultdict
from pathlib import Path

FEWEST_AUTHORS = 25
"""Authors who must have said a word. Fewer, and the first names of regulars come in; many more, and product names drop out."""
SPOKEN_TO = 0.4
"""Lines that speak to somebody of that name, against all that hold the word otherwise: with more it is a regular's nickname, however many
say it."""
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESSED = re.compile(r"^(\S{1,30})[:,] ")
OUT = Path(__file__).parents[1] / "src/vigil/guard/weights/ordinary.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stream", type=Path, help="irc_stream_dev.jsonl.gz")
    authors: defaultdict[str, set[str]] = defaultdict(set)
    said: Counter[str] = Counter()
    spoken_to: Counter[str] = Counter()
    people: set[str] = set()
    with gzip.open(parser.parse_args().stream, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            people.add(row["author"].casefold())
            if addressed := _ADDRESSED.match(row["text"]):
                spoken_to[addressed[1].casefold()] += 1
            for word in _WORD.findall(_ADDRESSED.sub("", row["text"])):
                authors[word.casefold()].add(row["author"])
                said[word.casefold()] += 1
    names = {name for name in people if spoken_to[name] > SPOKEN_TO * said[name]}
    words = sorted(word for word, by in authors.items() if len(by) >= FEWEST_AUTHORS and word not in names)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words)} words of {len(authors)}")


if __name__ == "__main__":
    main()
