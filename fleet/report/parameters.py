"""The words of Prefect's form for what the command line calls options: nobody who reads there can type `--limit`."""

import re
from typing import Final

_OPTION: Final = re.compile(
    r"(?<![\w-])--(allow-empty|approve-above|failed-from|limit|max-failures|resend-plans|run-key|update-plans|verify-timeout)(?![\w-])"
)


def as_parameters(text: str) -> str:
    """Name the options in a text as the parameters of a run."""
    return _OPTION.sub(lambda found: found[1].replace("-", "_"), text)
