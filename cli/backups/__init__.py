"""The commands about the backups of a fleet file: check, plan, run and audit."""
