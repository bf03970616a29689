"""How targets ended, what that means together (verdict and exit code), and how people and programs read it."""
