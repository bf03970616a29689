"""The table of all documents: what each is called, and where its model is."""

from typing import Final

FLEET_FILE: Final = "fleet-file"

DOCUMENTS: Final = {
    FLEET_FILE: "fleet.inventory.fleet_file_fields:FleetFile",
    "run": "fleet.report.report:Report",
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
"""The fleet file, and by the command what it prints with `--json`; where the model is, to be imported when needed."""

REPORTS: Final = tuple(name for name in DOCUMENTS if name != FLEET_FILE)
