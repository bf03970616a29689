"""One budget of requests for all processes of an account, shared through the ledger's database."""
