"""From answers to findings, and to one verdict. Pure."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from fleet.dialect.changes import changes
from fleet.dialect.combining import combined
from fleet.doctor.answers import Answers
from fleet.doctor.assumption import Assumption, Seen, Status
from fleet.doctor.assumptions import ASSUMPTIONS
from fleet.doctor.report import DoctorReport, Finding, Looked, ReportedProof
from fleet.doctor.shown_words import shown_word
from fleet.report.outcome import GOOD, Exit, Outcome
from fleet.report.report import Requests

VENDOR: Final = "https://api.serveravatar.com"
_NO_WORDS: Final[Mapping[str, Any]] = {"statuses": {}}


def examine(answers: Answers, requests: Mapping[str, int]) -> DoctorReport:
    """Compare what was answered with what is assumed.

    Args:
        answers: with what was known before.
        requests: how many were sent of each call.
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
    """What there is to say of one assumption. What nothing shows now is as earlier runs have seen it."""
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
    """What differs from what earlier runs have seen, organization by organization, without saying which."""
    lines = []
    for organization, known in answers.known.items():
        now = combined(known, answers.alone(organization))
        # A word of status may hold anything: it is said here, and cleaned.
        lines += changes(known.model_copy(update=_NO_WORDS), now.model_copy(update=_NO_WORDS))
        new = sorted(now.statuses.keys() - known.statuses.keys()) if known.statuses else []
        lines += [f"it shows a new word of status: {shown_word(word)}" for word in new]
    return list(dict.fromkeys(lines))


def _verdict(findings: list[Finding], answers: Answers) -> str:
    other = [finding.name for finding in findings if finding.status is Status.DIFFERS]
    unseen = sum(finding.status is Status.UNKNOWN for finding in findings)
    text = f"differs: {', '.join(other)}" if other else "all that was seen is as assumed"
    if unseen:
        text += f"; {unseen} of {len(findings)} could not be seen"
    if answers.proven:
        text += f"; the backup: {answers.proven.outcome.words}"
    return text


def _exit_code(findings: list[Finding], answers: Answers) -> int:
    """The gravest: a backup in doubt, one that ended badly, none that could be started, then what differs."""
    outcome = answers.proven.outcome if answers.proven else Outcome.VERIFIED
    if outcome is Outcome.IN_DOUBT:
        return Exit.IN_DOUBT
    if outcome not in GOOD:
        return Exit.SOME_FAILED if outcome is Outcome.UNVERIFIED else Exit.NONE_STARTED
    return Exit.TO_DO if any(finding.status is Status.DIFFERS for finding in findings) else Exit.DONE
