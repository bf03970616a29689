"""Decides what to do with a target: create, adopt, leave, wait for its turn, or stop the run."""
