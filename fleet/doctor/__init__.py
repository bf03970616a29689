"""Decides where an API differs from what is documented and assumed: pure, but for asking, which is given a `Send`."""
