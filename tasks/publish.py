"""Task: publish the report in the Prefect UI: artifacts, one of each a run.

By then the report is in the ledger, in its file and on the terminal: if it cannot be published, nothing else is lost.
"""

from typing import Final

from prefect import task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from fleet.report.markdown_text import sentence
from fleet.report.origin import Origin
from fleet.report.report import Report
from fleet.report.summary import caption, markdown, table

TABLE = "fleet-backup-report"
SUMMARY = "fleet-backup-summary"
LONGEST_SECONDS: Final = 30.0
"""Longest wait for the Prefect server, retries included."""
HURRIED_SECONDS: Final = 8.0
"""The same for a run that was interrupted: what has sent SIGTERM will soon send SIGKILL."""


@task(
    name="publish",
    task_run_name="publish the report",
    retries=2,
    retry_delay_seconds=2,
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def publish(report: Report, origin: Origin) -> None:
    """Make a table of the targets and a summary, both with problems first, under the keys of their origin."""
    described = origin.caption(caption(report)), origin.caption(sentence(report.verdict))
    await acreate_table_artifact(key=origin.key(TABLE), table=table(report), description=described[0])
    await acreate_markdown_artifact(key=origin.key(SUMMARY), markdown=markdown(report), description=described[1])
