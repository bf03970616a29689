"""An audit, from an inventory to its findings: the same for the command line and for Prefect.

What cannot be read is reported as unread, never as an application without a backup.
"""

from datetime import datetime, timedelta

from fleet.audit.backups.ages import Clock
from fleet.audit.finding import Audit
from fleet.audit.memory import Dialects, Memory, NoDialects
from fleet.audit.organization import OrganizationAudit
from fleet.inventory.inventory import Inventory
from fleet.observed.access import closed_everywhere
from fleet.observed.whole_lists import forbidden_of
from fleet.report.progress import Listener
from fleet.report.selection import Selection
from fleet.selection.living import Resolved, resolve_rules
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.listing import Send
from fleet.serveravatar.recording import Recording
from fleet.serveravatar.wire import Call


async def audit(  # noqa: PLR0913 - what is known of the world beside the fleet file
    send: Send,
    inventory: Inventory,
    memory: Memory,
    now: datetime,
    listener: Listener,
    *,
    allow_empty: bool = False,
    dialects: Dialects = NoDialects(),  # noqa: B008 - it keeps nothing
) -> Audit:
    """Resolve the rules of an inventory, and audit each of its organizations.

    What both the rules and the audit read is read once, so both see the same sites.

    Args:
        send: sends a request and returns the JSON of its response.
        inventory: what is audited; of a part (`--limit`), only what these servers have.
        memory: of earlier audits.
        now: the time.
        listener: hears of the progress.
        allow_empty: whether rules may match nothing.
        dialects: what is known of the API.

    Raises:
        SelectionError: a rule matches nothing, a pattern of `--limit` names no server, or nothing is left.
    """
    recording = Recording(send)
    try:
        resolved = await _resolved(recording, inventory, now, listener, allow_empty=allow_empty)
    except ApiUnusableError as error:
        return Audit(unread=[error.reason], selection=Selection(scope="unknown"))
    listener.phase("audit", len(resolved.inventory.targets))
    found = Audit(unread=resolved.selection.unread_words, selection=resolved.selection)
    organizations, closed = _organizations(inventory, resolved.inventory), forbidden_of(resolved.listed)
    for organization in [number for number in organizations if number not in closed]:
        learner = await dialects.recall(organization)
        clock = Clock(now, learner.dialect.offset or timedelta())
        one = OrganizationAudit(recording.replay, resolved, organization, memory, clock, learner)
        try:
            await one.run(found, listener, only_their_servers=bool(inventory.narrowing.limit))
            found.api_changes += await dialects.remember(organization, learner)
        except ApiError as error:
            found.unread.append(f"organization {organization} could not be read: {error}")
            if error.meaning is Meaning.FORBIDDEN and error.call == Call.LIST_SERVERS:
                closed[organization] = error.message
        except ApiUnusableError as error:
            found.unread.append(error.reason)
            break
    if problem := closed_everywhere(closed, organizations):
        found.unread = [problem]
    return found


async def _resolved(
    recording: Recording, inventory: Inventory, now: datetime, listener: Listener, *, allow_empty: bool
) -> Resolved:
    if inventory.rules:
        listener.phase("select", len(inventory.rules))
    resolved = await resolve_rules(recording.record, inventory, now, allow_empty=allow_empty)
    for _ in inventory.rules:
        listener.advance()
    for line in resolved.selection.lines:
        listener.notice(line)
    return resolved


def _organizations(inventory: Inventory, resolved: Inventory) -> list[int]:
    """Those of all targets; without `--limit` also those of rules that match nothing, since nothing wants theirs."""
    rules = [] if inventory.narrowing.limit else inventory.rules
    of_it = [target.organization for target in resolved.targets] + [rule.organization for rule in rules]
    return list(dict.fromkeys(of_it))
