"""Whether the user's Prefect server can be used, before anything is asked of it."""

from http import HTTPStatus

from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError


class PrefectServerError(RuntimeError):
    """The user's Prefect server cannot be used. One line: why, and what to do."""


async def check_server() -> None:
    """Find out whether the Prefect server answers, and takes us.

    Its health is told to everybody, so its version is asked for, too: for that it wants its password.

    Raises:
        PrefectServerError: it does not.
    """
    async with get_client() as client:
        server = f"the Prefect server at {client.api_url}"
        problem = await client.api_healthcheck()
        if problem is not None:
            raise PrefectServerError(f"{server} does not answer ({type(problem).__name__}); is it up?")
        try:
            await client.api_version()
        except PrefectHTTPStatusError as error:
            if error.response.status_code not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
                raise
            wanted = "PREFECT_API_AUTH_STRING must be what its PREFECT_SERVER_API_AUTH_STRING is"
            raise PrefectServerError(f"{server} refuses us: {wanted}") from None
