"""The shells that click completes for."""

from typing import Final

SHELLS: Final = ("bash", "zsh", "fish")
