"""`fleet-backup deploy`: the deployments on a Prefect server, for the workers of a pool."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import log
from cli.deployments.fleet_file_check import fleet_problems
from cli.errors import UsageProblem
from cli.prefect_server import prepare_for_prefect
from cli.terminal.lines import warn
from cli.verbosity import say
from deployments.registration.report import DeployReport, Pool

if TYPE_CHECKING:
    from deployments.registration.registration import Prepared


def deploy_all(file: Path | None, chosen: Mapping[str, Any], *, as_json: bool) -> int:
    """Bring the deployments to the server and print what changed.

    Args:
        file: a prefect.yaml; None for the shipped one.
        chosen: what the command line sets, by the names of `deployments.choices.Choices`.
        as_json: print the JSON report.

    Raises:
        DeclarationError: prefect.yaml or a choice cannot be used.
        FleetFileError: the fleet file has mistakes.
        PrefectServerError: the Prefect server cannot be used.
        RegistrationError: the Prefect server refuses the deployments.
        UsageProblem: there is no Prefect server.
    """
    for problem in fleet_problems(chosen, token=False):
        warn(problem)
    prepare_for_prefect()
    from prefect.settings import get_current_settings

    if not get_current_settings().api.url:
        raise UsageProblem(
            "deploy needs a Prefect server: `prefect server start`, then set PREFECT_API_URL=http://127.0.0.1:4200/api;"
            " or use `fleet-backup serve`, which needs none"
        )
    report = asyncio.run(_deploy(file, chosen))
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    return 0


async def _deploy(file: Path | None, chosen: Mapping[str, Any]) -> DeployReport:
    from cli.deployments.states import removals, runs_of
    from deployments.choices import Choices
    from deployments.declaration import shipped_file
    from deployments.fleets import declarations_of
    from deployments.registration.registration import prepare, register, register_block
    from deployments.registration.work_pool import ensure_pool
    from deployments.server.check import check_server
    from deployments.server.leases import lease_warning

    declared = declarations_of(file or shipped_file(), Choices(**chosen))
    await check_server()
    await register_block()
    pools = {name: await ensure_pool(name) for name in sorted({one.work_pool.name for one in declared})}
    for pool, state in pools.items():
        say(f"work pool {pool}: {state}")
    prepared = await prepare(declared, on_pool=True)
    await register(prepared)
    for one in prepared.deployments:
        say(f"{one.deployment.full_name}: {one.change}; {runs_of(one)}")
    for line in removals(prepared):
        say(line)
    if all(one.change == "unchanged" for one in prepared.deployments):
        say("Nothing changed.")
    if warning := await lease_warning():
        log.write(warning, "warning")
    for pool in pools:
        say(f"Workers run the deployments: prefect worker start --pool '{pool}'")
    return report_of(prepared, pools, warning)


def report_of(prepared: "Prepared", pools: Mapping[str, str], warning: str | None) -> DeployReport:
    """Report what was registered.

    Args:
        prepared: what became of each deployment.
        pools: the work pools, and what became of each.
        warning: what is wrong with the server's settings.
    """
    from cli.deployments.states import deployed

    return DeployReport(
        work_pools=[Pool(name=pool, state=state) for pool, state in pools.items()],
        deployments=[deployed(one) for one in prepared.deployments],
        not_in_file=list(prepared.orphans),
        warning=warning or "",
    )
