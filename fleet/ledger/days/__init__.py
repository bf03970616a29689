"""How each target stood on each day, from runs and audits, and what of the past is kept."""
