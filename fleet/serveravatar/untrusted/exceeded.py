"""A response that costs more than any honest one."""


class ExceededError(ValueError):
    """A bound was exceeded; the text continues "the response ..."."""
