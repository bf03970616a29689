"""What is wanted: which backup of what, on which server, when it may start, and what is expected of it."""
