"""A browser without a screen: it keeps cookies, carries the token of the page it is on, and sends forms."""

import re
from dataclasses import dataclass, field

import httpx2

from tests.integration.web.door import OURS, Door
from vigil.domain.account import Part

PASSWORD = "correct horse battery"


@dataclass
class Browser:
    """Somebody at the console."""

    door: Door
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    @classmethod
    async def of(cls, door: Door, part: Part, *, workspace: str = OURS, login: str = "") -> "Browser":
        """Somebody who joined by an invitation, and is signed in."""
        _, secret = await door.sign_ins.invite(workspace, part, note="", by="test")
        login = login or f"{part}@{workspace}.example"
        kept = await door.sign_ins.join(secret, login=login, name=f"Kim {part}", password=PASSWORD)
        browser = cls(door, {"vigil_visit": kept})
        await browser.get("/desk")
        return browser

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self._knock("GET", path, headers=headers)

    async def send(self, path: str, *, token: str | None = None, **fields: str) -> httpx2.Response:
        """Send a form from the page that was looked at last."""
        form = {"token": self.token if token is None else token, **fields}
        return await self._knock("POST", path, form=form, headers={"sec-fetch-site": "same-origin"})

    async def _knock(
        self, method: str, path: str, *, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        given = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        given["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        response = await self.door.client.request(method, path, data=form, headers=given)
        for name, value in response.cookies.items():
            self.cookies[name] = value
        found = re.search(r'name="token" value="([0-9a-f]+)"', response.text)
        if found is not None:
            self.token = found[1]
        return response
