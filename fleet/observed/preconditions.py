"""The preconditions of a create; one that is not met is a problem with a reason a person can act on.

A new one is one more `_..._problem` in `target_problem`; room on the disk is in `disk_space`. Pure: decided from the
target and what was observed; the unknown is never a problem.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fleet.inventory.target import Target
from fleet.observed.disk_space import DiskRules, disk_problem
from fleet.observed.observed import Observed, ObservedOrganization

_SHOWN: Final = 3
"""Problems named in a check's state; the report has them all."""


def problem_of(target: Target, observed: Observed, rules: DiskRules, now: datetime) -> str | None:
    """Decide whether a target can be backed up.

    Returns:
        The precondition not met, in one line; None if all are met.
    """
    return target_problem(target, observed) or disk_problem(target, observed, rules, now)


def target_problem(target: Target, observed: Observed) -> str | None:
    """Decide whether a target can be backed up, apart from its server's disk; None if so, otherwise why not."""
    organization = observed.organizations[target.organization]
    if organization.refusal:
        return f"organization {target.organization}: {organization.refusal}"
    if target.place in observed.trusted:
        return _request_problem(target) or _server_problem(target, organization)
    return (
        _request_problem(target)
        or _server_problem(target, organization)
        or _application_problem(target, organization)
        or _database_problem(target, organization)
        or _provider_problem(target, organization)
    )


def _request_problem(target: Target) -> str | None:
    if target.problem:
        return target.problem
    if target.request.type == "database" and target.request.database_id is None:
        return "a backup of type database needs a database_id"
    return None


def missing(target: Target, observed: Observed) -> str | None:
    """Say that the target's server or application does not exist; None if it does, or if that is unknown."""
    organization = observed.organizations[target.organization]
    if organization.refusal:
        return None
    return _server_missing(target, organization) or _application_problem(target, organization)


def _server_missing(target: Target, organization: ObservedOrganization) -> str | None:
    if target.server_id in organization.servers:
        return None
    return f"server {target.server_id} is not in organization {target.organization}"


def _server_problem(target: Target, organization: ObservedOrganization) -> str | None:
    if not_there := _server_missing(target, organization):
        return not_there
    if organization.servers[target.server_id].agent_status is False:
        return "server not connected: its agent does not respond"
    return None


def _application_problem(target: Target, organization: ObservedOrganization) -> str | None:
    known = organization.applications.get(target.server_id)
    if known is None or target.request.application_id in known:
        return None
    return f"application {target.request.application_id} is not on server {target.server_id}"


def _database_problem(target: Target, organization: ObservedOrganization) -> str | None:
    wanted = target.request.database_id
    if wanted is None or organization.databases is None:
        return None
    found = organization.databases.get(wanted)
    if found is None or found.server_id not in (None, target.server_id):
        return f"database {wanted} is not on server {target.server_id}"
    return None


def _provider_problem(target: Target, organization: ObservedOrganization) -> str | None:
    wanted = target.request
    if organization.providers is None:
        return None
    found = organization.providers.get(wanted.cloud_storage_provider_id)
    if found is None:
        return f"storage provider {wanted.cloud_storage_provider_id} is not in organization {target.organization}"
    if found.provider and found.provider.casefold() != wanted.provider:
        return f"storage provider {found.id} is {found.provider}, but the fleet file says {wanted.provider}"
    return None


def check_words(targets: Sequence[Target], problems: Sequence[str | None], observed: Observed) -> str:
    """Summarize a check: how many targets can be backed up, and the preconditions that others do not meet.

    Args:
        targets: those that were checked.
        problems: for each, the precondition not met; None if all are met.
        observed: for the names of servers.
    """
    found = Counter(
        f"{observed.server_name(target)}: {problem}"
        for target, problem in zip(targets, problems, strict=True)
        if problem
    )
    ready = f"{len(targets) - found.total()} of {len(targets)} can be backed up"
    shown = [f"{words} ({count} targets)" if count > 1 else words for words, count in found.most_common(_SHOWN)]
    more = [f"and {len(found) - _SHOWN} more problems"] if len(found) > _SHOWN else []
    return "; ".join([ready, *shown, *more])
