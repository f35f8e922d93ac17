"""`vigil knowledge`, `ask` and `try`: documents in, answers out, and the history of what was known when."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from vigil.app import App
from vigil.cli.shell import DEFAULT, AsJson, InWorkspace, out, print_json, print_table, run, settings, stop
from vigil.domain.knowledge import Candidate, Draft, Evidence, EvidenceKind, Scope
from vigil.knowledge.finding import Finding, Question
from vigil.trust.standing import Trust

knowledge_app = typer.Typer(help="The knowledge base: add, search, history.", no_args_is_help=True)
BY = "cli"
MOST_REFUSALS = 20
"""Refused rows that are shown one by one; of more only the number."""

Product = Annotated[str | None, typer.Option(help="Only what holds for this product.")]
Language = Annotated[str | None, typer.Option(help="Only what is in this language, such as en.")]
Internal = Annotated[bool, typer.Option("--internal", help="Internal pages too: for analysts' eyes.")]


async def _with_bar(task_name: str, work: Callable[[Callable[[int, int], None]], Awaitable[None]]) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task(task_name, total=None)
        await work(lambda done, total: bar.update(task, completed=done, total=total))


@knowledge_app.command("add")
def add(
    places: Annotated[list[str], typer.Argument(help="Files, folders or URLs (hosts must be in VIGIL_FETCH_ALLOW).")],
    workspace: InWorkspace = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Read documents into the knowledge base. The same document again updates it; what is gone from a folder retires."""

    async def work(app: App) -> None:
        async def reading(progress: Callable[[int, int], None]) -> None:
            added = await app.intake.add(workspace, [_place(place) for place in places], by=BY, progress=progress)
            if as_json:
                print_json(added)
                return
            out.print(
                f"{added.documents} documents: {added.published} entries new or changed, {added.unchanged} documents unchanged, "
                f"{added.retired} entries retired. Knowledge version {added.version}."
            )
            for refusal in added.refused[:MOST_REFUSALS]:
                out.print(f"[yellow]left out:[/] {escape(refusal)}")
            if len(added.refused) > MOST_REFUSALS:
                out.print(f"[yellow]and {len(added.refused) - MOST_REFUSALS} more were left out; --json shows all.[/]")

        await _with_bar("reading", reading)

    run(work)


@knowledge_app.command("search")
def search(
    text: str,
    workspace: InWorkspace = DEFAULT,
    limit: Annotated[int, typer.Option(min=1, max=50)] = 5,
    product: Product = None,
    language: Language = None,
    internal: Internal = False,
    as_json: AsJson = False,
) -> None:
    """Search as Vigil searches, and show the scores and why."""

    async def work(app: App) -> None:
        result = await app.knowledge.search(workspace, text, scope=_scope(product, language, internal), limit=limit)
        if as_json:
            print_json(result)
            return
        if not result.candidates:
            out.print("[dim]Nothing found.[/]")
        for number, candidate in enumerate(result.candidates, start=1):
            _print_candidate(number, candidate)

    run(work)


def _print_candidate(number: int, candidate: Candidate) -> None:
    parts = " · ".join(f"{name} {value:.2f}" for name, value in candidate.scores)
    out.print(f"[bold]{number}. {escape(candidate.title)}[/]  [green]{candidate.score:.2f}[/]")
    out.print(f"   [dim]{parts}[/]")
    out.print(f"   {escape(' '.join(candidate.text.split())[:240])}")
    for evidence in candidate.evidence[:1]:
        out.print(f"   [dim]{escape(evidence.reference)} · {candidate.entry_id}[/]")


@knowledge_app.command("list")
def list_sources(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show the documents that were read."""

    async def work(app: App) -> None:
        sources = await app.knowledge.sources(workspace, limit=1000)
        if as_json:
            print_json(sources)
            return
        rows = [
            (each.title, each.address, each.media_type, "retired" if each.retired else "in force") for each in sources
        ]
        print_table(
            "",
            ["title", "address", "kind", "state"],
            rows,
            empty="No documents yet; `vigil knowledge add PATH` reads some.",
        )

    run(work)


@knowledge_app.command("write")
def write(
    answer: Annotated[str, typer.Argument(help="What holds.")],
    question: Annotated[str, typer.Option(help="The question that it answers.")],
    title: Annotated[str, typer.Option(help="Its title; the question where it is missing.")] = "",
    key: Annotated[str, typer.Option(help="Its identity: the same key again is a new revision.")] = "",
    internal: Annotated[bool, typer.Option("--internal", help="For analysts only.")] = False,
    workspace: InWorkspace = DEFAULT,
) -> None:
    """Write an entry by hand."""

    async def work(app: App) -> None:
        draft = Draft(
            key=key or f"hand:{question.casefold()}",
            title=title or question,
            question=question,
            answer=answer,
            scope=Scope(audience="internal" if internal else None),
            evidence=(Evidence(kind=EvidenceKind.PERSON, reference=BY, title="written by hand"),),
        )
        version = await app.knowledge.publish(workspace, [draft], by=BY, summary="written by hand")
        out.print(f"Published. Knowledge version {version}.")

    run(work)


@knowledge_app.command("show")
def show(entry_id: str, workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Read an entry with its evidence and its revisions."""

    async def work(app: App) -> None:
        history = await app.knowledge.history(workspace, entry_id)
        if as_json:
            print_json(history)
            return
        latest = history[-1].draft
        out.print(f"[bold]{escape(latest.title)}[/]")
        if latest.question and latest.question != latest.title:
            out.print(f"[italic]{escape(latest.question)}[/]")
        out.print(escape(latest.answer))
        for evidence in latest.evidence:
            out.print(f"[dim]{evidence.kind}: {escape(evidence.reference)}[/]")
        trust = (await app.review.trust(workspace, [entry_id]))[entry_id]
        if trust.words:
            out.print(f"[dim]{trust_line(trust)}[/]")
        for revision in history:
            out.print(
                f"[dim]revision {revision.number}: {revision.kind} in version {revision.version} by {escape(revision.created_by)}[/]"
            )

    run(work)


@knowledge_app.command("retire")
def retire(entry_id: str, workspace: InWorkspace = DEFAULT) -> None:
    """Take an entry out of force; its history stays."""

    async def work(app: App) -> None:
        revision = (await app.knowledge.history(workspace, entry_id))[-1]
        version = await app.knowledge.publish(
            workspace, [], retire=[revision.draft.key], by=BY, summary=f"retired {revision.draft.title}"
        )
        out.print(f"Retired. Knowledge version {version}.")

    run(work)


@knowledge_app.command("confirm")
def confirm(entry_id: str, workspace: InWorkspace = DEFAULT) -> None:
    """Say that what was learned from a ticket may go to customers; until somebody does, only analysts are shown it."""

    async def work(app: App) -> None:
        version = await app.learner.confirm(workspace, entry_id, by=BY)
        out.print(f"Confirmed. Knowledge version {version}.")

    run(work)


@knowledge_app.command("log")
def log(workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show the knowledge versions, the latest first."""

    async def work(app: App) -> None:
        publications = await app.knowledge.log(workspace)
        if as_json:
            print_json(publications)
            return
        rows = [(each.version, each.at, each.by, each.published, each.retired, each.summary) for each in publications]
        print_table(
            "", ["version", "at", "by", "published", "retired", "what"], rows, empty="Nothing was published yet."
        )

    run(work)


@knowledge_app.command("diff")
def diff(first: int, second: int, workspace: InWorkspace = DEFAULT, as_json: AsJson = False) -> None:
    """Show what changed from one knowledge version to another."""

    async def work(app: App) -> None:
        changes = await app.knowledge.diff(workspace, first, second)
        if as_json:
            print_json(changes)
            return
        if not changes:
            out.print("[dim]No difference.[/]")
        for change in changes:
            before, after = change.before, change.after
            either = after or before
            title = either.draft.title if either else change.entry_id
            mark = "[green]+[/]" if before is None else "[red]-[/]" if after is None else "[yellow]~[/]"
            out.print(f"{mark} {escape(title)} [dim]{change.entry_id}[/]")

    run(work)


@knowledge_app.command("rollback")
def rollback(version: int, workspace: InWorkspace = DEFAULT) -> None:
    """Bring back an earlier version, as a new one; nothing is lost."""

    async def work(app: App) -> None:
        made = await app.knowledge.rollback(workspace, version, by=BY)
        out.print(f"Version {made} stands as version {version} stood.")

    run(work)


@knowledge_app.command("reindex")
def reindex(workspace: InWorkspace = DEFAULT) -> None:
    """Build the search index anew from the database. Embeddings are kept."""

    async def work(app: App) -> None:
        count = await app.knowledge.reindex(workspace)
        out.print(f"{count} entries indexed.")

    run(work)


def trust_line(trust: Trust) -> str:
    """How far an entry can be trusted, in a line."""
    return f"right in {trust.mean:.0%} of cases, {trust.low:.0%} to {trust.high:.0%}, by {trust.words} words about it"


def ask(
    question: str,
    workspace: InWorkspace = DEFAULT,
    product: Product = None,
    language: Language = None,
    internal: Internal = False,
    quote: Annotated[bool, typer.Option("--quote", help="Only quote, even where a model is set up.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the knowledge base a question."""

    async def work(app: App) -> None:
        asked = Question(text=question, scope=_scope(product, language, internal), use_model=not quote)
        finding = await app.knowledge.ask(workspace, asked)
        if as_json:
            print_json(finding)
        else:
            print_finding(finding)

    run(work)


def print_finding(finding: Finding) -> None:
    if not finding.answered:
        out.print(f"[yellow]No answer:[/] {finding.reason.replace('_', ' ')}. {escape(finding.note)}")
        for candidate in finding.candidates[:3]:
            out.print(f"[dim]nearest: {escape(candidate.title)} ({candidate.score:.2f})[/]")
        return
    out.print(escape(finding.answer))
    for citation in finding.citations:
        out.print(f"[dim]— {escape(citation.title)}, {escape(citation.reference)}[/]")
    cost = f"{finding.cost.milliseconds:.0f} ms, {finding.cost.calls} model calls"
    out.print(f"[dim]{finding.confidence:.0%} sure · {cost}{' · ' + escape(finding.note) if finding.note else ''}[/]")


def try_folder(
    folder: Annotated[Path, typer.Argument(help="A folder of your own documents.", exists=True, file_okay=False)],
    question: Annotated[list[str] | None, typer.Argument(help="Questions; without one you are asked for them.")] = None,
) -> None:
    """Read a folder of your own documents and ask them questions, in one command. Nothing is kept, nothing leaves this machine."""
    with TemporaryDirectory(prefix="vigil-try-") as home:
        configured = settings().model_copy(update={"home": Path(home), "database_url": "", "index_uri": ""})

        async def work(app: App) -> None:
            async def reading(progress: Callable[[int, int], None]) -> None:
                added = await app.intake.add(DEFAULT, [folder], by=BY, progress=progress)
                out.print(f"[dim]{added.documents} documents, {added.published} entries.[/]")
                for refusal in added.refused[:MOST_REFUSALS]:
                    out.print(f"[yellow]left out:[/] {escape(refusal)}")
                if not added.published:
                    stop(f"Nothing in {folder} could be read; Markdown, HTML, PDF, plain text, CSV and JSONL can.")

            await _with_bar("reading", reading)
            for each in question or []:
                await _ask_and_show(app, each)
            while not question:
                try:
                    typed = out.input("[bold cyan]ask ›[/] ").strip()
                except EOFError:
                    return
                if typed in ("", "/quit"):
                    return
                await _ask_and_show(app, typed)

        run(work, configured=configured)


async def _ask_and_show(app: App, question: str) -> None:
    out.print(f"\n[bold]{escape(question)}[/]")
    result = await app.knowledge.search(DEFAULT, question, scope=_scope(None, None, True), limit=3)
    print_finding(await app.knowledge.ask(DEFAULT, Question(text=question, scope=_scope(None, None, True))))
    for number, candidate in enumerate(result.candidates, start=1):
        out.print(f"   [dim]{number}. {escape(candidate.title)} ({candidate.score:.2f})[/]")


def _place(place: str) -> str | Path:
    return place if "://" in place else Path(place)


def _scope(product: str | None, language: str | None, internal: bool) -> Scope:
    return Scope(product=product, language=language, audience="internal" if internal else None)
