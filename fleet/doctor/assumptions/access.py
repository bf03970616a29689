"""What is assumed of how the API responds at all: reading calls, token, rate limit, clock."""

from typing import Final

from fleet.doctor.assumptions.assumption import Assumption, in_dialect
from fleet.doctor.checks import dialect_checks, list_checks

ACCESS: Final = (
    Assumption(
        name="reading",
        documented="every reading call returns status 200 and what was requested",
        source="vendor: reading calls",
        look=list_checks.readable,
        follows="what could not be read is not checked; what depends on it is unknown below",
    ),
    Assumption(
        name="token",
        documented="the Authorization header holds the bare token; `Bearer` is reported to work, too",
        source="vendor: authentication",
        look=list_checks.scheme,
        follows="set SERVERAVATAR_AUTH_SCHEME to the other value; until then the API refuses runs",
    ),
    Assumption(
        name="limit",
        documented="60 to 210 requests a minute, depending on the account's plan; X-RateLimit headers show the limit",
        source="vendor: limits; framework: headers",
        look=list_checks.limit,
        follows="set SERVERAVATAR_REQUESTS_PER_MINUTE to the API's limit; meanwhile runs follow its headers",
        open="runs keep to the configured limit",
    ),
    Assumption(
        name="clock",
        documented="nothing; assumed: the API's clock is right within two minutes",
        source="not documented",
        look=in_dialect(dialect_checks.clock),
        recall=dialect_checks.clock,
        follows="check this machine's clock first; backup times are compared with the difference removed",
    ),
)
