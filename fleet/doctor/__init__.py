"""Decides where an API differs from what is documented and assumed: pure, except `asking`, which is given a `Send`."""
