"""What the API shows of the fleet now, and which preconditions of a backup are not met.

A new precondition goes into `preconditions`; what it needs to know is read in `observation` and kept in `observed`.
"""
