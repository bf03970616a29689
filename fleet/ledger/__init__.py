"""The ledger: the durable record of what was attempted, written before the call."""
