"""A fleet file of everything in an account; its comments point out what the API does not show. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, get_args

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from fleet.fleet_file.commented_yaml import comment, exact, flow_list, remark, written
from fleet.inventory.matching.database_criteria import DatabaseCriteria
from fleet.inventory.request import Provider
from fleet.observed.account_contents import DiscoveryError, OrganizationContents
from fleet.selection.rules import counted
from fleet.serveravatar.models import Application, Database, Server, StorageProvider
from fleet.serveravatar.text import one_line

BY_NAME: Final = ("{application}", "{application}_*", "*_{application}", "*_{application}_*")
"""Which database is proposed for an application: one whose name contains the application's as a word."""
_RETENTION: Final = "1 Month"
_DEFAULTS: Final = {
    "automatic_backup": False,
    "type": "application",
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}
_HEAD: Final = """\
A fleet file of everything that was found; `fleet-backup check` shows whether all of it can be backed up.
Every backup is an instant one, created at each run. For automatic plans, set automatic_backup: true and a schedule.
The API does not show which database belongs to an application: each database_id is a guess based on names."""
_AS_RULES: Final = """\
The same as rules, which also find sites created later: use this instead of `servers`.
An application with several matching databases is refused until you name one or narrow the pattern."""


def fleet_file_of(organizations: Sequence[OrganizationContents]) -> str:
    """Write the fleet file.

    Args:
        organizations: of the account, or the one asked for.

    Returns:
        YAML with comments.

    Raises:
        DiscoveryError: there is nothing to back up, or nowhere to store it.
    """
    usable = [each for each in organizations if _usable(each.providers)]
    notes = [line for each in organizations for line in (_summary(each), *_left_out(each))]
    if not any(rows for each in usable for rows in each.listed.applications.values()):
        raise DiscoveryError("; ".join([*map(_summary, organizations), "so there is nothing to back up"]))
    several = len(usable) > 1
    servers = CommentedSeq()
    for each in usable:
        _add_servers(servers, each, several=several)
    file = CommentedMap()
    if several:
        file["defaults"] = CommentedMap(_DEFAULTS)
        file["groups"] = CommentedMap({_group(each): _storage(each.providers) for each in usable})
    else:
        file["organization"] = usable[0].id
        file.yaml_add_eol_comment(remark(usable[0].name) or "name unknown", "organization", 0)
        file["defaults"] = _storage(usable[0].providers)
        file["defaults"].update(_DEFAULTS)
    file["servers"] = servers
    rules = [_rule(each, several=several) for each in usable]
    text = written(file), comment(_AS_RULES), comment(written(CommentedMap({"select": rules})))
    return "\n".join([comment("\n".join([_HEAD, *notes])), *text])


def _usable(providers: Mapping[int, StorageProvider]) -> list[StorageProvider]:
    """The storage providers of a kind that the create call accepts, by id."""
    return [row for _, row in sorted(providers.items()) if (row.provider or "").casefold() in get_args(Provider)]


def _summary(contents: OrganizationContents) -> str:
    listed = contents.listed
    if contents.closed:
        name = remark(contents.name)
        return f"Left out: organization {contents.id} ({name}): could not be read: {remark(contents.closed)}"
    applications, databases = (sum(map(len, rows.values())) for rows in (listed.applications, listed.databases))
    counts = (len(listed.servers), "server"), (applications, "application"), (databases, "database")
    text = f"Organization {contents.id} ({remark(contents.name)}): {', '.join(counted(*each) for each in counts)}"
    return text if _usable(contents.providers) else f"{text}, but no storage provider: nothing can be backed up"


def _storage(providers: Mapping[int, StorageProvider]) -> CommentedMap:
    """The fields of the storage provider: the only one, or the first, with a comment that lists the others."""
    chosen, *others = _usable(providers)
    kind = str(chosen.provider).casefold()
    fields = CommentedMap({"provider": kind, "cloud_storage_provider_id": chosen.id})
    if kind == "serveravatar":
        fields["retention_period"] = _RETENTION
        fields.yaml_add_eol_comment("set how long to keep backups there", "retention_period", 0)
    named = [f"{row.id} {remark(row.name)} ({remark(row.provider)})" for row in others]
    known = "; also available: ".join([remark(chosen.name), *([", ".join(named)] if named else [])])
    if known:
        fields.yaml_add_eol_comment(known, "cloud_storage_provider_id", 0)
    return fields


def _left_out(contents: OrganizationContents) -> Iterator[str]:
    """The servers without an entry, each with its reason."""
    listed = contents.listed
    for number, server in sorted(listed.servers.items()):
        if not listed.applications.get(number):
            name = f" {remark(server.name)}".rstrip()
            yield f"Left out: server {number}{name}: {remark(listed.unread.get(number, 'no applications'))}"


def _add_servers(servers: CommentedSeq, contents: OrganizationContents, *, several: bool) -> None:
    """Add the servers with applications."""
    listed = contents.listed
    for number, applications in sorted(listed.applications.items()):
        if not applications:
            continue
        databases = listed.databases.get(number, {})
        entry, unclaimed = _server(listed.servers[number], applications, databases)
        if several:
            entry.insert(1, "organization", contents.id)
            entry.insert(2, "groups", flow_list([_group(contents)]))
        servers.append(entry)
        if unclaimed:
            note = f"databases on the next server without an application's name: {unclaimed}"
            servers.yaml_set_comment_before_after_key(len(servers) - 1, before=note, indent=2)


def _server(
    server: Server, applications: Mapping[int, Application], databases: Mapping[int, Database]
) -> tuple[CommentedMap, str]:
    """One server with its backups, and its databases without an application's name."""
    by_application = DatabaseCriteria(match=BY_NAME).databases_of(applications.values(), databases.values())
    backups = CommentedSeq()
    for number, application in sorted(applications.items()):
        proposed = by_application.get(number, [])
        fields = CommentedMap({"application_id": number})
        if len(proposed) == 1:
            fields["database_id"] = proposed[0].id
        fields.fa.set_flow_style()
        backups.append(fields)
        backups.yaml_add_eol_comment(_about(application, proposed), len(backups) - 1, 0)
    entry = CommentedMap({"id": server.id})
    entry.yaml_add_eol_comment(_connection(server), "id", 0)
    if name := one_line(server.name or ""):
        entry["name"] = exact(name)
    if tags := [exact(tag) for tag in dict.fromkeys(map(one_line, server.tags)) if tag]:
        entry["tags"] = flow_list(tags)
    entry["backups"] = backups
    claimed = {database.id for rows in by_application.values() for database in rows}
    return entry, _names(row for number, row in sorted(databases.items()) if number not in claimed)


def _about(application: Application, proposed: Sequence[Database]) -> str:
    if len(proposed) == 1:
        database = f"database {remark(proposed[0].name)}, guessed by name"
    elif proposed:
        database = f"which database: {_names(proposed)}?"
    else:
        database = "no database with its name"
    state = "inactive" if application.active is False else ""
    parts = [remark(application.name), remark(application.primary_domain), state, database]
    return " · ".join(part for part in parts if part)


def _connection(server: Server) -> str:
    if server.agent_status is None:
        return "connection unknown"
    return "connected" if server.agent_status else "not connected: no backups until it is"


def _rule(contents: OrganizationContents, *, several: bool) -> CommentedMap:
    rule = CommentedMap()
    if several:
        rule["organization"] = contents.id
        rule["groups"] = flow_list([_group(contents)])
    rule["databases"] = {"match": flow_list(BY_NAME)}
    return rule


def _group(contents: OrganizationContents) -> str:
    return f"organization-{contents.id}"


def _names(databases: Iterable[Database]) -> str:
    return ", ".join(f"{remark(row.name)} ({row.id})" for row in databases)
