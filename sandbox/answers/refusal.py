"""An answer that refuses."""

from collections.abc import Mapping


class Refusal(Exception):  # noqa: N818 - a refusal is an answer of the API, not an error of the sandbox
    """The API refuses: a status, its message and, for a 422, the mistakes by field."""

    def __init__(self, status: int, message: str, errors: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors

    @classmethod
    def unprocessable(cls, errors: Mapping[str, list[str]]) -> "Refusal":
        """A 422 with Laravel's message: the first error, and the number of others."""
        mistakes = [mistake for of_field in errors.values() for mistake in of_field]
        more = len(mistakes) - 1
        tail = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
        return cls(422, mistakes[0] + tail, errors)

    def body(self) -> dict[str, object]:
        """The JSON of this answer."""
        if self.errors is None:
            return {"message": self.message}
        return {"message": self.message, "errors": dict(self.errors)}
