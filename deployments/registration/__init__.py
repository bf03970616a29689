"""Brings the deployments of the file to a Prefect server: what differs, and nothing else."""
