"""The criteria of a rule: which servers, and which applications.

A field that the API does not return is an empty text, which only `*` matches. An application that may be inactive
counts as active: a backup too many is better than one too few.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated, Final, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from fleet.inventory.matching.patterns import matches
from fleet.inventory.request import Flag, Identifier
from fleet.serveravatar.models import Application, Server

Text = Annotated[str, Field(min_length=1)]
_IDENTIFIERS: Final = TypeAdapter(Annotated[tuple[Identifier, ...], Field(min_length=1)])


def texts(value: object) -> object:
    """Accept one text or several.

    Raises:
        PydanticCustomError: it is neither.
    """
    several = [value] if isinstance(value, str) else value
    if not isinstance(several, list | tuple) or not several or not all(isinstance(one, str) and one for one in several):
        raise PydanticCustomError("texts", "must be a text, or a list of texts")
    return tuple(several)


def _identifiers(value: object) -> object:
    """Accept one id or several."""
    try:
        return _IDENTIFIERS.validate_python(value if isinstance(value, list | tuple) else [value])
    except ValidationError:
        raise PydanticCustomError("identifiers", "must be an id (a whole number above 0), or a list of ids") from None


def _one_or_several(model: type[BaseModel]) -> Callable[[object], object]:
    """Accept one mapping or several; a mistake in a single one keeps its place in the file."""
    return lambda value: (model.model_validate(value),) if isinstance(value, Mapping) else value


Globs = Annotated[tuple[str, ...], BeforeValidator(texts, json_schema_input_type=Text | list[Text])]
Identifiers = Annotated[tuple[int, ...], BeforeValidator(_identifiers, json_schema_input_type=int | list[int])]


class _Criteria(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if not any(value not in (None, ()) for value in self.__dict__.values()):
            raise PydanticCustomError("says_nothing", "must not be empty; leave it out to match everything")
        return self


class ServerTraits(_Criteria):
    """What identifies a server; every given criterion must hold."""

    tags: Globs | None = Field(None, description="Tags in the panel; the server must have all of them.")
    name: Globs | None = Field(None, description="Its name in the panel, or a list of names; * and ? are wildcards.")
    id: Identifiers | None = Field(None, description="Its id, or a list of ids.")

    def hold(self, server: Server) -> bool:
        """Whether every given criterion holds for a server."""
        return (
            (self.id is None or server.id in self.id)
            and _is_one_of(server.name, self.name)
            and all(any(_is_one_of(tag, (wanted,)) for tag in server.tags) for wanted in self.tags or ())
        )


class ServerCriteria(ServerTraits):
    """Which servers a rule applies to."""

    not_: Annotated[
        tuple[ServerTraits, ...],
        BeforeValidator(_one_or_several(ServerTraits), json_schema_input_type=ServerTraits | list[ServerTraits]),
    ] = Field(
        (), alias="not", description="What to exclude: one set of criteria, or a list of them; matching one is enough."
    )

    def match(self, server: Server) -> bool:
        """Whether a rule applies to a server."""
        return self.hold(server) and not any(each.hold(server) for each in self.not_)


class ApplicationTraits(_Criteria):
    """What identifies an application; every given criterion must hold."""

    framework: Globs | None = Field(None, description="Its framework, or a list: wordpress, laravel, ...")
    active: Flag | None = Field(None, description="Whether it is active; unknown counts as active.")
    name: Globs | None = Field(None, description="Its name, or a list of names; * and ? are wildcards.")
    domain: Globs | None = Field(None, description="Its primary domain, or a list of domains; * and ? are wildcards.")
    id: Identifiers | None = Field(None, description="Its id, or a list of ids.")

    def hold(self, application: Application) -> bool:
        """Whether every given criterion holds for an application."""
        return (
            (self.id is None or application.id in self.id)
            and (self.active is None or self.active == (application.active is not False))
            and _is_one_of(application.framework, self.framework)
            and _is_one_of(application.name, self.name)
            and _is_one_of(application.primary_domain, self.domain)
        )


class ApplicationCriteria(ApplicationTraits):
    """Which applications a rule applies to."""

    not_: Annotated[
        tuple[ApplicationTraits, ...],
        BeforeValidator(
            _one_or_several(ApplicationTraits), json_schema_input_type=ApplicationTraits | list[ApplicationTraits]
        ),
    ] = Field(
        (), alias="not", description="What to exclude: one set of criteria, or a list of them; matching one is enough."
    )

    def match(self, application: Application) -> bool:
        """Whether a rule applies to an application."""
        return self.hold(application) and not any(each.hold(application) for each in self.not_)

    @property
    def named(self) -> frozenset[str]:
        """The fields of an application's row that are needed to decide."""
        each = (self, *self.not_)
        fields = {"framework": "framework", "active": "active", "name": "name", "domain": "primary_domain"}
        return frozenset(row for said, row in fields.items() if any(getattr(it, said) is not None for it in each))


def alternatives_without(
    criteria: ServerTraits | ApplicationTraits, found: Collection[Server | Application]
) -> Iterator[str]:
    """Find the entries of lists that match nothing: a misspelt one among several is easily overlooked.

    Args:
        criteria: every list of alternatives in them is checked; `tags` are none, since all must hold.
        found: everything the rule applies to.

    Returns:
        Each entry with its key, for people: `name 'web-*'`.
    """
    for said, field in (("framework", "framework"), ("name", "name"), ("domain", "primary_domain")):
        globs: tuple[str, ...] = getattr(criteria, said, None) or ()
        for glob in globs if len(globs) > 1 else ():
            if not any(_is_one_of(getattr(row, field), (glob,)) for row in found):
                yield f"{said} {glob!r}"
    ids = criteria.id or ()
    known = {row.id for row in found}
    yield from (f"id {number}" for number in ids if len(ids) > 1 and number not in known)


def _is_one_of(text: str | None, globs: tuple[str, ...] | None) -> bool:
    """Whether a text matches one of the globs; without globs everything does."""
    return globs is None or any(matches(glob, text or "") for glob in globs)
