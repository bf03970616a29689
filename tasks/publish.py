"""Task: publish the report where people look: artifacts in the Prefect UI, one of each a run."""

from prefect import task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from fleet.report.report import Report
from fleet.report.summary import caption, markdown, table

TABLE_KEY = "fleet-backup-report"
SUMMARY_KEY = "fleet-backup-summary"


@task(name="publish", task_run_name="publish the report", cache_policy=NO_CACHE, persist_result=False)
async def publish(report: Report) -> None:
    """Make a table of the targets and a summary, both with problems first, under the same keys each run."""
    await acreate_table_artifact(key=TABLE_KEY, table=table(report), description=caption(report))
    await acreate_markdown_artifact(key=SUMMARY_KEY, markdown=markdown(report), description=report.verdict)
