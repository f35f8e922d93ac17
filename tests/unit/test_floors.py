"""The house holds: an import only goes down a floor, rooms on one floor don't know one another, and the ground floor is bare."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src"

FLOORS = (
    ("cli",),
    ("demo",),
    ("app",),
    ("web", "channels", "evaluate", "telemetry"),
    ("runtime",),
    ("assist", "learn", "track", "watch", "act"),
    ("knowledge", "trust"),
    ("language",),
    ("guard",),
    ("store",),
    ("domain", "settings", "errors", "clock", "tracing"),
)
"""From the roof to the ground, as drawn in docs/explanation/architecture.md."""

FLOOR_OF = {room: height for height, rooms in enumerate(reversed(FLOORS)) for room in rooms}
OUTSIDE = {"testing", "__init__", "__main__"}
"""`testing` holds public fakes of any floor; nothing inside the house may import it."""


def rooms_imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively; name the room"
            names = [node.module or ""]
            if node.module == "vigil":
                names = [f"vigil.{alias.name}" for alias in node.names]
        for name in names:
            if name.startswith("vigil."):
                yield name.split(".")[1]


def room_of(path: Path) -> str:
    return path.relative_to(SRC / "vigil").parts[0].removesuffix(".py")


FILES = sorted(path for path in (SRC / "vigil").rglob("*.py") if room_of(path) not in OUTSIDE)


def test_every_room_stands_on_a_floor() -> None:
    assert {room_of(path) for path in FILES} <= FLOOR_OF.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SRC)))
def test_imports_only_go_down(path: Path) -> None:
    here = room_of(path)
    for room in rooms_imported(path):
        if room in (here, "__version__"):
            continue
        assert room in FLOOR_OF, f"{path} imports vigil.{room}, which stands on no floor"
        lower, same = FLOOR_OF[room] < FLOOR_OF[here], FLOOR_OF[room] == FLOOR_OF[here]
        ground = same and FLOOR_OF[here] == 0 and room == "errors"
        assert lower or ground, f"{path} imports vigil.{room}, which is not below vigil.{here}"


@pytest.mark.parametrize("path", sorted((SRC / "vigil" / "domain").glob("*.py")), ids=lambda path: path.name)
def test_the_domain_needs_the_standard_library_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        for module in modules:
            top = module.split(".")[0]
            assert top == "vigil" or top in sys.stdlib_module_names, f"{path.name} imports {module}"
