"""Reports a run: its state and report, logs, artifacts, heartbeats, events, metrics."""
