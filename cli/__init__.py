"""The command line: `fleet-backup` and its subcommands."""
