"""One run: how it was ordered, what it uses, what it finds out, and what Prefect knows about it."""
