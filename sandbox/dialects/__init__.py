"""Dialects of the API: what its documentation leaves open, each point configurable."""
