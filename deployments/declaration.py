"""The deployments that `prefect.yaml` declares."""

from pathlib import Path
from typing import Annotated, Any, Final

from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.events import DeploymentEventTrigger
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

import fleet_backup_entrypoints
from deployments.schedule_entry import ScheduleEntry
from fleet.fleet_file.regular_file import IrregularFileError, read_regular
from fleet.settings.settings import mistakes

POOL: Final = "fleet-backup"
_LARGEST: Final = 1024**2
"""Bytes; ours has 4,000."""
TAG: Final = "fleet-backup"
"""All our deployments have this tag, so that those no longer in the file are found on the server."""


class DeclarationError(ValueError):
    """A `prefect.yaml` that cannot be used, or choices that do not fit it; one line for each mistake."""


def _a_flow_of_ours(entrypoint: str) -> str:
    known = [f"flows/{name}.py:{name}" for name in fleet_backup_entrypoints.FLOWS]
    if entrypoint not in known:
        raise ValueError(f"must be one of: {', '.join(known)}")
    return entrypoint


class WorkPool(BaseModel):
    """Where the runs of a deployment execute."""

    model_config = ConfigDict(extra="forbid")

    name: str = POOL
    work_queue_name: str | None = None
    job_variables: dict[str, Any] = Field(default_factory=dict)


class Declaration(BaseModel):
    """One deployment."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    entrypoint: Annotated[str, AfterValidator(_a_flow_of_ours)]
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    parameters: dict[str, Any] = Field(default_factory=dict)
    schedules: list[ScheduleEntry] = Field(default_factory=list)
    triggers: list[DeploymentEventTrigger] = Field(default_factory=list)
    concurrency_limit: ConcurrencyLimitConfig | None = None
    work_pool: WorkPool = Field(default_factory=WorkPool)

    @model_validator(mode="after")
    def _slugs(self) -> "Declaration":
        # By its slug, a schedule is ours on the server.
        for number, entry in enumerate(self.schedules, start=1):
            entry.slug = entry.slug or f"{self.name}-{number}"
        slugs = [entry.slug for entry in self.schedules]
        if twice := sorted({str(slug) for slug in slugs if slugs.count(slug) > 1}):
            raise ValueError(f"schedules: more than one with slug {', '.join(twice)}")
        return self

    @property
    def flow(self) -> str:
        """The name of its flow."""
        return self.entrypoint.partition(":")[2]

    @property
    def module_entrypoint(self) -> str:
        """The entrypoint as a module path, through the module that nothing in a working folder can hide.

        With a file path, a worker would change into the code's folder, away from its own `.env` and fleet files.
        """
        return f"{fleet_backup_entrypoints.__name__}.{self.flow}"

    @property
    def calls_the_api(self) -> bool:
        """Whether its flow needs an account."""
        return self.flow != "continue_run"

    @property
    def is_of_a_fleet(self) -> bool:
        """Whether its flow takes a fleet file."""
        return self.flow in ("fleet_backup", "fleet_audit")


class _File(BaseModel):
    deployments: list[Declaration]


def shipped_file() -> Path:
    """The `prefect.yaml` of this program: beside this module in a wheel, at the top in a clone."""
    here = Path(__file__).parent
    packed = here / "prefect.yaml"
    return packed if packed.exists() else here.parent / "prefect.yaml"


def read_declarations(file: Path) -> list[Declaration]:
    """Read the deployments.

    Raises:
        DeclarationError: the file cannot be read or is wrong.
    """
    try:
        text = read_regular(file, _LARGEST)
        if len(text) > _LARGEST:
            raise DeclarationError(f"{file}: is larger than {_LARGEST // 1024**2} MB: these are not deployments")
        content = YAML(typ="safe", pure=True).load(text.decode("utf-8"))
        declared = _File.model_validate(content).deployments
    except IrregularFileError as error:
        raise DeclarationError(f"{file}: {error}") from None
    except OSError as error:
        raise DeclarationError(f"{file}: cannot be read: {error.strerror}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{file}: is not valid YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise DeclarationError("\n".join(f"{file}: {mistake}" for mistake in mistakes(error))) from None
    names = [one.name for one in declared]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DeclarationError(f"{file}: more than one deployment named {', '.join(twice)}")
    return declared
