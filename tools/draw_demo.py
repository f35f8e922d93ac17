"""Draw docs/images/demo.svg: one ticket of the demo desk, as the terminal shows it. The picture names no outside font."""

import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from typer.testing import CliRunner

from vigil.cli import demo, shell
from vigil.cli.commands import cli

TICKET = "LS-0101"
PICTURE = Path(__file__).parents[1] / "docs" / "images" / "demo.svg"


def main() -> None:
    """Play the ticket into a recording console and keep what it drew."""
    console = Console(record=True, width=112, force_terminal=True, color_system="truecolor", highlight=False)
    shell.out = demo.out = console
    result = CliRunner().invoke(cli, ["demo", "--headless", "--ticket", TICKET])
    if result.exit_code:
        raise SystemExit(result.output)
    svg = console.export_svg(title="make demo", theme=MONOKAI)
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", "ui-monospace, Menlo, Consolas, monospace").replace(
        "font-family: Fira Code;", ""
    )
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_text(svg)


if __name__ == "__main__":
    main()
