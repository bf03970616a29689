"""What strangers send: how much of it is taken in, and what is taken out of it."""
