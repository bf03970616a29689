"""Decides which page of a list to read next, and what is proven by then: lists change while they are read."""
