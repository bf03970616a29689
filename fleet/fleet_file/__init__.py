"""Turns the YAML of a fleet file into an inventory and back: inheritance, and every mistake with its place."""
