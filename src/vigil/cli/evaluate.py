"""`vigil evaluate`: scores of what ships on labelled recordings, or, retrained in folds, of the method itself."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from pydantic import BaseModel

from vigil.cli.bars import table_bars
from vigil.cli.shell import AsJson, finish, out, print_json, settings, stop
from vigil.evaluate.gate.scoring import gate_in_tickets, gate_on_channels
from vigil.evaluate.proactive.evaluating import evaluate_proactive
from vigil.evaluate.tracking.dialogues import evaluate_promises
from vigil.evaluate.tracking.labels import Half
from vigil.evaluate.tracking.scoring import evaluate_tracking

evaluate_app = typer.Typer(
    no_args_is_help=True, help="Score what ships on labelled recordings; with --folds, retrain and score out of fold."
)

Folds = Annotated[
    int | None,
    typer.Option(
        min=2,
        max=20,
        help="Retrain in so many folds (by stream, page or kind of attack), and score each by the others.",
    ),
]


@evaluate_app.command("gate")
def gate(
    stream: Annotated[
        Path | None,
        typer.Option(help="Interleaved channels with labels: openings are scored.", exists=True, dir_okay=False),
    ] = None,
    tickets: Annotated[
        Path | None, typer.Option(help="Tickets: customers' further messages are scored.", exists=True, dir_okay=False)
    ] = None,
    folds: Folds = None,
    streams: Annotated[int | None, typer.Option(min=1, help="Only so many streams, the same ones each time.")] = None,
    as_json: AsJson = False,
) -> None:
    """How well the gate hears what somebody answers."""
    if (stream is None) == (tickets is None):
        stop("Give either --stream FILE or --tickets FILE.", code=2)
    with table_bars("gate") as tell:
        if stream is not None:
            score = partial(gate_on_channels, stream, folds=folds, streams=streams, progress=tell)
        else:
            score = partial(gate_in_tickets, cast("Path", tickets), folds=folds, streams=streams, progress=tell)
        figures = finish(lambda: asyncio.to_thread(score))
    show(figures, as_json=as_json)


Queries = Annotated[
    Path,
    typer.Option(help="Questions with their right entries, JSON lines, plain or gzip.", exists=True, dir_okay=False),
]
Knowledge = Annotated[
    Path,
    typer.Option(help="The entries that they are asked of, JSON lines, plain or gzip.", exists=True, dir_okay=False),
]


@evaluate_app.command("retrieval")
def retrieval(
    queries: Queries,
    knowledge: Knowledge,
    history: Annotated[
        Path | None,
        typer.Option(
            help="Questions that were answered before, in the shape of the queries.", exists=True, dir_okay=False
        ),
    ] = None,
    folds: Folds = None,
    as_json: AsJson = False,
) -> None:
    """How often the search finds the right entry, and how far its confidence can be trusted.

    Each question knows the history of other streams, and of its own stream what is strictly earlier.
    """
    from vigil.evaluate.retrieval.evaluating import evaluate_retrieval
    from vigil.language.bundled import BundledEmbedder

    figures = finish(lambda: evaluate_retrieval(BundledEmbedder(), queries, knowledge, history, folds=folds))
    show(figures, as_json=as_json)


@evaluate_app.command("grounded")
def grounded(queries: Queries, knowledge: Knowledge, folds: Folds = None, as_json: AsJson = False) -> None:
    """The same for dialogues of which some can't be answered from the knowledge, and how well those are told apart."""
    from vigil.evaluate.retrieval.evaluating import evaluate_grounded
    from vigil.language.bundled import BundledEmbedder

    figures = finish(lambda: evaluate_grounded(BundledEmbedder(), queries, knowledge, folds=folds))
    show(figures, as_json=as_json)


Texts = Annotated[
    Path, typer.Argument(help="Labelled texts, JSON lines, plain or gzip.", exists=True, dir_okay=False, metavar="FILE")
]


@evaluate_app.command("redaction")
def redaction(texts: Texts, as_json: AsJson = False) -> None:
    """How much of what is personal is taken out of texts, and how much else with it.

    A line is `{"text": ..., "spans": [{"start": 0, "end": 3, "type": "PERSON"}]}`; types as in the Presidio research set.
    """
    from vigil.evaluate.guarding.redaction import evaluate_redaction

    figures = finish(lambda: asyncio.to_thread(evaluate_redaction, texts))
    show(figures, as_json=as_json)


@evaluate_app.command("proactive")
def proactive(
    stream: Annotated[Path, typer.Option(help="Interleaved channels.", exists=True, dir_okay=False)],
    triggers: Annotated[Path, typer.Option(help="Calls of people for an entry.", exists=True, dir_okay=False)],
    knowledge: Annotated[Path, typer.Option(help="The entries.", exists=True, dir_okay=False)],
    history: Annotated[
        Path | None,
        typer.Option(
            help="Questions that were answered before, in the shape of the calls.", exists=True, dir_okay=False
        ),
    ] = None,
    folds: Folds = None,
    streams: Annotated[int | None, typer.Option(min=1, help="Only so many streams, the same ones each time.")] = None,
    as_json: AsJson = False,
) -> None:
    """How many of the calls were offered before they were made, at how many interruptions."""
    with table_bars("proactive") as tell:
        figures = finish(
            lambda: evaluate_proactive(
                stream, triggers, knowledge, history, folds=folds, streams=streams, progress=tell
            )
        )
    show(figures, as_json=as_json)


@evaluate_app.command("injection")
def injection(
    texts: Texts,
    folds: Folds = None,
    harmless: Annotated[
        list[Path] | None,
        typer.Option(
            help="With --folds: tickets or documents with nothing injected, to train with as well.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How many instructions injected into texts are found, and how often one is seen where there is none.

    A line is `{"text": ..., "label": 1, "span": {"start": 0, "end": 9}}`, with `category`, `variant`, `source` and `hard` where known.
    """
    from vigil.evaluate.guarding.injection import evaluate_injection

    if harmless and not folds:
        stop("--harmless is trained with, so it needs --folds.", code=2)
    figures = finish(lambda: asyncio.to_thread(evaluate_injection, texts, folds=folds, harmless=tuple(harmless or ())))
    show(figures, as_json=as_json)


@evaluate_app.command("learning")
def learning(
    tickets: Annotated[
        Path | None,
        typer.Option(
            help="Tickets in JSON lines, plain or gzip: learned from as they end.", exists=True, dir_okay=False
        ),
    ] = None,
    triggers: Annotated[
        Path | None,
        typer.Option(
            help="Calls of people for an entry: the last 30 % are asked with more and more of the earlier known.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    knowledge: Annotated[
        Path | None, typer.Option(help="With --triggers: the entries.", exists=True, dir_okay=False)
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(
            help="With --triggers: questions that were answered before; the calls themselves by default.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    stream: Annotated[
        Path | None,
        typer.Option(
            help="With --triggers: the channels that the calls come from, to check that they do.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    shipped: Annotated[
        bool,
        typer.Option(
            "--shipped", help="With --triggers: rank as shipped, instead of as learned from the earlier calls alone."
        ),
    ] = False,
    streams: Annotated[int | None, typer.Option(min=1, help="Only so many streams, those that began first.")] = None,
    threshold: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Confidence from which a lesson is suggested; the setting's by default."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """What learning brings: from raw tickets to the ones after them, or from answered questions to the later ones.

    With --tickets nothing is known at the start, and the same past is searched raw beside it. With --triggers the same questions are
    asked with more and more of the earlier ones known.
    """
    from vigil.evaluate.learning.growth import evaluate_growth
    from vigil.evaluate.learning.scoring import evaluate_learning
    from vigil.language.bundled import BundledEmbedder

    if tickets is None and (triggers is None or knowledge is None):
        stop("Give --tickets FILE, or --triggers FILE with --knowledge FILE, or all three.", code=2)
    figures: dict[str, Any] = {}
    with table_bars("learning") as tell:
        if tickets is not None:
            least = settings().suggest_confidence if threshold is None else threshold
            learned = finish(
                lambda: evaluate_learning(BundledEmbedder(), tickets, threshold=least, streams=streams, progress=tell)
            )
            figures |= learned.model_dump(mode="json")
        if triggers is not None and knowledge is not None:
            grown = finish(
                lambda: evaluate_growth(BundledEmbedder(), triggers, knowledge, history, stream, retrain=not shipped)
            )
            both = grown.model_dump(mode="json")
            figures = both if tickets is None else both | {"tickets": figures}
    show_all(figures, as_json=as_json)


@evaluate_app.command("tracking")
def tracking(
    tickets: Annotated[
        Path | None, typer.Option(help="Tickets in JSON lines, plain or gzip.", exists=True, dir_okay=False)
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            help="What readers said of some of them; without it they are counted.", exists=True, dir_okay=False
        ),
    ] = None,
    half: Annotated[Half, typer.Option(help="Which of the labelled tickets.")] = Half.ALL,
    dialogues: Annotated[
        Path | None, typer.Option(help="Dialogues written for promises, TOML.", exists=True, dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How well tickets are followed: open questions, whose turn it is, resolved or not, and promises with their times."""
    if (tickets is None) == (dialogues is None):
        stop("Give either --tickets FILE or --dialogues FILE.", code=2)
    if tickets is not None:
        score = partial(evaluate_tracking, tickets, labels, half=half)
        show(finish(lambda: asyncio.to_thread(score)), as_json=as_json)
    else:
        promises = partial(evaluate_promises, cast("Path", dialogues))
        show(finish(lambda: asyncio.to_thread(promises)), as_json=as_json)


def show(figures: BaseModel, *, as_json: bool) -> None:
    """Print figures, as one JSON object or a line each."""
    show_all(figures.model_dump(mode="json"), as_json=as_json)


def show_all(figures: dict[str, Any], *, as_json: bool) -> None:
    """The same for figures of several kinds."""
    if as_json:
        print_json(figures)
        return
    for name, value in figures.items():
        if value is not None:
            out.print(f"{name.replace('_', ' '):<28} [bold]{value}[/]")
