"""The calls of the API, and the guard before them."""
