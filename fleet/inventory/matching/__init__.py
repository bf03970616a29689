"""How servers, applications and databases are matched: patterns people write, and the criteria of a rule."""
