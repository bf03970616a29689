"""What is assumed of the lists of servers, applications, databases, storage providers and presets."""

from typing import Final

from fleet.doctor.assumptions.assumption import Assumption
from fleet.doctor.checks import list_checks

OTHER_LISTS: Final = (
    Assumption(
        name="servers",
        documented="each server shows whether it is connected (`agent_status`)",
        source="vendor: list of servers",
        look=list_checks.servers,
        follows="a server that does not show it counts as connected; the API refuses what it cannot do",
    ),
    Assumption(
        name="disks",
        documented="a server's `latest_monitor_log` shows how full its disk is; it may be missing",
        source="vendor: list of servers",
        look=list_checks.disks,
        follows="",
        open="disk usage is requested server by server: one more request each",
    ),
    Assumption(
        name="servers of applications",
        documented="the organization's list names the server of each application, or of none: the example is cut short",
        source="vendor: list of applications",
        look=list_checks.applications,
        follows="applications are read server by server: one or more requests each",
    ),
    Assumption(
        name="servers of databases",
        documented="the organization's list names the server of each database",
        source="vendor: list of databases",
        look=list_checks.databases,
        follows="databases are read server by server: one or more requests each",
    ),
    Assumption(
        name="storage providers",
        documented="each is one of the six kinds that a request can name",
        source="seed: provider",
        look=list_checks.providers,
        follows="a provider of another kind cannot be used in a fleet file",
    ),
    Assumption(
        name="presets",
        documented="twelve schedules and six retention periods",
        source="seed: schedule, retention_period; vendor: presets",
        look=list_checks.presets,
        follows="the API refuses a schedule that it does not offer; one that only the API knows cannot be used",
    ),
)
