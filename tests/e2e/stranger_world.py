"""What the stranger knows: its fleet, its backups and plans, and the truth about every create."""

import hashlib
import itertools
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

from tests.e2e.stranger_lists import Row, backup_row, database_rows, named, server_row
from tests.e2e.stranger_rules import FORMS, refused_value, wrong_fields

Answer = tuple[int, Row]

PLANNED = "Backup plan created successfully."
UPDATED = "Backup plan updated successfully."
STARTED = "Backup Process has been started successfully!"
FULL = "Instant Backup is failed because you do not have enough disk space available on your server."
DISCONNECTED = "Your server is not connected."
PASSING = "Something went really wrong!"
SETTINGS: Row = {
    "seed": 1,
    "organizations": [5],
    "servers": [],  # {id, name, organization, tags, applications, state}, see `fleets.py`
    "providers": [],
    "older": 0,  # backups in the list from before
    "older_plans": [],  # applications with a plan from before; its backups are older still
    "refusing_providers": [],  # storage providers that the list shows and a create does not find
    "order": "newest",  # or "oldest", "shuffled"
    "complete_after_seconds": 0.5,
    "appear_after_seconds": 0.0,
    "pending_status": "In Progress",
    "completed_status": "Completed",
    "names": "configuration",  # where the list shows a name: or "null", "cut", "top", "absent"
    "first_backups": True,  # whether a plan that starts now makes one
    "ends": {},  # application id -> "failed", "empty" or "never"
    "faults": {},  # kind -> share of the creates: cut_after, or 500_before, 503_after and so on
    "faults_in_a_row": 2,  # of one target
    "rate_limit": None,  # {"limit", "window_seconds", "headers": "none" | "retry-after" | "all"}
    "answer_seconds": 0.0,  # how slowly a reading call answers
    "create_seconds": 0.0,  # how slowly a create answers
    "other_tokens": [],  # of other accounts, which see the same servers
    "revoke_after_creates": None,  # the token is refused from then on
    "clock_offset_seconds": 0.0,
}


class World:
    """The fleet and what was made of it; a server is ok, full, full_unlogged, full_unseen or dead."""

    def __init__(self, config: Row) -> None:
        self.config: Row = {**SETTINGS, **config}
        self.servers: dict[int, Row] = {server["id"]: server for server in self.config["servers"]}
        self.backups: list[Row] = []
        self.plans: list[Row] = []
        self.faults: list[str] = []
        self.updates: list[Row] = []
        self.violations: list[Row] = []
        self.unknown_fields: Counter[str] = Counter()
        self.attempts: Counter[str] = Counter()
        self.faults_in_a_row: Counter[str] = Counter()
        self.backup_ids = itertools.count(9001)
        self.plan_ids = itertools.count(701)
        self._add_older_backups()

    def change(self, config: Row, states: dict[str, str], applications: dict[str, list[Row]]) -> None:
        """Go on with other settings, and servers in other states or with other applications (by id)."""
        self.config |= config
        for server_id, rows in applications.items():
            self.servers[int(server_id)]["applications"] = rows
        for server_id, state in states.items():
            self.servers[int(server_id)]["state"] = state

    def run_plans(self) -> None:
        """Let every plan make a backup now, as if its time had come."""
        self.backups += [{**plan, "id": next(self.backup_ids), "created": self.now()} for plan in self.plans]

    def now(self) -> datetime:
        """The API's own clock, which need not be ours."""
        return datetime.now(UTC) + timedelta(seconds=self.config["clock_offset_seconds"])

    def fleet_of(self, organization: int) -> list[Row]:
        """The servers of an organization, as they were configured."""
        return [row for row in self.servers.values() if row.get("organization", 5) == organization]

    def server_rows(self, organization: int) -> list[Row]:
        """The servers of an organization, as their list shows them."""
        return [server_row(turn, server) for turn, server in enumerate(self.fleet_of(organization))]

    def backup_rows(self, organization: int) -> list[Row]:
        """The backups that the list shows by now, in the order of this stranger."""
        appeared = self.now() - timedelta(seconds=self.config["appear_after_seconds"])
        shown = [r for r in self.backups if r["organization"] == organization and r["created"] <= appeared]
        if self.config["order"] == "newest":
            shown.reverse()
        elif self.config["order"] == "shuffled":
            shown.sort(key=lambda row: hashlib.sha256(f"{self.config['seed']}/{row['id']}".encode()).digest())
        return [named(self._shown(row), self.config["names"]) for row in shown]

    def _shown(self, row: Row) -> Row:
        end = self.config["ends"].get(str(row["body"]["application_id"]))
        over = self.now() >= row["created"] + timedelta(seconds=self.config["complete_after_seconds"])
        if not over or end == "never":
            return backup_row(row, self.config["pending_status"], full=False)
        status = "Failed" if end == "failed" else self.config["completed_status"]
        return backup_row(row, status, full=end is None)

    def create(self, organization: int, server_id: int, body: Row) -> tuple[Answer, bool]:
        """Answer a create as the seed says; the second value asks to cut the connection instead."""
        self.unknown_fields.update(body.keys() - FORMS.keys())
        key = target_key(organization, server_id, body)
        fault = self._fault(key)
        status, _, moment = (fault or "").partition("_")
        failed = int(status) if status.isdigit() else 0
        failure: Answer = failed, {"message": PASSING if failed == 500 else "Service Unavailable"}
        if moment == "before":
            return failure, False
        answer = self._refusal(server_id, body) or self._accept(organization, server_id, body)
        if failed and answer[0] == 200:
            answer = failure
        return answer, fault == "cut_after"

    def _fault(self, key: str) -> str | None:
        draw = random.Random(f"{self.config['seed']}/{key}/{self.attempts[key]}").random()  # noqa: S311 - repeatable
        self.attempts[key] += 1
        if self.faults_in_a_row[key] < self.config["faults_in_a_row"]:
            for kind, share in self.config["faults"].items():
                draw -= share
                if draw < 0:
                    self.faults_in_a_row[key] += 1
                    self.faults.append(kind)
                    return str(kind)
        self.faults_in_a_row[key] = 0
        return None

    def _refusal(self, server_id: int, body: Row) -> Answer | None:
        if wrong := wrong_fields(body):
            self.violations.append({"body": body, "errors": wrong})
            return 422, {"message": "The given data was invalid.", "errors": wrong}
        if missing := self._missing(self.servers[server_id], body):
            return 404, {"message": missing}
        state = self.servers[server_id].get("state", "ok")
        message = refused_value(body, self.now())
        if state == "dead":
            message = DISCONNECTED
        elif message is None and not body["automatic_backup"] and state.startswith("full"):
            message = FULL
        return None if message is None else (500, {"message": message})

    def _missing(self, server: Row, body: Row) -> str | None:
        if body["application_id"] not in {row["id"] for row in server["applications"]}:
            return "Application not found!"
        refusing = self.config["refusing_providers"]
        stores = {(row["id"], row["provider"]) for row in self.config["providers"] if row["id"] not in refusing}
        if (body["cloud_storage_provider_id"], body["provider"]) not in stores:
            return "Cloud storage Provider not found!"
        if body.get("database_id") not in {None, *(row["id"] for row in database_rows(server))}:
            return "Database not found!"
        return None

    def _accept(self, organization: int, server_id: int, body: Row) -> Answer:
        plan = bool(body["automatic_backup"])
        row = self._row(organization, server_id, body, self.now())
        if plan:
            self.plans.append(dict(row))
        if not plan or (self.config["first_backups"] and body.get("start_backup_from_now")):
            self.backups.append(row)
        return 200, {"message": PLANNED if plan else STARTED}

    def update(self, server_id: int, plan_id: int, body: Row) -> Answer:
        """Answer the update of a plan; the fields of a create that were sent take the place of the old ones."""
        plan = next((row for row in self.plans if row["backup_config_id"] == plan_id), None)
        if plan is None or plan["server_id"] != server_id:
            return 404, {"message": "Backup schedule not found."}
        wanted = {**plan["body"], **body}
        if refusal := self._refusal(server_id, wanted):
            return refusal
        plan["body"] = wanted
        self.updates.append({"plan": plan_id, "body": body})
        return 200, {"message": UPDATED}

    def _row(self, organization: int, server_id: int, body: Row, created: datetime) -> Row:
        applications = {row["id"]: row["name"] for row in self.servers[server_id]["applications"]}
        return {
            "id": next(self.backup_ids),
            "backup_config_id": next(self.plan_ids),
            "organization": organization,
            "server_id": server_id,
            "body": body,
            "created": created,
            "name": body.get("name"),
            "application_name": applications[body["application_id"]],
            "old": False,
            "target": target_key(organization, server_id, body),
        }

    def _add_older_backups(self) -> None:
        """Backups by hand and, older than those though of the newest plans, the backups of older plans."""
        places = [(server, row) for server in self.servers.values() for row in server["applications"]]
        planned = [place for place in places if place[1]["id"] in self.config["older_plans"]]
        count = self.config["older"]
        named: list[tuple[str | None, tuple[Row, Row]]] = [(None, place) for place in planned]
        named += [("before the update" if turn % 2 else None, places[turn % len(places)]) for turn in range(count)]
        for turn, (name, (server, application)) in enumerate(named):
            store = self.config["providers"][-1]
            body: Row = {
                "name": name,
                "provider": store["provider"],
                "cloud_storage_provider_id": store["id"],
                "automatic_backup": False,
                "type": "application",
                "application_id": application["id"],
                "database_id": (application.get("database") or {}).get("id"),
                "application_extension": ".tar",
                "database_extension": ".sql",
            }
            created = self.now() - timedelta(hours=12 * (len(named) - turn))
            row = self._row(server.get("organization", 5), server["id"], body, created)
            self.backups.append({**row, "old": True})
        for row in self.backups[: len(planned)]:
            row["backup_config_id"] = next(self.plan_ids)
            self.plans.append(dict(row))

    def truth(self) -> Row:
        """What was really made, by target; older backups are not counted."""
        made, plans = ([row for row in rows if not row["old"]] for rows in (self.backups, self.plans))
        shown = ("id", "backup_config_id", "target", "name", "body")
        return {
            "backups": [{field: row[field] for field in shown} for row in made],
            "plans": [{field: row[field] for field in shown} for row in plans],
            "updates": self.updates,
            "backups_by_target": Counter(row["target"] for row in made),
            "plans_by_target": Counter(row["target"] for row in plans),
            "creates_by_target": self.attempts,
            "faults": self.faults,
            "violations": self.violations,
            "unknown_fields": self.unknown_fields,
        }


def target_key(organization: int, server_id: int, body: Row) -> str:
    """The target of a create: `organization/server/type/application/database/provider/instant|plan`."""
    kind = "plan" if body.get("automatic_backup") else "instant"
    fields = ("type", "application_id", "database_id", "cloud_storage_provider_id")
    return "/".join(str(part) for part in (organization, server_id, *(body.get(name) for name in fields), kind))
