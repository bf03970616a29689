"""The criteria of a rule: which servers, and which applications.

What the API does not tell of a row is an empty text, which only `*` matches; an application of which it does not tell
whether it is active counts as active: it is rather backed up than forgotten.
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
    """Accept one mapping or several; a mistake in a single one stands where the file has it."""
    return lambda value: (model.model_validate(value),) if isinstance(value, Mapping) else value


Globs = Annotated[tuple[str, ...], BeforeValidator(texts, json_schema_input_type=Text | list[Text])]
Identifiers = Annotated[tuple[int, ...], BeforeValidator(_identifiers, json_schema_input_type=int | list[int])]


class _Criteria(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(value not in (None, ()) for value in self.__dict__.values()):
            raise PydanticCustomError("says_nothing", "must say something; leave it out where everything is meant")
        return self


class ServerTraits(_Criteria):
    """What a server is recognised by; all that is said must hold."""

    tags: Globs | None = Field(None, description="Tags in the panel, every one of which the server must have.")
    name: Globs | None = Field(None, description="Its name in the panel, or one of several; * and ? stand for letters.")
    id: Identifiers | None = Field(None, description="Its id, or one of several.")

    def hold(self, server: Server) -> bool:
        """Whether all that is said holds of a server."""
        return (
            (self.id is None or server.id in self.id)
            and _is_one_of(server.name, self.name)
            and all(any(_is_one_of(tag, (wanted,)) for tag in server.tags) for wanted in self.tags or ())
        )


class ServerCriteria(ServerTraits):
    """Which servers a rule is about."""

    not_: Annotated[
        tuple[ServerTraits, ...],
        BeforeValidator(_one_or_several(ServerTraits), json_schema_input_type=ServerTraits | list[ServerTraits]),
    ] = Field((), alias="not", description="What is left out: one set of criteria, or a list of which one is enough.")

    def match(self, server: Server) -> bool:
        """Whether a rule is about a server."""
        return self.hold(server) and not any(each.hold(server) for each in self.not_)


class ApplicationTraits(_Criteria):
    """What an application is recognised by; all that is said must hold."""

    framework: Globs | None = Field(None, description="Its framework, or one of several: wordpress, laravel, ...")
    active: Flag | None = Field(None, description="Whether it is active; one of which that is not known is.")
    name: Globs | None = Field(None, description="Its name, or one of several; * and ? stand for letters.")
    domain: Globs | None = Field(None, description="Its primary domain, or one of several; * and ? stand for letters.")
    id: Identifiers | None = Field(None, description="Its id, or one of several.")

    def hold(self, application: Application) -> bool:
        """Whether all that is said holds of an application."""
        return (
            (self.id is None or application.id in self.id)
            and (self.active is None or self.active == (application.active is not False))
            and _is_one_of(application.framework, self.framework)
            and _is_one_of(application.name, self.name)
            and _is_one_of(application.primary_domain, self.domain)
        )


class ApplicationCriteria(ApplicationTraits):
    """Which applications a rule is about."""

    not_: Annotated[
        tuple[ApplicationTraits, ...],
        BeforeValidator(
            _one_or_several(ApplicationTraits), json_schema_input_type=ApplicationTraits | list[ApplicationTraits]
        ),
    ] = Field((), alias="not", description="What is left out: one set of criteria, or a list of which one is enough.")

    def match(self, application: Application) -> bool:
        """Whether a rule is about an application."""
        return self.hold(application) and not any(each.hold(application) for each in self.not_)

    @property
    def named(self) -> frozenset[str]:
        """The fields of an application's row that must be known to decide."""
        each = (self, *self.not_)
        fields = {"framework": "framework", "active": "active", "name": "name", "domain": "primary_domain"}
        return frozenset(row for said, row in fields.items() if any(getattr(it, said) is not None for it in each))


def alternatives_without(
    criteria: ServerTraits | ApplicationTraits, found: Collection[Server | Application]
) -> Iterator[str]:
    """Find the entries of lists that nothing was found by: one of several is easily misspelt, and nobody misses it.

    Args:
        criteria: of which every list is looked at whose entries are alternatives; all `tags` must hold anyway.
        found: all that the rule is about.

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
