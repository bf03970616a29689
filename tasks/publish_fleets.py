"""Task: publish what became of several fleets in the Prefect UI: one artifact."""

from collections.abc import Sequence

from prefect import task
from prefect.artifacts import acreate_markdown_artifact
from prefect.cache_policies import NO_CACHE

from fleet.report.markdown_text import sentence
from fleet.report.origin import Origin
from fleet.report.several.fleets_report import FleetEnding
from fleet.report.several.fleets_summary import markdown

KIND = "fleet-backup-all-fleets"


@task(name="publish", task_run_name="publish the verdict", cache_policy=NO_CACHE, persist_result=False)
async def publish_fleets(endings: Sequence[FleetEnding], verdict: str, deployment: str) -> None:
    """Make a table of the fleets, those with problems first."""
    await acreate_markdown_artifact(
        key=Origin(deployment).key(KIND), markdown=markdown(endings), description=sentence(verdict)
    )
