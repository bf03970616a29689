"""The filter of the log: whatever is logged, each record is text on one line."""

import io
import logging
from collections.abc import Iterator

import pytest

from tasks.telling.clean_log import CleanLines, clean_log

HOSTILE = [
    "\x1b[31mred",
    "\x1b]8;;http://x\x07link",
    "\x1b]52;c;eA==\x07",
    "\x9b31m",
    "\u202eevil",
    "a\nERROR forged",
    "a\r\tb",
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a logger of Prefect's writes."""
    logger, stream = logging.getLogger("prefect.tests"), io.StringIO()
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    clean_log()
    clean_log()
    yield stream
    logger.removeHandler(handler)
    assert [type(each) for each in handler.filters] == [CleanLines], "once, however often it is called"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_message_and_its_arguments_are_text_on_one_line(text: str, written: io.StringIO) -> None:
    logging.getLogger("prefect.tests").info("found %s", text)
    logging.getLogger("prefect.tests").info("found " + text)  # noqa: G003 - as careless code does
    first, second = written.getvalue().removesuffix("\n").split("\n")
    assert first == second
    assert first.isprintable()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_traceback_keeps_its_lines_and_has_no_control_characters(text: str, written: io.StringIO) -> None:
    try:
        int(text)
    except ValueError:
        logging.getLogger("prefect.tests").exception("failed")
    lines = written.getvalue().split("\n")
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[2].startswith("  File ")
    assert all(line.isprintable() for line in lines)


def test_an_exception_that_there_is_not_adds_no_line(written: io.StringIO) -> None:
    logging.getLogger("prefect.tests").error("failed", exc_info=(None, None, None))
    assert written.getvalue() == "failed\n"


def test_a_message_that_does_not_fit_is_the_handlers_to_report() -> None:
    record = logging.LogRecord("prefect", logging.INFO, __file__, 1, "%d", ("no number",), None)
    assert CleanLines().filter(record)
    assert (record.msg, record.args) == ("%d", ("no number",))
