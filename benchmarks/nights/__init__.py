"""Night after night: how many requests a fleet takes."""
