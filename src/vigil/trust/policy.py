"""From what the knowledge base found and how things stand to what Vigil may do: stay silent, suggest, reply or hand off, and who sees it.
A pure function of plain values; the words of a post are `assist.wording`'s, risk is read in `risk`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from vigil.domain.decision import DecisionKind, Reason, Risk
from vigil.domain.post import Visibility
from vigil.domain.topic import Autonomy
from vigil.trust.risk import Assessment, worse
from vigil.trust.thresholds import Thresholds


class Found(Protocol):
    """What the policy needs to know of an answer; `knowledge.finding.Finding` is one."""

    @property
    def answered(self) -> bool: ...
    @property
    def reason(self) -> Reason: ...
    @property
    def note(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def risk(self) -> Risk: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How things stand at the moment of deciding."""

    by_customer: bool
    """The asker is this ticket's customer: the only one to whom Vigil may reply unasked."""
    by_analyst: bool
    """The asker is a colleague."""
    addressed: bool
    """Vigil itself was asked."""
    private_chat: bool
    """The asker and Vigil are alone."""
    shared: bool
    """A channel where people read along who have nothing to do with this ticket."""
    human_joined: bool
    """An analyst has written in the ticket, or one has been called."""
    first_line: bool
    """The workspace lets Vigil reply to customers before a human has joined."""
    autonomy: Autonomy
    to_colleague: bool = False
    """The customer speaks to a particular human by name."""
    wants_human: bool = False
    """The customer asks for a person, is furious, or says that Vigil's answer was no help."""
    handed_off: bool = False
    """A human has been called already, and nobody has come yet."""
    can_hand_off: bool = True
    """There is a ticket whose customer is asking."""

    @property
    def alone(self) -> bool:
        """Vigil is the first line: nobody else is helping yet."""
        return self.first_line and not self.human_joined and not self.handed_off


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An answer that Vigil gave in this ticket before."""

    entry_ids: tuple[str, ...]
    at: datetime
    seen_by_customer: bool
    """The customer had it before they wrote this turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What Vigil may do."""

    kind: DecisionKind
    reason: Reason
    note: str
    """Why, in a sentence for a person. No customer's words."""
    visibility: Visibility | None = None
    """Who sees the answer; None where nothing is posted."""
    tell_customer: bool = False
    """A hand-off that the customer is told about."""


def may_reach_customer(standing: Standing) -> bool:
    """Whether the answer could come before a customer's eyes: then only knowledge for the public may be asked."""
    if standing.addressed:
        return not standing.by_analyst
    if not standing.by_customer or standing.to_colleague:
        return False
    return standing.alone or standing.autonomy is Autonomy.AUTO


def decide(
    found: Found | None,
    standing: Standing,
    thresholds: Thresholds,
    *,
    assessed: Assessment,
    public: bool,
    entry_ids: Collection[str] = (),
    earlier: Collection[Earlier] = (),
    worth: float | None = None,
    now: datetime,
) -> Ruling:
    """Rule on one turn.

    `found` is None where nothing was asked of the knowledge base, which only a call for a human does. `public` says that it was asked for
    the public audience; an answer that wasn't never reaches a customer. `entry_ids` are the entries that the answer stands on, `worth` what
    saying it is worth where nobody asked Vigil and many read along.
    """
    if calls_human(standing):
        return _hand_off(
            standing, Reason.WANTS_HUMAN, "the customer wants a person, or is at the end of their patience"
        )
    if found is None:
        return _silent(Reason.NOT_A_QUESTION, "nothing was asked")
    risk = worse(found.risk, assessed.risk)
    danger = ", ".join(assessed.dangers) or "the model judged it so"
    if standing.addressed:
        return _asked_directly(found, standing, thresholds, risk, danger, public)
    if not found.answered:
        return _silent(found.reason, found.note or "nothing in the knowledge base answers this")
    if found.confidence < thresholds.suggest_confidence:
        return _silent(
            Reason.NOT_SURE,
            f"confidence {found.confidence:.2f} is below {thresholds.suggest_confidence:.2f}, the least for a suggestion",
        )
    if worth is not None and worth < thresholds.channel_worth:
        return _silent(
            Reason.NOT_SURE,
            f"worth {worth:.2f} is below {thresholds.channel_worth:.2f}, the least for speaking unasked in a shared channel",
        )
    repeated = _repeated(entry_ids, earlier, now, timedelta(seconds=thresholds.repeat_window_s))
    if repeated is not None:
        if (
            repeated.seen_by_customer
            and standing.alone
            and standing.by_customer
            and standing.autonomy is not Autonomy.SHADOW
        ):
            return _hand_off(standing, Reason.WANTS_HUMAN, "the customer asks again after the same answer")
        return _silent(Reason.ALREADY_SAID, "the same entry was given in this ticket less than the repeat window ago")
    if standing.autonomy is Autonomy.SHADOW:
        return _silent(Reason.TOPIC_SHADOW, "the topic is in shadow, so the answer is only recorded")
    if risk is Risk.HIGH:
        if standing.alone and standing.can_hand_off:
            return _hand_off(standing, Reason.HIGH_RISK, f"the answer needs a person's yes: {danger}")
        return _suggest(Reason.HIGH_RISK, f"the answer needs a person's yes: {danger}")
    obstacle = _obstacle(found, standing, thresholds, risk, danger, public)
    if obstacle:
        return _suggest(Reason.ANSWERED, obstacle)
    return Ruling(
        kind=DecisionKind.REPLY,
        reason=Reason.ANSWERED,
        note="no human has joined yet" if standing.alone else "the topic is set to reply",
        visibility=Visibility.PUBLIC,
    )


def calls_human(standing: Standing) -> bool:
    if (
        not standing.wants_human
        or not standing.by_customer
        or not standing.can_hand_off
        or standing.human_joined
        or standing.handed_off
    ):
        return False
    return standing.addressed or (standing.first_line and standing.autonomy is not Autonomy.SHADOW)


def _asked_directly(
    found: Found, standing: Standing, thresholds: Thresholds, risk: Risk, danger: str, public: bool
) -> Ruling:
    """Whoever asks Vigil itself gets an answer, or an honest "I don't know"."""
    among_colleagues = standing.by_analyst and not standing.private_chat
    visibility = Visibility.PRIVATE if among_colleagues else Visibility.PUBLIC
    sure = found.answered and found.confidence >= thresholds.suggest_confidence
    if not standing.by_analyst and not public:
        sure = False
    if not sure:
        why = found.note or "nothing in the knowledge base answers this surely enough"
        return Ruling(kind=DecisionKind.REPLY, reason=Reason.UNKNOWN_TO_VIGIL, note=why, visibility=visibility)
    if risk is Risk.HIGH and not standing.by_analyst:
        note = f"the answer needs a person's yes: {danger}"
        if standing.can_hand_off and not standing.human_joined and not standing.handed_off:
            return _hand_off(standing, Reason.HIGH_RISK, note)
        return Ruling(
            kind=DecisionKind.SUGGEST,
            reason=Reason.HIGH_RISK,
            note=note,
            visibility=Visibility.PRIVATE,
            tell_customer=True,
        )
    return Ruling(
        kind=DecisionKind.REPLY, reason=Reason.ADDRESSED, note="Vigil itself was asked", visibility=visibility
    )


def _obstacle(found: Found, standing: Standing, thresholds: Thresholds, risk: Risk, danger: str, public: bool) -> str:
    """Why the answer may only be suggested; empty where the customer may have it."""
    if not standing.by_customer:
        return "the asker isn't the ticket's customer, so the analysts decide"
    if standing.to_colleague:
        return "the customer speaks to a person, so that person decides"
    if not (standing.alone or standing.autonomy is Autonomy.AUTO):
        return (
            "a human is on the ticket"
            if standing.human_joined or standing.handed_off
            else "the workspace has no first line"
        )
    if not public:
        return "the answer may stand on internal knowledge"
    if found.confidence < thresholds.reply_confidence:
        return f"confidence {found.confidence:.2f} is below {thresholds.reply_confidence:.2f}, the least for a reply"
    if risk is not Risk.LOW:
        return f"not without a person's look: {danger}"
    return ""


def _repeated(
    entry_ids: Collection[str], earlier: Collection[Earlier], now: datetime, window: timedelta
) -> Earlier | None:
    """The last answer within the window that stood on the same entries."""
    wanted = set(entry_ids)
    same = [one for one in earlier if wanted and wanted <= set(one.entry_ids) and now - one.at <= window]
    return max(same, key=lambda one: (one.seen_by_customer, one.at), default=None)


def _hand_off(standing: Standing, reason: Reason, note: str) -> Ruling:
    """The analysts are told, and the customer too, unless that would be noise to a whole channel that nobody asked for."""
    told = standing.addressed or not standing.shared
    return Ruling(
        kind=DecisionKind.HAND_OFF, reason=reason, note=note, visibility=Visibility.PRIVATE, tell_customer=told
    )


def _suggest(reason: Reason, note: str) -> Ruling:
    return Ruling(kind=DecisionKind.SUGGEST, reason=reason, note=note, visibility=Visibility.PRIVATE)


def _silent(reason: Reason, note: str) -> Ruling:
    return Ruling(kind=DecisionKind.SILENT, reason=reason, note=note)
