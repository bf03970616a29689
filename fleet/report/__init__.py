"""How targets ended, what that means together, and how people and programs are told."""
