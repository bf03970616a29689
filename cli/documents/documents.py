"""The table of all documents: what each is called, and where its model is."""

from typing import Final

FLEET_FILE: Final = "fleet-file"
FLEETS_FILE: Final = "fleets-file"
FILES: Final = (FLEET_FILE, FLEETS_FILE)
"""What people write, and commands read."""

DOCUMENTS: Final = {
    FLEET_FILE: "fleet.inventory.fleet_file_fields:FleetFile",
    FLEETS_FILE: "fleet.fleets.fields:FleetsFile",
    "run": "fleet.report.report:Report",
    "run-fleets": "fleet.report.several.fleets_report:FleetsReport",
    "audit": "fleet.audit.report:AuditReport",
    "plan": "fleet.plan.preview:Preview",
    "check": "fleet.report.check_report:CheckReport",
    "doctor": "fleet.doctor.report:DoctorReport",
    "history": "fleet.ledger.history_report:History",
    "forget": "fleet.ledger.forgotten:Forgotten",
    "deploy": "deployments.registration.report:DeployReport",
    "schedules": "fleet.schedules.upcoming:Upcoming",
    "automations": "deployments.automations_report:AutomationsReport",
}
"""The files that are read, and by the command what it prints with `--json`; each with the place of its model, which is
imported when needed."""

REPORTS: Final = tuple(name for name in DOCUMENTS if name not in FILES)
