"""Decides what a run would do, what it would cost, and what has drifted; nothing is changed."""
