"""Faults on demand: what goes wrong, where, and how often."""
