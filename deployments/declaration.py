"""The deployments as `prefect.yaml` declares them."""

from pathlib import Path
from typing import Annotated, Any, Final

from prefect.client.schemas.objects import ConcurrencyLimitConfig
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from deployments.schedule_entry import ScheduleEntry
from fleet.settings.settings import mistakes

POOL: Final = "fleet-backup"
TAG: Final = "fleet-backup"
"""Every deployment of ours has this tag, so that one that left the file is found on the server."""


class DeclarationError(ValueError):
    """A `prefect.yaml` that cannot be used, or choices that do not go with it; a line for each mistake."""


class WorkPool(BaseModel):
    """Where the runs of a deployment are made."""

    model_config = ConfigDict(extra="forbid")

    name: str = POOL
    work_queue_name: str | None = None
    job_variables: dict[str, Any] = Field(default_factory=dict)


class Declaration(BaseModel):
    """One deployment."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    entrypoint: Annotated[str, Field(pattern=r"^[\w/]+\.py:\w+$")]
    description: str = ""
    tags: list[str] = Field(default_factory=list)
    parameters: dict[str, Any] = Field(default_factory=dict)
    schedules: list[ScheduleEntry] = Field(default_factory=list)
    concurrency_limit: ConcurrencyLimitConfig | None = None
    work_pool: WorkPool = Field(default_factory=WorkPool)

    @property
    def module_entrypoint(self) -> str:
        """The entrypoint as Python imports it.

        A path would make a worker change into the folder of the code, away from its own `.env` and fleet files.
        """
        path, _, function = self.entrypoint.partition(":")
        return f"{path.removesuffix('.py').replace('/', '.')}.{function}"

    @property
    def is_of_a_fleet(self) -> bool:
        """Whether its flow is about a fleet file."""
        return self.entrypoint.endswith((":fleet_backup", ":fleet_audit"))


class _File(BaseModel):
    deployments: list[Declaration]


def shipped_file() -> Path:
    """The `prefect.yaml` of this program: beside this module in a wheel, at the root in a clone."""
    here = Path(__file__).parent
    packed = here / "prefect.yaml"
    return packed if packed.exists() else here.parent / "prefect.yaml"


def read_declarations(file: Path) -> list[Declaration]:
    """Read the deployments.

    Raises:
        DeclarationError: the file cannot be read or is wrong.
    """
    try:
        content = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
        declared = _File.model_validate(content).deployments
    except OSError as error:
        raise DeclarationError(f"{file}: cannot be read: {error.strerror}") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{file}: is no YAML: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise DeclarationError("\n".join(f"{file}: {mistake}" for mistake in mistakes(error))) from None
    names = [one.name for one in declared]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DeclarationError(f"{file}: more than one deployment is called {', '.join(twice)}")
    return declared
