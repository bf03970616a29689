"""The parameter that names a fleet."""

from typing import Annotated

from pydantic import Field

FleetName = Annotated[str, Field(pattern=r"^[a-z0-9-]*$", max_length=60)]
"""As `fleet.fleets.fields` has it; empty for the run of a fleet file."""
