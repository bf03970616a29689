"""Faults on demand: what fails, where, and how often."""
