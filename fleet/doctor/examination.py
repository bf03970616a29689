"""Compares answers with assumptions: from findings to one verdict. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from fleet.dialect.changes import changes
from fleet.dialect.combining import combined
from fleet.doctor.answers import Answers
from fleet.doctor.assumptions.assumption import Assumption
from fleet.doctor.assumptions.table import ASSUMPTIONS
from fleet.doctor.checks.seen import Seen, Status
from fleet.doctor.redaction import public_word
from fleet.doctor.report import DoctorReport, Finding, Looked, ReportedProof
from fleet.report.outcome import GOOD, Exit, Outcome
from fleet.report.report import Requests

VENDOR: Final = "https://api.serveravatar.com"
_NO_WORDS: Final[Mapping[str, Any]] = {"statuses": {}}


def examine(answers: Answers, requests: Mapping[str, int]) -> DoctorReport:
    """Compare what was answered with what is assumed.

    Args:
        answers: including what was known before.
        requests: how many were sent, by call.
    """
    findings = [finding_of(assumption, answers) for assumption in ASSUMPTIONS]
    totals = Counter(finding.status for finding in findings)
    return DoctorReport(
        at=answers.at,
        api=VENDOR if answers.account.url == VENDOR else "another address",
        requests=Requests(total=sum(requests.values()), by_call=dict(requests)),
        organizations=Looked(looked_at=len(answers.backups), left_out=answers.left_out),
        totals={str(status): totals[status] for status in Status if totals[status]},
        verdict=_verdict(findings, answers),
        exit_code=_exit_code(findings, answers),
        findings=findings,
        changes=changed(answers),
        proof=ReportedProof.of(answers.proven) if answers.proven else None,
    )


def finding_of(assumption: Assumption, answers: Answers) -> Finding:
    """What was found of one assumption; what nothing shows now is as earlier runs have seen it."""
    seen = assumption.look(answers)
    earlier = assumption.recall(answers.earlier) if assumption.recall else None
    if earlier and earlier.status is Status.UNKNOWN:
        earlier = None
    status = earlier.status if earlier and seen.status is Status.UNKNOWN else seen.status
    return Finding(
        name=assumption.name,
        status=status,
        documented=assumption.documented,
        source=assumption.source,
        seen=seen.words,
        earlier=_recalled(earlier, seen),
        follows={Status.DIFFERS: assumption.follows, Status.UNKNOWN: assumption.open}.get(status, ""),
    )


def _recalled(earlier: Seen | None, seen: Seen) -> str:
    if earlier is None:
        return ""
    return "the same" if earlier == seen else earlier.words


def changed(answers: Answers) -> list[str]:
    """What differs from what earlier runs have seen in any organization, without naming it."""
    lines = []
    for organization, known in answers.known.items():
        now = combined(known, answers.alone(organization))
        # A status word may hold private data: it is reported below, redacted.
        lines += changes(known.model_copy(update=_NO_WORDS), now.model_copy(update=_NO_WORDS))
        new = sorted(now.statuses.keys() - known.statuses.keys()) if known.statuses else []
        lines += [f"it shows a new status word: {public_word(word)}" for word in new]
    return list(dict.fromkeys(lines))


def _verdict(findings: list[Finding], answers: Answers) -> str:
    other = [finding.name for finding in findings if finding.status is Status.DIFFERS]
    unseen = sum(finding.status is Status.UNKNOWN for finding in findings)
    text = f"differs: {', '.join(other)}" if other else "everything seen is as assumed"
    if unseen:
        text += f"; {unseen} of {len(findings)} unknown"
    if answers.proven:
        text += f"; the backup: {answers.proven.outcome.words}"
    return text


def _exit_code(findings: list[Finding], answers: Answers) -> int:
    """The gravest applies: a backup in doubt, one that failed, one that could not be started, then a difference."""
    outcome = answers.proven.outcome if answers.proven else Outcome.VERIFIED
    if outcome is Outcome.IN_DOUBT:
        return Exit.IN_DOUBT
    if outcome not in GOOD:
        return Exit.SOME_FAILED if outcome is Outcome.UNVERIFIED else Exit.NONE_STARTED
    return Exit.TO_DO if any(finding.status is Status.DIFFERS for finding in findings) else Exit.DONE
