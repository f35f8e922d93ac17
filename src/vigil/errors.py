"""Every error that Vigil raises on purpose, as one tree. A message says what happened and what to do next; nothing here is raised
for a message that the assistant merely cannot answer: that is a silence with a reason, not an error.

::

    VigilError
    ├── InvalidInput            the caller sent something that can't be taken      (HTTP 422)
    │   ├── TooLarge            ... because it is too big                         (HTTP 413)
    │   └── UnreadableDocument  ... because no text could be read out of it
    ├── NotFound                no such thing in this workspace                   (HTTP 404)
    ├── Conflict                the thing is in a state that forbids this         (HTTP 409)
    │   └── IllegalTransition   ... a ticket can't go there from here
    ├── Denied                  known, and not allowed                            (HTTP 403)
    │   ├── Unauthenticated     not known: no token, a wrong or a revoked one     (HTTP 401)
    │   └── ForbiddenAddress    a URL that must not be fetched
    ├── Busy                    too much waits already; later                     (HTTP 429)
    ├── LeaseLost               another worker holds this conversation now
    ├── ModelUnavailable        the language model gave no usable answer
    │   ├── ModelTimeout        ... within its time
    │   ├── ModelMalformed      ... of the wanted shape
    │   └── OverBudget          ... because the day's budget is spent
    │       └── ModelOff        ... because the workspace uses none
    ├── DeliveryFailed          a channel did not take a post
    └── Misconfigured           a setting is missing or contradicts another
"""


class VigilError(Exception):
    """Base of all errors that Vigil raises on purpose."""


class InvalidInput(VigilError):
    """The input can't be taken as it is; the message names the field and the fix."""


class TooLarge(InvalidInput):
    """The input is larger than the stated limit."""


class UnreadableDocument(InvalidInput):
    """No text could be read out of a document."""


class NotFound(VigilError):
    """There is no such thing in this workspace."""


class Conflict(VigilError):
    """The thing exists, but in a state that forbids what was asked."""


class IllegalTransition(Conflict):
    """A ticket can't go from its state to the wanted one."""


class Denied(VigilError):
    """The caller is known and may not do this."""


class Unauthenticated(Denied):
    """The caller is not known: no token or signature, or one that doesn't hold."""


class ForbiddenAddress(Denied):
    """A URL outside the allow-list, or one that leads to a private address."""


class Busy(VigilError):
    """Too much of this workspace waits already; nothing was taken. `retry_after_s` says when it is worth trying again."""

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LeaseLost(VigilError):
    """Another worker took over this conversation; nothing of this commit was kept."""


class ModelUnavailable(VigilError):
    """The language model gave no usable answer; the model-free way takes over."""


class ModelTimeout(ModelUnavailable):
    """The language model did not answer within its time."""


class ModelMalformed(ModelUnavailable):
    """The language model's answer was not of the wanted shape."""


class OverBudget(ModelUnavailable):
    """The workspace's budget for the day is spent."""


class ModelOff(OverBudget):
    """The workspace has switched its language model off."""


class DeliveryFailed(VigilError):
    """A channel did not take a post; it stays in the outbox and is tried again."""


class Misconfigured(VigilError):
    """A setting is missing or contradicts another; the message names it."""
