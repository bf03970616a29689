"""Task: publish the report of an audit where people look: artifacts in the Prefect UI, one of each an audit."""

from prefect import task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE

from fleet.audit.report import AuditReport
from fleet.audit.summary import markdown, table
from fleet.report.markdown_text import sentence
from fleet.report.origin import Origin

TABLE = "fleet-audit-table"
SUMMARY = "fleet-audit-summary"


@task(name="publish", task_run_name="publish the audit", cache_policy=NO_CACHE, persist_result=False)
async def publish_audit(report: AuditReport, origin: Origin) -> None:
    """Make a table of all findings and a summary, the gravest first, under the keys of their origin."""
    described = origin.caption(sentence(report.verdict))
    await acreate_table_artifact(key=origin.key(TABLE), table=table(report), description=described)
    await acreate_markdown_artifact(key=origin.key(SUMMARY), markdown=markdown(report), description=described)
