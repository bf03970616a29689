"""Executes the runs of the deployments in this process, whatever happens to the Prefect server."""
