"""Does: thin Prefect tasks around the decisions of `fleet`."""
