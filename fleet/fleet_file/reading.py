"""The fleet file as YAML: read safely into plain values, whatever its origin.

Reading and parsing are in one place, so that the command line and the Prefect task refuse the same files with the same
messages.
"""

import re
from pathlib import Path
from typing import Any, Final

from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from fleet.fleet_file.home import HomeError, at_home
from fleet.fleet_file.mistakes import FleetFileError, Mistake
from fleet.fleet_file.regular_file import IrregularFileError, read_regular
from fleet.fleet_file.safe_yaml import TooDeepError, plain_values
from fleet.serveravatar.text import one_line

LARGEST_FILE: Final = 16 * 1024 * 1024
"""Bytes. Ten thousand servers with five backups each take a quarter of that."""
LONGEST_PROBLEM: Final = 200
"""Characters of the YAML library's message that are shown."""
_KEYS: Final = ("organization", "servers", "select")
"""Every fleet file has one of these keys."""
_LISTS_FLEETS: Final = "fleets"
"""The key of a file that lists fleets (`fleet.fleets`)."""
_NAMES_ONE: Final = re.compile(rb"(?:^|[{,])\s*[\"']?(?:organization|servers|select|fleets)[\"']?\s*:", re.MULTILINE)
_LONGEST_NAME: Final = 200
NOT_ONE: Final = "is not a fleet file: it has none of the keys 'organization', 'servers' and 'select'"


def read(path: Path) -> dict[str, Any]:
    """Read a fleet file.

    Raises:
        FleetFileError: it cannot be read, is too large, or is not safe YAML. Of a file that is not a fleet file, the
            error quotes nothing: the path may be a mistake, or chosen in the UI to see what it leads to.
    """
    values = read_values(path)
    if _LISTS_FLEETS in values:
        raise _refusal(source_of(path), "lists fleets; one fleet file is needed here: the `file` of one of them")
    if not any(key in values for key in _KEYS):
        raise _refusal(source_of(path), NOT_ONE)
    return values


def lists_fleets(path: Path) -> bool:
    """Whether a file lists fleets; of one that cannot be read, whoever reads it as a fleet file reports why."""
    try:
        return _LISTS_FLEETS in read_values(path)
    except FleetFileError:
        return False


def read_values(path: Path) -> dict[str, Any]:
    """Read the plain values of a fleet file, or of a file that lists fleets.

    Raises:
        FleetFileError: as `read` does; the keys of the file are not checked.
    """
    source = source_of(path)
    if not path.name.strip():  # Of an empty text, too: as a path, it is the working folder.
        raise _refusal(source, "no file is named; give its path")
    try:
        content = read_regular(at_home(path), LARGEST_FILE)
    except IrregularFileError as error:
        raise _refusal(source, str(error)) from None
    except OSError as error:
        raise _refusal(source, f"cannot be read: {error.strerror}") from None
    except HomeError as error:
        raise _refusal(source, f"cannot be read: {error}") from None
    return parse(content, source, may_quote=_NAMES_ONE.search(content) is not None)


def source_of(path: Path) -> str:
    """What a fleet file is called in errors; its name may be a parameter that somebody else gave."""
    return one_line(path.name)[:_LONGEST_NAME] or "the fleet file"


def parse(content: bytes, source: str, *, may_quote: bool = True) -> dict[str, Any]:
    """Turn YAML into plain values: mappings, lists, text, numbers, flags.

    Args:
        content: the bytes of the file.
        source: its name, for people.
        may_quote: whether the error may quote the content.

    Raises:
        FleetFileError: not UTF-8, too large, too deep, empty, not a mapping, a duplicate key, or a tag.
    """
    if len(content) > LARGEST_FILE:
        raise _refusal(source, f"is larger than {LARGEST_FILE // 1024**2} MB: this is not a fleet file")
    try:
        values = plain_values(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _refusal(source, f"is not UTF-8 text (byte {error.start})") from None
    except TooDeepError as error:
        raise _refusal(source, f"line {error.problem_mark.line + 1}: {error.problem}") from None
    except MarkedYAMLError as error:
        raise _refusal(source, _explain(error, content) if may_quote else NOT_ONE) from None
    except (YAMLError, ValueError) as error:
        problem = f"is not YAML: {one_line(str(error))[:LONGEST_PROBLEM]}" if may_quote else NOT_ONE
        raise _refusal(source, problem) from None
    if values is None:
        raise _refusal(source, "is empty")
    if not isinstance(values, dict):
        raise _refusal(source, "must be a mapping with the key 'servers' or 'select'")
    return values


def _refusal(source: str, problem: str) -> FleetFileError:
    return FleetFileError(source, [Mistake((), problem)])


def _explain(error: MarkedYAMLError, content: bytes) -> str:
    problem = one_line(str(error.problem))[:LONGEST_PROBLEM]
    if isinstance(error, ConstructorError):
        problem = f"{problem} (plain YAML only: no tags)"
    elif problem.startswith("but "):
        problem = f"{error.context}, {problem}"
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return problem
    line = content.splitlines()[mark.line : mark.line + 1]
    if line and line[0][mark.column : mark.column + 1] == b"\t":
        problem = "a tab cannot indent YAML; use spaces"
    return f"line {mark.line + 1}, column {mark.column + 1}: {problem}"
