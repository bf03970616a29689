"""Decides which page of a list to read next, and what has been proven by then: lists move while they are read."""
