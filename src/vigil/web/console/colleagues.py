"""What people on the desk's side are called: those with an account here, and those whom a channel knows. Who may sign in is `people`'s."""

from vigil.runtime.accounts import SignIns
from vigil.runtime.administration import Administration


async def names_of(sign_ins: SignIns, administration: Administration, workspace: str) -> dict[str, str]:
    """Names by id."""
    known = {person.id: person.name for _, person in await administration.people(workspace)}
    return known | {each.id: each.name for each in await sign_ins.people(workspace)}
