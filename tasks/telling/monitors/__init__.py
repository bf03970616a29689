"""What is told to programs and people beside Prefect: heartbeats, metrics, notifications."""
