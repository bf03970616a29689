"""Credentials as a Prefect block: an account that a run chooses by name.

The block lives here, below the flows that load it and above `fleet`, which does not import Prefect. Which URL and which
token are valid is decided in `fleet.serveravatar.account`, for blocks and for the environment alike.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any, ClassVar, Final, Literal, Self, cast

from prefect import get_run_logger
from prefect.blocks.core import Block
from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    PrivateAttr,
    SecretStr,
    ValidationError,
    field_validator,
)

from fleet.report.progress import Narrator, listener, listening
from fleet.serveravatar.account import Account, checked_token, checked_url
from fleet.settings.settings import Settings, SettingsError, mistakes

_LONGEST: Final = 100
"""Characters of a name."""
_SHORT: Final = 32
_NAME: Final = re.compile(rf"[a-z0-9-]{{1,{_LONGEST}}}")


class ServerAvatarCredentials(Block):
    """A ServerAvatar account: where its API is and who calls it."""

    model_config = ConfigDict(hide_input_in_errors=True)
    _block_type_name: ClassVar[str] = "ServerAvatar Credentials"
    _block_type_slug: ClassVar[str] = "serveravatar-credentials"
    _description: ClassVar[str] = "A ServerAvatar account for fleet-backup; a run names it in `credentials`."
    _code_example: ClassVar[str] = """
        A run chooses it in its form, or by name:

        ```sh
        fleet-backup deploy fleet.yaml --credentials BLOCK_NAME
        ```
        """
    _documentation_url: ClassVar[HttpUrl] = HttpUrl("https://serveravatar.com/docs")

    token: Annotated[SecretStr, Field(title="API token", description="From your ServerAvatar account's settings.")]
    url: Annotated[str, Field(title="API URL", description="Plain http only to this machine.")] = (
        "https://api.serveravatar.com"
    )
    scheme: Annotated[
        Literal["token", "bearer"],
        Field(title="How the token is sent", description="`token` sends it bare, `bearer` as `Bearer <token>`."),
    ] = "token"
    requests_per_minute: Annotated[
        int, Field(ge=1, title="Requests per minute", description="The account's rate limit, until the API reports it.")
    ] = 60

    _problems: tuple[str, ...] = PrivateAttr(())

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with a block that Prefect has loaded, a line for each mistake."""
        return self._problems

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:  # noqa: ANN401 - as pydantic has it
        """Load a stored block, also one with mistakes: Prefect would say of it only that it cannot be loaded."""
        try:
            return super().model_validate(obj, **options)
        except ValidationError as error:
            wrong: Any = cls.model_construct(token=SecretStr(""))
            return cast("Self", wrong.with_problems(mistakes(error)))

    def with_problems(self, problems: Iterable[str]) -> Self:
        """Note what is wrong with it."""
        self._problems = tuple(problems)
        return self

    @field_validator("url")
    @classmethod
    def _safe_url(cls, value: str) -> str:
        return checked_url(value)

    @field_validator("token")
    @classmethod
    def _usable_token(cls, value: SecretStr) -> SecretStr:
        if not (token := checked_token(value.get_secret_value())):
            raise ValueError("is empty")
        return SecretStr(token)


def _unquoted(value: object) -> object:
    """What was typed in place of a block, as one without a name: Prefect would log what is not valid."""
    is_usual = isinstance(value, str | ServerAvatarCredentials)
    return value if is_usual else ServerAvatarCredentials.model_construct(token=SecretStr(""))


Credentials = Annotated[
    ServerAvatarCredentials | Annotated[str, Field(title="Name of a block")], BeforeValidator(_unquoted)
]
"""How a run names its account: Prefect's form offers the blocks, and a field for the name; empty for the environment.
A token that is typed instead of a block is refused: parameters are stored and shown in clear text."""
_given: Final[ContextVar[Account | None]] = ContextVar("account", default=None)


@contextmanager
def calling_as(account: Account | None) -> Iterator[None]:
    """Let the runs of this context use an account that is in no block and not the environment's; None: as usual."""
    before = _given.set(account)
    try:
        yield
    finally:
        _given.reset(before)


async def account_of(credentials: Credentials, settings: Settings) -> Account:
    """The account that a run calls the API as; a warning about its token is in the log of the run.

    Args:
        credentials: a block, or its name; empty for the account of the environment.
        settings: of the environment; the rate limit's window and this program's share of it apply to a block, too.

    Raises:
        SettingsError: the block does not exist or is invalid, or the environment has no usable token.
    """
    if not credentials:
        with listening(Narrator(listener.get(), get_run_logger().warning)):
            return _given.get() or settings.account()
    name, block = await _chosen(credentials)
    return Account(
        url=block.url,
        token=block.token.get_secret_value(),
        scheme=block.scheme,
        requests_per_minute=block.requests_per_minute,
        window=settings.serveravatar_window_seconds,
        share=settings.serveravatar_budget_share,
        source=f"the block {name}",
    )


async def _chosen(credentials: Credentials) -> tuple[str, ServerAvatarCredentials]:
    """A block that can be used, with its name."""
    block = await _load(credentials) if isinstance(credentials, str) else credentials
    name = block._block_document_name  # noqa: SLF001 - there is no public one
    if not name:
        raise SettingsError(
            "credentials: choose a ServerAvatar Credentials block, and replace the token that was typed there: "
            "parameters are stored and shown in clear text"
        )
    if block.problems:
        raise SettingsError(f"{_block(name)} cannot be used: {'; '.join(block.problems)}")
    return name, block


async def _load(name: str) -> ServerAvatarCredentials:
    if not _NAME.fullmatch(name):  # Prefect would put it into an address as it is; and it may be a token.
        raise SettingsError(
            "credentials: this is no name of a block, which has lower-case letters, digits and dashes, "
            f"at most {_LONGEST}; if it is a token, replace it: parameters are stored and shown in clear text"
        )
    try:
        return await ServerAvatarCredentials.aload(name)
    except ValueError:  # Prefect's word for a block that is not there.
        problem = "does not exist; create it in the Prefect UI (Blocks), or leave `credentials` empty"
        # What is as long may be a token.
        raise SettingsError(f"{_block(name) if len(name) < _SHORT else _block()} {problem}") from None


def _block(name: str = "") -> str:
    return f"credentials: block {repr(name) if name else 'of this name'} of the type ServerAvatar Credentials"
