"""Which database belongs to an application: the API does not show it, so a rule says how databases are named."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import translate
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from fleet.inventory.matching.criteria import Text, texts
from fleet.inventory.matching.patterns import folded, literal
from fleet.serveravatar.models import Application, Database

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_PLACEHOLDERS: Final = ("application", "domain")
_SEPARATOR: Final = "[-_. ]"
"""What a separator in a name may become in the name of a database."""


def _patterns(value: object) -> object:
    """Accept patterns that name the application, with known placeholders only."""
    patterns = texts(value)
    for pattern in patterns if isinstance(patterns, tuple) else ():
        found = _PLACEHOLDER.findall(pattern)
        if unknown := [name for name in found if name not in _PLACEHOLDERS]:
            known = " or ".join(f"{{{name}}}" for name in _PLACEHOLDERS)
            problem = "unknown placeholder {unknown}; use {known}"
            raise PydanticCustomError("placeholder", problem, {"unknown": f"{{{unknown[0]}}}", "known": known})
        if not found:
            problem = "must contain {application} or {domain}, otherwise every database would match every application"
            raise PydanticCustomError("no_placeholder", problem)
    return patterns


class DatabaseCriteria(BaseModel):
    """Which database belongs to an application: one on its server whose name matches."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: Annotated[tuple[str, ...], BeforeValidator(_patterns, json_schema_input_type=Text | list[Text])] = Field(
        description="The database's name, or a list of names, such as {application}_*; {application} and {domain} are "
        "those of the application."
    )

    def databases_of(
        self, applications: Iterable[Application], databases: Iterable[Database]
    ) -> dict[int, list[Database]]:
        """Decide which databases of a server belong to which of its applications.

        The longest name wins: `shop_de_main` belongs to `shop_de`, not to `shop`, although `shop_*` matches it.

        Args:
            applications: all on the server, including those that no rule applies to.
            databases: all on the server.

        Returns:
            Databases by application id, in the order of their ids; applications without any are left out.
        """
        patterns = [(row, *filled) for row in applications for filled in self._filled(row)]
        found: dict[int, list[Database]] = {}
        for database in sorted(databases, key=lambda row: row.id):
            name = folded(database.name or "")
            claims = [(said, row.id) for row, pattern, said in patterns if pattern.match(name)]
            most = max((said for said, _ in claims), default=0)
            for owner in {owner for said, owner in claims if said == most}:
                found.setdefault(owner, []).append(database)
        return found

    def _filled(self, application: Application) -> list[tuple[re.Pattern[str], int]]:
        """Each pattern for one application, and how many of its letters come from the application."""
        known = {"application": application.name or "", "domain": application.primary_domain or ""}
        values = {name: folded(value) for name, value in known.items()}
        named = [(glob, [values[name] for name in _PLACEHOLDER.findall(glob)]) for glob in self.match]
        return [(_compiled(glob, values), sum(map(len, said))) for glob, said in named if all(said)]


def _compiled(glob: str, values: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern with its values; compiled, since 300 applications and 300 databases are 90,000 comparisons."""
    return re.compile(translate(_PLACEHOLDER.sub(lambda found: _name(values[found[1]]), literal(folded(glob)))))


def _name(text: str) -> str:
    """A name inside a pattern: its letters literally, its separators as any separator of a database's name."""
    letters = (f"[{letter}]" if letter in "*?[" else letter for letter in text)
    return "".join(_SEPARATOR if letter in "-_. " else letter for letter in letters)
