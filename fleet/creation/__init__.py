"""Decides what is done with a target: create, adopt, leave, wait for its turn, or stop the run."""
