"""One automatic plan as the ledger has it, and what the API shows beside it."""

from dataclasses import replace
from typing import Any

from fleet.inventory.target import Target
from fleet.ledger.entry import Entry
from fleet.ledger.entry_rows import Subject
from fleet.ledger.reading import RecordedPlan
from fleet.observed.observed import Observed, ObservedOrganization
from fleet.report.outcome import Outcome
from fleet.serveravatar.models import Application, Server
from tests.unit.fleet.builders import plan, target

DAILY = target(plan())
APPLICATION = Application(id=4246, name="shop", server_id=15)
SERVERS = {15: Server(id=15, name="web-0001"), 16: Server(id=16, name="web-0002")}
OBSERVED = Observed({5: ObservedOrganization(servers=SERVERS, applications={15: {4246: APPLICATION}, 16: {}})})


def recorded(of: Target = DAILY, fleets: tuple[str, ...] = ("fleet.yaml",), **changes: Any) -> RecordedPlan:
    fresh = Entry(of.key(""), "monday", True, 1, outcome=Outcome.CREATED, request=of.request.body())
    about = Subject(of.organization, of.server_id, "web-0001", of.request.application_id, "shop")
    return RecordedPlan(replace(fresh, **changes), about, frozenset(fleets))
