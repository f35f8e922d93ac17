"""Settings of follow-ups: after how long what is looked at again, which reasons are paused, and when a ticket closes by itself. What is
kept, and from when on it holds, is `runtime.followups`'s."""

from collections.abc import Mapping
from dataclasses import replace
from math import isfinite
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from vigil.domain.account import Part
from vigil.domain.followup import FollowUpReason, FollowUpRules
from vigil.errors import InvalidInput
from vigil.web.console.pages import page
from vigil.web.console.visits import Form, PageRoute, SignedIn, least
from vigil.web.services import Serving

router = APIRouter(prefix="/settings/follow-ups", route_class=PageRoute, include_in_schema=False)

ADMIN = least(Part.ADMIN)
MINUTE, HOUR = 60, 3_600


TIMES: Final[Mapping[str, tuple[str, int]]] = {
    "unanswered_s": ("A customer’s question without an answer", MINUTE),
    "stalled_s": ("The desk’s turn without a word", HOUR),
    "promise_lead_s": ("Before a promise of the desk’s is due", MINUTE),
    "promise_grace_s": ("After a promise was due", MINUTE),
    "quiet_s": ("A question of the desk’s without an answer", HOUR),
    "fix_s": ("A fix that nobody has confirmed", HOUR),
    "resolved_s": ("A ticket that looks resolved, and is open", HOUR),
}
"""What is said of each, and what its number counts. The first four are the desk's own times."""
REASONS: Final[Mapping[FollowUpReason, str]] = {
    FollowUpReason.UNANSWERED_QUESTION: "A question waits for an answer",
    FollowUpReason.PROMISE_DUE: "A promise is about to be due",
    FollowUpReason.PROMISE_OVERDUE: "A promise is overdue",
    FollowUpReason.STALLED: "It is the desk’s turn, and nothing happens",
    FollowUpReason.FIX_NOT_CONFIRMED: "Nobody has said whether it helped",
    FollowUpReason.CUSTOMER_QUIET: "The customer doesn’t answer",
    FollowUpReason.LOOKS_RESOLVED: "It looks resolved",
}


@router.get("", openapi_extra=ADMIN)
async def rules_page(request: Request, visitor: SignedIn, services: Serving) -> Response:
    """The rules as they stand."""
    return _page(request, await services.tracking.follow_ups.rules(visitor.workspace))


@router.post("", openapi_extra=ADMIN)
async def change(request: Request, visitor: SignedIn, form: Form, services: Serving) -> Response:
    """All rules at once. What was typed stays on the page where it is refused."""
    before = await services.tracking.follow_ups.rules(visitor.workspace)
    try:
        wanted = _wanted(form, before)
        if wanted != before:
            await services.tracking.follow_ups.set_rules(visitor.workspace, wanted, by=visitor.account.id)
    except InvalidInput as error:
        return _page(request, before, typed=form, problem=str(error))
    return _page(request, wanted, done="Kept. It holds for each ticket from its next message on.")


def _wanted(form: Mapping[str, str], before: FollowUpRules) -> FollowUpRules:
    times = {name: _number(form, name, label) * unit for name, (label, unit) in TIMES.items()}
    days = _number(form, "close_after_days", "Close a ticket by itself")
    if days != int(days):
        raise InvalidInput("A ticket closes after whole days; 0 is never.")
    paused = frozenset(each for each in FollowUpReason if f"reason {each}" not in form)
    return replace(before, **times, close_after_days=int(days), paused=paused)


def _number(form: Mapping[str, str], name: str, label: str) -> float:
    typed = form.get(name, "").replace(",", "").strip()
    try:
        number = float(typed)
    except ValueError:
        raise InvalidInput(f"{label}: write a number; 0 switches it off.") from None
    if not isfinite(number) or not 0 <= number < 10**4:
        raise InvalidInput(f"{label}: a number from 0, which switches it off, to 9,999.")
    return number


def _page(
    request: Request, rules: FollowUpRules, *, typed: Mapping[str, str] | None = None, done: str = "", problem: str = ""
) -> Response:
    kept = {
        "unanswered_s": rules.unanswered_s,
        "stalled_s": rules.stalled_s,
        "promise_lead_s": rules.promise_lead_s,
        "promise_grace_s": rules.promise_grace_s,
        "quiet_s": rules.quiet_s,
        "fix_s": rules.fix_s,
        "resolved_s": rules.resolved_s,
    }
    shown = {name: f"{kept[name] / unit:g}" for name, (_, unit) in TIMES.items()}
    shown["close_after_days"] = f"{rules.close_after_days}"
    looked_at = {each for each in FollowUpReason if each not in rules.paused}
    if typed is not None:
        shown = {name: typed.get(name, "") for name in shown}
        looked_at = {each for each in FollowUpReason if f"reason {each}" in typed}
    values: dict[str, Any] = {
        "times": TIMES,
        "minute": MINUTE,
        "shown": shown,
        "reasons": REASONS,
        "looked_at": looked_at,
        "done": done,
        "problem": problem,
    }
    return page(request, "settings_follow_ups.html", values, status=422 if problem else 200)
