"""Make `src/vigil/guard/weights/ordinary.txt`: which words support talk uses all the time. Reads recorded channels (`irc_stream_dev`)."""

import argparse
import gzip
import json
import re
from collections import defaultdict
from pathlib import Path

FEWEST_AUTHORS = 25
"""Authors who must have said a word. Fewer, and the first names of regulars come in; many more, and product names drop out."""
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESSED = re.compile(r"^\S{1,30}[:,] ")
OUT = Path(__file__).parents[1] / "src/vigil/guard/weights/ordinary.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stream", type=Path, help="irc_stream_dev.jsonl.gz")
    authors: defaultdict[str, set[str]] = defaultdict(set)
    with gzip.open(parser.parse_args().stream, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            for word in _WORD.findall(_ADDRESSED.sub("", row["text"])):
                authors[word.casefold()].add(row["author"])
    words = sorted(word for word, said in authors.items() if len(said) >= FEWEST_AUTHORS)
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{len(words)} words of {len(authors)}")


if __name__ == "__main__":
    main()
