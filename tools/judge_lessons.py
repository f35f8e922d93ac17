"""What two readers say of the lessons, and of the tickets that gave none: folds their answers into tests/quality/lesson_verdicts.json (ids
and verdicts, no words) and prints the figures. What they judge by is docs/explanation/lessons-guideline.md.

    python tools/judge_lessons.py fold SHEETS
    python tools/judge_lessons.py

A reader's answers lie beside the sheets, one JSON object a line: lessons-reader-A-1.jsonl, nothings-reader-B-4.jsonl and so on. Where the
readers differ the worse verdict counts.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

VERDICTS = Path(__file__).parents[1] / "tests" / "quality" / "lesson_verdicts.json"
READERS = ("A", "B")
WORST_FIRST = {"lessons": ("wrong", "harmless", "useful"), "nothings": ("plain", "none")}

Row = Mapping[str, str | int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("do", nargs="?", choices=("fold", "show"), default="show")
    parser.add_argument("sheets", nargs="?", type=Path)
    arguments = parser.parse_args()
    if arguments.do == "fold":
        folded = {kind: fold(arguments.sheets, kind) for kind in WORST_FIRST}
        lines = [
            f'"{kind}": [\n' + ",\n".join(json.dumps(row) for row in some) + "\n]" for kind, some in folded.items()
        ]
        VERDICTS.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    verdicts: dict[str, list[Row]] = json.loads(VERDICTS.read_text("utf-8"))
    print(json.dumps({kind: figures(kind, verdicts[kind]) for kind in WORST_FIRST}, indent=1))


def fold(sheets: Path, kind: str) -> list[Row]:
    """What both readers said of each, by id and number."""
    said = {reader: _answers(sheets, kind, reader) for reader in READERS}
    both = sorted(said["A"].keys() & said["B"].keys())
    missing = (said["A"].keys() ^ said["B"].keys()) or ""
    if missing:
        print(f"{kind}: {len(missing)} were judged by one reader only, and are left out")
    return [
        {"id": name, "number": number, "A": said["A"][name, number], "B": said["B"][name, number]}
        for name, number in both
    ]


def figures(kind: str, rows: Sequence[Row]) -> dict[str, float]:
    """Shares of the verdicts, the worse of two, and how far the readers agree."""
    order = WORST_FIRST[kind]
    worse = Counter(min((str(row["A"]), str(row["B"])), key=order.index) for row in rows)
    count = max(1, len(rows))
    shares = {verdict: round(worse[verdict] / count, 4) for verdict in reversed(order)}
    alone = {
        f"{verdict} by {reader}": round(sum(row[reader] == verdict for row in rows) / count, 4)
        for reader in READERS
        for verdict in (order[-1] if kind == "lessons" else order[0],)
    }
    equal = sum(row["A"] == row["B"] for row in rows) / count
    return {"n": len(rows), **shares, **alone, "equal": round(equal, 4), "kappa": round(kappa(rows, equal), 4)}


def kappa(rows: Sequence[Row], equal: float) -> float:
    """Cohen's (1960): agreement beyond what the readers' habits would give by chance."""
    count = max(1, len(rows))
    one, other = (Counter(str(row[reader]) for row in rows) for reader in READERS)
    chance = sum(one[verdict] * other[verdict] for verdict in one) / count**2
    return 1.0 if chance == 1 else (equal - chance) / (1 - chance)


def _answers(sheets: Path, kind: str, reader: str) -> dict[tuple[str, int], str]:
    found: dict[tuple[str, int], str] = {}
    for path in sorted(sheets.glob(f"{kind}-reader-{reader}-*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            if not line.strip():
                continue
            row = json.loads(line)
            if row["verdict"] not in WORST_FIRST[kind]:
                raise SystemExit(f"{path.name}: {row['verdict']!r} is no verdict; write one of {WORST_FIRST[kind]}")
            found[str(row["id"]), int(row["number"])] = str(row["verdict"])
    return found


if __name__ == "__main__":
    main()
