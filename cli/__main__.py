"""`python -m cli`: the same as `fleet-backup`, for whoever has no scripts on the path."""

from cli.main import main

main()
