"""The commands about the ledger."""
