"""Decides which targets a run covers: rules of `select`, `--limit`, `--failed-from`; and discovery."""
