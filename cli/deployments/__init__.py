"""The commands about deployments: serve, deploy, their schedules and automations."""
