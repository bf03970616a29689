"""Where, when and how many at once: the Prefect server a run uses, schedules, deployments."""
