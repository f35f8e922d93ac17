"""From HTML to Markdown: the part of a page that somebody wrote to be read, without navigation, scripts and footers. How Markdown becomes
passages is in `blocks` and `chunks`."""

import re
from collections import Counter
from dataclasses import dataclass
from textwrap import indent
from urllib.parse import urljoin, urlsplit

import nh3
from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

from vigil.errors import TooLarge, UnreadableDocument

MOST_CHARACTERS = 5_000_000
"""Longest page. The HTML specification itself is 14 MB, but pages that people read stay below 2 MB; and some parsing steps take time that
grows with the square of a single tag's length."""
_MOST_ELEMENTS = 50_000
"""Most elements of a page: a page of 2 MB has about as many, and takes five seconds."""
_DEEPEST = 200
"""Deepest nesting of elements. Pages stay below 60; parsers take time by the product of length and depth, and walk trees by recursion."""


def _names(words: str) -> set[str]:
    return set(words.split())


_FORMATTING = {
    **dict.fromkeys(_names("big em font i nobr s small strike tt u"), "span"),
    **dict.fromkeys(_names("b strong"), "dfn"),
    **dict.fromkeys(_names("html body"), "div"),
    "a": "cite",
    "code": "samp",
}
"""Elements under other names while the page is parsed. HTML opens unclosed formatting elements anew in every paragraph that follows, so a
page of 75 kB can grow to gigabytes (https://html.spec.whatwg.org/#reconstruct-the-active-formatting-elements); others it does not."""
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_CLOSES_ITSELF = _names(
    "p li dt dd tr td th thead tbody tfoot colgroup option optgroup rb rt rp"
    " area base br col embed hr img input link meta param source track wbr"
)
"""Elements that need no closing tag: they don't nest, however many there are."""

_DROPPED = _names(
    "script style template noscript svg math iframe object canvas audio video dialog nav footer button select textarea datalist"
)
_KEPT = _names(
    "title main article header aside section div details summary figure figcaption address h1 h2 h3 h4 h5 h6 p br hr pre blockquote q"
    " ul ol li dl dt dd table caption thead tbody tfoot tr th td img cite samp kbd var dfn span del sub sup"
)
"""Of all other elements the words are kept."""
_ATTRIBUTES = {
    "*": {"id", "class", "role", "hidden", "aria-hidden"},
    "cite": {"href"},
    "img": {"alt"},
    "ol": {"start"},
    "td": {"colspan"},
    "th": {"colspan"},
}
_FURNITURE_ROLES = _names("navigation banner contentinfo search")
_FURNITURE_CLASSES = _names("toc table-of-contents breadcrumb breadcrumbs headerlink skip-link sr-only visually-hidden")
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_MEANT = {
    "summary": "h6",
    "dfn": "strong",
    **dict.fromkeys(("details", "aside", "header", "figure", "address", "main"), "div"),
}
"""What elements are turned into before Markdown is made of them: questions are often the summaries of folded details."""
_LONG_GAP = re.compile(r"[ \t]{40,}")
"""More spaces than code is indented by. The way to Markdown takes time by the square of a gap's length: 30 s for 80 kB of spaces."""
_LANGUAGE_CLASS = re.compile(r"(?:language|lang|highlight-source)-([\w+#-]{1,20})")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Webpage:
    title: str
    """What the page calls itself in its head; empty if it doesn't."""
    markdown: str
    """Headings carry the page's own anchors as ``## Heading {#anchor}``."""


def read_webpage(html: str, *, name: str, base: str = "") -> Webpage:
    """What somebody wrote to be read on a page: its ``main``, else its only ``article``, else all but headers and asides.

    Args:
        base: the page's URL, which relative links are resolved by; without one they become plain words.

    Raises:
        TooLarge: the page is too long, or its elements are nested too deeply to be prose.
    """
    soup = _parse(html, name)
    title = ""
    for element in soup.find_all(True):
        if element.name == "title":
            title = title or " ".join(element.get_text(" ").split())
            element.clear()
        elif _is_furniture(element):
            element.clear()
    root = _content(soup)
    for element in root.find_all(True):
        _prepare(element, base)
    try:
        markdown: str = _converter().convert_soup(root)
    except RecursionError as error:
        raise TooLarge(
            f"{name} nests its elements too deeply. Save the page as Markdown or PDF and add that."
        ) from error
    return Webpage(title=title, markdown=_BLANK_LINES.sub("\n\n", markdown).strip())


def to_markdown(html: str) -> str:
    """A fragment of HTML within another text, as Markdown; nothing where it can't be read."""
    try:
        return read_webpage(html, name="").markdown
    except (TooLarge, UnreadableDocument):
        return ""


def _parse(html: str, name: str) -> BeautifulSoup:
    """`html` as browsers would read it (html5ever, by way of nh3), in time that grows with its length, then as a tree."""
    if len(html) > MOST_CHARACTERS:
        raise TooLarge(
            f"{name} is longer than {MOST_CHARACTERS:,} characters. Split the page, or save its text as Markdown."
        )
    if html.count("<") > 2 * _MOST_ELEMENTS:
        raise TooLarge(
            f"{name} has more than {_MOST_ELEMENTS:,} elements. Split the page, or save its text as Markdown."
        )
    depths: Counter[str] = Counter()
    depth = 0

    def rename(tag: re.Match[str]) -> str:
        nonlocal depth
        closing, element = tag[1], tag[2].casefold()
        if element == "a" and not closing and depths["a"]:
            return (
                "</cite><cite"  # old pages name places by links that they never close; a new one closes the one before
            )
        if element not in _CLOSES_ITSELF and (not closing or depths[element]):
            step = -1 if closing else 1
            depths[element] += step
            depth += step
            if depth > _DEEPEST:
                raise TooLarge(f"{name} nests its elements too deeply. Save the page as Markdown or PDF and add that.")
        return f"<{closing}{_FORMATTING.get(element, tag[2])}"

    clean = nh3.clean(
        _TAG.sub(rename, _LONG_GAP.sub(" " * 40, html)),
        tags=_KEPT,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        link_rel=None,
    )
    return BeautifulSoup(f"<div>{clean}</div>", "html.parser")


def _is_furniture(element: Tag) -> bool:
    return (
        element.get("role") in _FURNITURE_ROLES
        or element.get("aria-hidden") == "true"
        or element.has_attr("hidden")
        or not _FURNITURE_CLASSES.isdisjoint(element.get_attribute_list("class"))
    )


def _content(soup: BeautifulSoup) -> Tag:
    mains = [element for element in soup.find_all(True) if element.name == "main" or element.get("role") == "main"]
    for chosen in (mains, soup.find_all("article")):
        if len(chosen) == 1 and chosen[0].get_text(strip=True):
            return chosen[0]
    for element in soup.find_all(["header", "aside"]):
        if not element.find_parent("article"):
            element.clear()
    return soup


def _prepare(element: Tag, base: str) -> None:
    """Make of an element what Markdown has a word for. Names are changed, nothing is moved: taking an element out of its parent takes time
    by the number of its siblings."""
    element.name = _MEANT.get(element.name, element.name)
    if element.name in _HEADINGS:
        _keep_anchor(element)
    elif element.name == "cite":
        _keep_link(element, base)
    elif element.name == "ol":
        start = str(element.get("start") or "1")
        first = int(start) if start.isascii() and start.isdigit() and len(start) < 9 else 1
        for number, item in enumerate(element.find_all("li", recursive=False), start=first):
            item["number"] = str(number)
    elif element.name == "img":
        element.name = "span"
        element.append(str(element.get("alt") or ""))


def _keep_anchor(heading: Tag) -> None:
    for link in heading.find_all("cite"):
        link.name = "span"
        if not any(character.isalnum() for character in link.get_text()):
            link.clear()  # the pilcrow or chain beside a heading
    around = heading.parent if heading.parent and heading.parent.name in ("section", "div") else None
    inside = heading.find(id=True)
    for element in (heading, inside, around):
        anchor = str(element.get("id") or "") if isinstance(element, Tag) else ""
        if anchor and not re.search(r"[\s{}]", anchor):
            heading.append(f" {{#{anchor}}}")
            return


def _keep_link(link: Tag, base: str) -> None:
    href = str(link.get("href") or "").strip()
    try:
        target = urljoin(base, href)
        scheme = urlsplit(target).scheme
    except ValueError:
        target = scheme = ""
    if href.startswith("#") or scheme not in ("http", "https", "mailto") or any(mark in target for mark in " ()<>\n"):
        link.name = "span"
        return
    link.name = "a"
    link["href"] = target


class _Converter(MarkdownConverter):
    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """An item with its number or a dash. The library's own counts each item's siblings anew: minutes for a list of 50,000."""
        marker = f"{el['number']}. " if el.has_attr("number") else "- "
        body = indent(text.strip(), " " * len(marker)).lstrip()
        return f"{marker}{body}\n" if body else ""


def _converter() -> MarkdownConverter:
    return _Converter(
        heading_style=ATX,
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
        table_infer_header=True,
        code_language_callback=_code_language,
    )


def _code_language(pre: Tag) -> str | None:
    classes = " ".join(
        str(element.get("class") or "") for element in (pre, pre.find("samp")) if isinstance(element, Tag)
    )
    found = _LANGUAGE_CLASS.search(classes)
    return found[1] if found else None
