"""Decides which targets a run is about: rules of `select`, `--limit`, `--failed-from`, and discovery."""
