"""From HTML to Markdown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.errors import InvalidInput, TooLarge
from vigil.knowledge.webpage import MOST_CHARACTERS, read_webpage, to_markdown

PAGE = """<!DOCTYPE html><html lang="en"><head><title>Restore a backup | Larkspur Docs</title>
<style>h1 { color: red }</style><script>track("visitor");</script></head>
<body><header><a href="/">Larkspur</a> <nav>Products Pricing Sign in</nav></header>
<div class="breadcrumbs">Docs / Databases</div>
<main><h1 id="top">Restore a backup <a class="headerlink" href="#top">¶</a></h1>
<div class="toc"><ul><li><a href="#steps">Steps</a></ul></div>
<p>A restore makes a <b>new</b> database; see <a href="../plans#sizes">plans</a> and <a href="#steps">below</a>.
<section id="steps"><h2>Steps</h2>
<ol start="3"><li>Stop the <em>application</em>.<li>Run:<pre><code class="language-sh">lark db restore \\
    --at 09:00</code></pre></ol></section>
<table><thead><tr><th>plan<th>kept</thead><tr><td>small<td>7<br>days</table>
<img src="x.png" alt="The console's restore page"><p hidden>secret</p>
<details><summary>Can I undo it?</summary><p>No.</p></details>
<button>Was this helpful?</button></main>
<aside>Related articles</aside><footer>© Larkspur, Imprint, Cookies</footer></body></html>"""


def test_what_was_written_to_be_read_is_kept_and_the_furniture_is_left_out() -> None:
    page = read_webpage(PAGE, name="x", base="https://docs.example.com/db/restore")
    assert page.title == "Restore a backup | Larkspur Docs"
    assert page.markdown == (
        "# Restore a backup {#top}\n\n"
        "A restore makes a **new** database; see [plans](https://docs.example.com/plans#sizes) and below.\n\n"
        "## Steps {#steps}\n\n"
        "3. Stop the application.\n"
        "4. Run:\n\n"
        "   ```sh\n"
        "   lark db restore \\\n"
        "       --at 09:00\n"
        "   ```\n\n"
        "| plan | kept |\n| --- | --- |\n| small | 7 days |\n\n"
        "The console's restore page\n\n"
        "###### Can I undo it?\n\n"
        "No."
    )


def test_links_without_a_base_become_words_and_dangerous_ones_always() -> None:
    html = '<main><a href="/a">one</a> <a href="javascript:alert(1)">two</a> <a href="https://x.example/a">three</a> <a>four</a></main>'
    assert read_webpage(html, name="x").markdown == "one two [three](https://x.example/a) four"


def test_without_main_a_single_article_is_taken_else_all_but_headers_and_asides() -> None:
    assert read_webpage("<p>menu<article><p>words</article>", name="x").markdown == "words"
    assert read_webpage("<header>menu</header><p>words<aside>ads</aside>", name="x").markdown == "words"
    cards = "<article><header><h2>One</h2></header>a</article><article>b</article>"
    assert read_webpage(f"<header>menu</header>{cards}", name="x").markdown == "## One\n\na\n\nb"


def test_a_page_that_a_script_would_draw_has_no_words() -> None:
    assert (
        read_webpage(
            "<body><div id=app></div><script>draw()</script><noscript>Turn it on</noscript>", name="x"
        ).markdown
        == ""
    )


def test_paragraphs_and_items_that_nobody_closed_are_not_nested() -> None:
    assert read_webpage("<p>a<p>b<ul><li>c<li>d</ul>" * 300, name="x").markdown.startswith("a\n\nb\n\n- c\n- d\n\na")


def test_places_that_old_pages_name_and_never_close_are_no_nest() -> None:
    assert read_webpage("<a name=x>words<p>" * 1000, name="x").markdown.count("words") == 1000


@pytest.mark.parametrize(
    "opening", ["<div>", "<b>", "<ul><li>", "<blockquote>", "<table><tr><td>", "<x-y>", "<svg>", "<p><i id={}>x"]
)
def test_a_nest_of_elements_is_refused_and_not_climbed_into(opening: str) -> None:
    with pytest.raises(TooLarge, match="too deeply"):
        read_webpage("".join(opening.replace("{}", str(number)) for number in range(20_000)), name="x")


@pytest.mark.parametrize(
    "part", ["<a ", "<a href='", "<!--", "<![", "</", "&#", "<?", "<a <b", '<p title="', "]]>", "<!doctype ", "<td>x"]
)
def test_broken_pieces_end_in_words_or_a_refusal(part: str) -> None:
    try:
        read_webpage(part * 5_000, name="x")
    except TooLarge:
        return


def test_a_page_beyond_all_measure_is_refused() -> None:
    with pytest.raises(TooLarge, match="longer than"):
        read_webpage("x" * (MOST_CHARACTERS + 1), name="x")
    with pytest.raises(TooLarge, match="elements"):
        read_webpage("<br>" * 200_000, name="x")


def test_a_fragment_within_another_text_is_read_or_left_out() -> None:
    assert to_markdown("<p>one <b>two</b>") == "one **two**"
    assert to_markdown("<!-- a note -->") == ""
    assert to_markdown("<div>" * 1000) == ""


@settings(deadline=None)
@given(st.text(alphabet="<>/!-='\"abpdiv hrefxlut1&;#[]\n", max_size=200))
def test_any_markup_ends_in_text(html: str) -> None:
    try:
        read_webpage(html, name="x").markdown.encode()
    except InvalidInput:
        return
