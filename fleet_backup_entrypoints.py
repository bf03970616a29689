"""Where every deployed run enters: the flows, under a module name that no folder of a user's has.

To load a flow, Prefect puts the working folder in front of `sys.path`, whatever PYTHONSAFEPATH says, and a worker with
a `working_dir` puts it into PYTHONPATH. A file `tasks.py` or a folder `flows` there would be imported in place of ours.
This module is found first, imports nothing of that folder, and takes it out of the path before it imports the flow.
"""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final

FLOWS: Final = ("all_fleets", "continue_run", "create_backup", "fleet_audit", "fleet_backup")
_OURS: Final = str(Path(__file__).resolve().parent)


def __getattr__(name: str) -> Any:  # noqa: ANN401 - flows of any parameters
    if name not in FLOWS:
        raise AttributeError(f"there is no flow {name!r}; there are: {', '.join(FLOWS)}")
    _leave_the_working_folder_out()
    import_module("tasks.run.slot").hold_patiently()
    return getattr(import_module(f"flows.{name}"), name)


def _leave_the_working_folder_out() -> None:
    """Take it out of the path, unless it is the folder of this program, as in a clone."""
    here = Path.cwd().resolve()
    kept = [entry for entry in sys.path if Path(entry).resolve() != here]
    sys.path[:] = kept if _OURS in kept else [*kept, _OURS]
