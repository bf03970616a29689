"""`python -m cli`: the same as `fleet-backup`, where scripts are not on the path."""

from cli.main import main

main()
