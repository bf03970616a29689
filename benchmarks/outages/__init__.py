"""Outages, one after another: what was done, what the API holds, what Prefect and the ledger say of it."""
