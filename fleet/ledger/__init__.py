"""The ledger: the durable record of what was attempted, written before the call.

`entry` and `next_step` decide, `store` writes for the run that holds the `lease`, `reading` and `history` read,
`same_ledger` notices that the ledger was replaced under a run. Rooms: `database` (how it is reached), `budget` (shared
rate limit), `learned` (what earlier runs learned).
"""
