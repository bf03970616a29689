"""Resolves the rules of `select`: from what the API shows to targets. Pure, and independent of the order of rows.

The order of targets is that of the rules, then of the servers' ids, then of the applications' ids. Entries in
`servers` take precedence over rules, and earlier rules over later ones (docs/decisions/0015-rules-of-selection.md).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from fleet.inventory.inventory import Selector
from fleet.inventory.target import Target
from fleet.observed.observed import Listed
from fleet.serveravatar.models import Application, Database, Server

_NAMED: Final = "named"
_Subject = tuple[int, int, int, int | None, str, bool]


@dataclass(frozen=True, slots=True)
class Host:
    """A server that a rule applies to.

    Attributes:
        rule: the rule.
        server: the server.
        name: in the fleet file, if it is listed there too.
    """

    rule: Selector
    server: Server
    name: str | None = None


@dataclass(slots=True)
class Found:
    """What one rule found.

    Attributes:
        place: of the rule in the fleet file.
        servers: ids of those with matching applications.
        applications: how many match.
        named: how many of these are listed in `servers`.
        earlier: how many an earlier rule has taken.
        without_database: how many have no matching database, if the rule looks for one.
        ambiguous: how many have several matching databases where one is wanted.
        matched: these applications.
        no_databases: whether the rule backs up applications and looks for no database.
    """

    place: str
    servers: set[int] = field(default_factory=set)
    applications: int = 0
    named: int = 0
    earlier: int = 0
    without_database: int = 0
    ambiguous: int = 0
    matched: list[Application] = field(default_factory=list)
    no_databases: bool = False

    @property
    def words(self) -> str:
        """For people: `select[0]: 38 applications on 12 servers, 2 of them taken by an earlier rule`."""
        parts = [
            (self.earlier, "taken by an earlier rule"),
            (self.named, "listed in `servers`"),
            (self.without_database, "without a matching database"),
            (self.ambiguous, "with several matching databases"),
        ]
        of_them = [f"{count} {what}" for count, what in parts if count]
        if of_them:
            of_them[0] = of_them[0].replace(" ", " of them ", 1)
        if self.no_databases:
            of_them.append("without their databases (the rule has no `databases`)")
        found = f"{counted(self.applications, 'application')} on {counted(len(self.servers), 'server')}"
        return f"{self.place}: {', '.join([found, *of_them])}"


def hosts_of(
    rules: Iterable[Selector], listed: Mapping[int, Listed], names: Mapping[tuple[int, int], str]
) -> list[Host]:
    """Find the servers that each rule applies to, in the order of rules and of ids.

    Args:
        rules: in the order of the fleet file.
        listed: the servers of each organization.
        names: of servers in the fleet file, by organization and id.
    """
    return [
        Host(rule, server, names.get((rule.organization, server.id)))
        for rule in rules
        for _, server in sorted(listed[rule.organization].servers.items())
        if rule.servers is None or rule.servers.match(server)
    ]


def targets_of(
    hosts: Sequence[Host], listed: Mapping[int, Listed], named: Iterable[Target]
) -> tuple[list[tuple[Target, ...]], dict[str, Found]]:
    """Find the targets of each rule.

    Args:
        hosts: the servers that the rules apply to, in the order of rules and of ids.
        listed: all applications and databases of these servers.
        named: the targets listed in the fleet file.

    Returns:
        The targets of each host, and what each rule found, by its place.
    """
    taken = dict.fromkeys(map(_subject, named), _NAMED)
    found: dict[str, Found] = {}
    targets = []
    for host in hosts:
        rule = host.rule
        has_none = rule.databases is None and rule.request.type == "application"
        of_rule = found.setdefault(rule.place, Found(rule.place, no_databases=has_none))
        targets.append(tuple(_targets_on(host, listed[rule.organization], taken, of_rule)))
    return targets, found


def _targets_on(host: Host, listed: Listed, taken: dict[_Subject, str], found: Found) -> Iterator[Target]:
    rule, server = host.rule, host.server.id
    applications = listed.applications.get(server, {})
    databases: Mapping[int, list[Database]] = {}
    if rule.databases:
        databases = rule.databases.databases_of(applications.values(), listed.databases.get(server, {}).values())
    for _, application in sorted(applications.items()):
        if rule.applications is not None and not rule.applications.match(application):
            continue
        found.servers.add(server)
        found.applications += 1
        found.matched.append(application)
        matching = databases.get(application.id, ())
        candidates = list(_candidates(host, application, matching))
        free = [target for target in candidates if _subject(target) not in taken]
        if candidates and not free:
            is_named = taken[_subject(candidates[0])] == _NAMED
            found.named, found.earlier = found.named + is_named, found.earlier + (not is_named)
            continue
        found.without_database += rule.databases is not None and not matching
        found.ambiguous += any(target.problem for target in free)
        taken.update((_subject(target), rule.place) for target in free)
        yield from (_unless_too_late(target, rule) for target in free)


def _candidates(host: Host, application: Application, databases: Sequence[Database]) -> Iterator[Target]:
    """One target, or one per database if the type is database."""
    rule = host.rule
    place = f"{rule.place} server {host.server.id} application {application.id}"
    if rule.request.type == "database":
        for database in databases:
            yield _target(host, f"{place} database {database.id}", application, database.id)
    elif len(databases) > 1:
        names = ", ".join(f"{database.name} ({database.id})" for database in databases)
        problem = f"{len(databases)} databases match `databases` of {rule.place}: {names}; list the backup in `servers`"
        yield _target(host, place, application, None, problem)
    else:
        yield _target(host, place, application, databases[0].id if databases else None)


def _target(host: Host, place: str, application: Application, database: int | None, problem: str = "") -> Target:
    rule = host.rule
    request = rule.request.model_copy(update={"application_id": application.id, "database_id": database})
    timing = rule.window, rule.start_in_window
    return Target(place, rule.organization, host.server.id, host.name, request, rule.expectation, *timing, problem)


def _unless_too_late(target: Target, rule: Selector) -> Target:
    """If the start of a rule's plans has passed, plans already sent stay as they are; no other can be created."""
    if rule.sent_plans is None or target.problem or target.key("") in rule.sent_plans:
        return target
    return replace(target, problem=f"start_backup {target.request.start_backup} has passed; give a new one")


def _subject(target: Target) -> _Subject:
    """What is backed up only once: plans and instant backups are different subjects, and so are files and databases."""
    wanted = target.request
    database = wanted.database_id if wanted.type == "database" else None
    subject = wanted.application_id, database, wanted.type, wanted.automatic_backup
    return target.organization, target.server_id, *subject


def counted(count: int, what: str) -> str:
    """A number of things, in words."""
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
