"""One budget for all processes of an account, shared through the ledger's database."""
