"""Names and messages of others are text in every artifact, whatever is in them."""

import re
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from fleet.report.markdown_text import LONGEST, LONGEST_SENTENCE, code, is_domain, linked, plain, sentence

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</td></tr></table>", "<!-- x", "&lt;b&gt; &#60;",
    "**bold** _x_ ~~y~~", "`code`", "``` fence", "[click](https://evil.example.com)", "![x](https://evil.example.com)",
    "[x]: https://evil.example.com", "a | b", "a \\| b", "a \\\\| b", "\\", "# heading", "- item", "+ item", "* item",
    "1. item", "1) item", "12. item", "> quote", "===", "---", "<https://evil.example.com>", "| --- |", "[^1]",
    "~~~", "\\<b>", "a\\", "$x$", ":--", "= x", "javascript:alert(1)",
]  # fmt: skip
CONTROLS = [
    "\x1b[31m",
    "\x1b]8;;https://evil.example.com\x07",
    "\x1b]52;c;x\x07",
    "\x9b31m",
    "a\r\nb",
    "\u202eb",
    "\u2028",
]
PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def text_of(markdown: str) -> str:
    """What is read on the page; only plain text may be on it."""
    words = []
    for token in PARSER.parse(markdown):
        for child in token.children or ():
            assert child.type == "text", (markdown, child)
            words.append(child.content)
    return " ".join(words)


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    ("around", "prefix"),
    [
        (lambda text: text, ""),
        (lambda text: f"- {text}", ""),
        (lambda text: f"# {text}", ""),
        (lambda text: f"| a |\n| --- |\n| {text} |", "a "),
    ],
    ids=["line", "item", "heading", "cell"],
)
def test_a_text_is_read_as_it_is(text: str, around: Callable[[str], str], prefix: str) -> None:
    assert text_of(around(plain(text))) == prefix + text


@pytest.mark.parametrize("text", CONTROLS)
def test_nothing_is_left_that_a_page_or_a_terminal_would_act_on(text: str) -> None:
    assert plain(text).isprintable()
    assert code(text).isprintable()


def test_a_long_name_is_cut_and_says_so() -> None:
    assert plain("x" * 5000) == "x" * (LONGEST - 1) + "…"
    assert sentence("x" * 5000) == "x" * (LONGEST_SENTENCE - 1) + "…"
    assert not is_domain("x" * 5000)


@pytest.mark.parametrize("text", [*HOSTILE, "a`b", "``"])
def test_code_stays_code(text: str) -> None:
    (paragraph,) = (token for token in PARSER.parse(code(text)) if token.children)
    assert [child.type for child in paragraph.children or ()] == ["code_inline"]
    assert not re.search(r"\|", code(text))


def test_a_link_leads_where_its_domain_says() -> None:
    assert linked("a](https://evil.example.com)", "x.org") == "[a\\](https://evil.example.com)](https://x.org)"
    assert linked("shop", "x.org) [y](https://evil.example.com") == "shop"
