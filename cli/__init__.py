"""The command line: `fleet-backup` and its commands; each room declares its own in `commands.py`."""
