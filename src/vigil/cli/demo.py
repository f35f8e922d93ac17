"""`vigil demo`: a support desk that doesn't exist. Here are its walk through the terminal, and `--chat`, where the visitor is the customer;
the desk that is alive in the console is `demo_desk`'s."""

import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule

from vigil.app import App
from vigil.cli.chat import chat
from vigil.cli.demo_desk import desk, read
from vigil.cli.shell import finish, out, settings, stop
from vigil.clock import CountingIds, ManualClock, SystemClock
from vigil.demo import larkspur
from vigil.demo.larkspur import Recording
from vigil.demo.play import WORKSPACE, Step, play
from vigil.domain.conversation import Person, Role
from vigil.domain.decision import DecisionKind
from vigil.domain.post import PostState
from vigil.settings import Settings

COLOUR = {Role.CUSTOMER: "cyan", Role.ANALYST: "yellow", Role.BOT: "magenta", Role.BYSTANDER: "white"}
READING_S_PER_CHARACTER = 0.004
"""How long the walk waits after each message on a screen: it is skimmed, not read; the whole walk stays under a minute."""
LONGEST_PAUSE_S = 0.9


def demo(
    chat_: Annotated[bool, typer.Option("--chat", help="Write to the desk yourself, as a customer.")] = False,
    headless: Annotated[
        bool,
        typer.Option(
            "--headless", envvar="HEADLESS", help="Walk in the terminal without pauses, and end; so without a terminal."
        ),
    ] = False,
    ticket: Annotated[str, typer.Option(help="Play this ticket only, in the terminal, such as LS-0101.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Play every ticket of the desk in the terminal, not only the chosen ones.")
    ] = False,
) -> None:
    """Show Vigil at work on a small support desk that is alive, in a browser, without a network, an account or a model."""
    chosen = larkspur.tickets() if everything or ticket else larkspur.shown()
    if ticket:
        chosen = [each for each in chosen if each.id == ticket]
        if not chosen:
            stop(f"There is no demo ticket {ticket!r}; there are: {', '.join(each.id for each in larkspur.tickets())}.")
    with TemporaryDirectory(prefix="vigil-demo-") as folder:
        configured = settings().model_copy(update={"home": Path(folder), "database_url": "", "index_uri": ""})
        if chat_:
            finish(lambda: _chat(configured))
        else:
            watched = out.is_terminal and not headless and not os.environ.get("CI")
            if watched and not (ticket or everything):
                finish(lambda: desk(configured.model_copy(update={"customer_page": True, "public_url": ""})))
            else:
                finish(lambda: _walk(configured, chosen, slow=watched))


async def _chat(configured: Settings) -> None:
    async with App.open(configured, clock=SystemClock()) as app:
        await read(app)
        _welcome_to_chat()
        await chat(app, workspace=WORKSPACE, customer=Person(id="you", name="You", role=Role.CUSTOMER))


def _welcome_to_chat() -> None:
    out.print(
        Panel(
            "You are a customer of [bold]Larkspur Cloud[/]. Ask about a node that is NotReady, a bill, a bucket that says 403 ...\n"
            "[dim]/analyst TEXT writes as the human analyst · /why tells the story of the last decision · /quit leaves[/]",
            border_style="green",
        )
    )


@dataclass
class _Tally:
    """What the walk adds up to."""

    messages: int = 0
    kinds: Counter[DecisionKind] = field(default_factory=Counter[DecisionKind])
    withdrawn: int = 0
    milliseconds: list[float] = field(default_factory=list[float])
    leads: list[float] = field(default_factory=list[float])
    calls: int = 0
    money: float = 0.0

    def add(self, step: Step) -> None:
        self.messages += 1
        self.kinds[step.decision.kind] += 1
        self.withdrawn += sum(post.state is PostState.WITHDRAWN for post in step.posts)
        if step.decision.kind is not DecisionKind.SILENT:
            self.milliseconds.append(step.decision.cost.milliseconds)
        self.calls += step.decision.cost.calls
        self.money += step.decision.cost.money
        if step.decision.kind is not DecisionKind.SILENT and step.human_answer_after_s is not None:
            self.leads.append(step.human_answer_after_s)


async def _walk(configured: Settings, recordings: list[Recording], *, slow: bool) -> None:
    began = time.monotonic()
    clock = ManualClock(min(recording.lines[0].at for recording in recordings))
    async with App.open(configured, clock=clock, ids=CountingIds(), durable=False) as app:
        await read(app)
        out.print(
            f"[bold]Larkspur Cloud[/], a provider that doesn't exist: its documents are read, nothing has left this machine. "
            f"[dim]({time.monotonic() - began:.1f} s)[/]"
        )
        tally = _Tally()
        for recording in recordings:
            await _show(app, clock, recording, tally, slow=slow)
        _sum_up(tally, recordings, with_model=bool(configured.model), seconds=time.monotonic() - began)


async def _show(app: App, clock: ManualClock, recording: Recording, tally: _Tally, *, slow: bool) -> None:
    out.print()
    out.print(Rule(f"[bold]{escape(recording.id)}[/]  {escape(recording.title)}", align="left", style="dim"))
    if recording.shows:
        out.print(Padding(f"[italic dim]{escape(recording.shows)}[/]", (0, 2)))
    async for step in play(app, clock, recording):
        tally.add(step)
        _print_step(step)
        if slow:
            time.sleep(min(LONGEST_PAUSE_S, len(step.line.text) * READING_S_PER_CHARACTER))  # noqa: ASYNC251  # nothing else runs here


def _print_step(step: Step) -> None:
    person = step.line.by
    when = step.line.at.strftime("%H:%M")
    out.print(
        f"[dim]{when}[/] [bold {COLOUR[person.role]}]{escape(person.name)}[/] [dim]{person.role}[/]  {escape(step.line.text)}"
    )
    decision = step.decision
    if decision.kind is DecisionKind.SILENT:
        out.print(Padding(f"[dim]· Vigil is silent: {_words(decision.reason)}[/]", (0, 6)))
        return
    title = {
        DecisionKind.SUGGEST: "Vigil suggests, privately to the analyst",
        DecisionKind.REPLY: "Vigil replies to the customer",
        DecisionKind.HAND_OFF: "Vigil hands off to a human",
    }[decision.kind]
    foot: list[str] = []
    if decision.confidence is not None and decision.citations:
        foot.append(f"{decision.confidence:.0%} sure")
    if step.human_answer_after_s is not None:
        foot.append(f"{_duration(step.human_answer_after_s)} before the human wrote")
    foot.append(f"{decision.cost.milliseconds:.0f} ms, {decision.cost.calls} model calls")
    withdrawn = [post.reason for post in step.posts if post.state is PostState.WITHDRAWN]
    body = escape(step.posts[0].text if step.posts else decision.answer or decision.note)
    if withdrawn:
        body += f"\n[red]withdrawn before sending: {escape(withdrawn[0])}[/]"
    panel = Panel(
        body,
        title=f"[bold]{title}[/]",
        subtitle=f"[dim]{' · '.join(foot)}[/]",
        border_style="green",
        title_align="left",
    )
    out.print(Padding(panel, (0, 0, 0, 6)))


def _tickets(number: int) -> str:
    return "one ticket" if number == 1 else f"{number} tickets"


def _words(reason: str) -> str:
    return reason.replace("_", " ")


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.0f} h"


def _sum_up(tally: _Tally, recordings: list[Recording], *, with_model: bool, seconds: float) -> None:
    kinds = tally.kinds
    lines = [
        f"[bold]{tally.messages}[/] messages in {_tickets(len(recordings))}: "
        f"silent at [bold]{kinds[DecisionKind.SILENT]}[/], suggested [bold]{kinds[DecisionKind.SUGGEST]}[/], "
        f"replied [bold]{kinds[DecisionKind.REPLY]}[/], handed off [bold]{kinds[DecisionKind.HAND_OFF]}[/], "
        f"withdrew {tally.withdrawn}.",
        f"Help took [bold]{median(tally.milliseconds or [0.0]):.0f} ms[/] in the median, "
        f"{tally.calls} model calls, {tally.money:.2f} dollars"
        + ("." if with_model else "; answers are quoted from the documents, no model is set up."),
    ]
    if tally.leads:
        lines.append(
            f"Where it helped, it was there [bold]{_duration(median(tally.leads))}[/] before the human's next message (median)."
        )
    lines += [
        "",
        "[bold]make chat[/]                     be the customer yourself",
        "[bold]vigil try FOLDER[/]              ask your own documents",
        "[bold]make serve[/]                    the server, with its REST API",
    ]
    out.print()
    out.print(
        Panel(
            "\n".join(lines),
            title="[bold]What you saw[/]",
            border_style="blue",
            title_align="left",
            subtitle=f"[dim]{seconds:.0f} s[/]",
        )
    )
    if os.environ.get("CI") and tally.kinds[DecisionKind.SUGGEST] + tally.kinds[DecisionKind.REPLY] == 0:
        sys.exit("The demo helped nobody.")
