"""How a lesson stands to what is known: repeated, better said, contradicted, outlived, or about something else."""

import tomllib
from pathlib import Path

import pytest

from vigil.domain.knowledge import Draft
from vigil.language.bundled import BundledEmbedder
from vigil.learn.comparing import compare, numbers
from vigil.learn.reconcile import Reconciler, judge
from vigil.learn.relation import Known, Relation

PAIRS = Path(__file__).parents[2] / "quality/reconcile_pairs.toml"
MENDED = "Set BACKUP_WINDOW=2h in backup.conf and restart the agent."


def draft(answer: str, question: str = "Backups do not finish in time") -> Draft:
    return Draft(key="k", title=question, question=question, answer=answer)


@pytest.fixture(scope="module")
def reconciler() -> Reconciler:
    return Reconciler(BundledEmbedder())


@pytest.mark.parametrize(
    ("answer", "relation"),
    [
        ("In backup.conf set BACKUP_WINDOW=2h, then restart the agent.", Relation.SAME),
        (
            "Set BACKUP_WINDOW=2h in backup.conf and restart the agent; on machines with over a terabyte also split the job by folder.",
            Relation.REFINES,
        ),
        ("Set BACKUP_WINDOW=6h in backup.conf and restart the agent.", Relation.CONTRADICTS),
        ("Don't set BACKUP_WINDOW, it cuts the last file off; exclude the cache folder.", Relation.CONTRADICTS),
        ("The window can't be changed by you. Ask the backup team.", Relation.CONTRADICTS),
        ("BACKUP_WINDOW was removed in release 9; the agent finds its own window now.", Relation.RETIRES),
    ],
)
async def test_an_answer_to_the_same_question(reconciler: Reconciler, answer: str, relation: Relation) -> None:
    known = Known(entry_id="e1", draft=draft(MENDED))
    related = await reconciler.relate(draft(answer, "backup does not finish in time"), [known])
    assert (related.relation, related.entry_id) == (relation, "e1")
    assert related.note


async def test_something_else_is_new(reconciler: Reconciler) -> None:
    lesson = draft("Choose the tray under Paper source.", "The printer takes the wrong paper")
    related = await reconciler.relate(lesson, [Known(entry_id="e1", draft=draft(MENDED))])
    assert (related.relation, related.entry_id) == (Relation.NEW, None)
    assert (await reconciler.relate(lesson, [])).relation is Relation.NEW


async def test_a_conflict_with_one_entry_comes_before_agreement_with_another(reconciler: Reconciler) -> None:
    same = Known(entry_id="same", draft=draft("In backup.conf set BACKUP_WINDOW=2h and restart the agent."))
    against = Known(entry_id="against", draft=draft("Set BACKUP_WINDOW=6h in backup.conf and restart the agent."))
    related = await reconciler.relate(draft(MENDED), [same, against])
    assert (related.relation, related.entry_id) == (Relation.CONTRADICTS, "against")


@pytest.mark.parametrize(
    ("known", "lesson"),
    [
        ("It takes two days.", "It takes 3 days."),
        ("It is valid for one year.", "It is valid for 2 years."),
        ("Turn on the cache.", "Turn the cache off."),
        ("Yes, it is kept.", "No, it is kept nowhere."),
        ("Hold the badge to the blue reader for some seconds.", "Hold the badge to the red reader for some seconds."),
        ("Restart the spooler.", "Never restart the spooler."),
        ("Put the disk before the network.", "Put the network before the disk."),
        ("A semicolon.", "A comma."),
        ("Yes, if all agreed.", "Photos must not be published, whoever agreed."),
        ("Raise the limit to high.", "Raise the limit to medium."),
    ],
)
def test_what_speaks_against_sameness_is_a_conflict_however_alike_the_words(known: str, lesson: str) -> None:
    found = judge(compare(known, lesson, question=0.99, answer=0.99), longer=1.0)
    assert found.relation is Relation.CONTRADICTS


def test_numbers_are_read_in_words_and_digits() -> None:
    assert numbers("three tries, 1,200 rows, one of them, within an hour") == {"3", "1200", "1"}


async def test_pairs_written_after_the_tuning(reconciler: Reconciler) -> None:
    """A floor under the measured figures; `tools/measure_reconcile.py` prints them."""
    topics = tomllib.loads(PAIRS.read_text(encoding="utf-8"))["fresh"]
    merged = right = 0
    for said in topics.values():
        known = Known(entry_id="e", draft=draft(said["known"][1], said["known"][0]))
        for name in ("same", "contradicts"):
            related = await reconciler.relate(draft(said[name][1], said[name][0]), [known])
            merged += name == "contradicts" and related.relation is Relation.SAME
            right += related.relation.value == name
    assert merged == 0
    assert right >= 0.75 * 2 * len(topics)
