"""Decides which assumptions there are: what is documented of each, how it is checked, and what follows."""
