"""How a file that lists fleets becomes the fleets, each with its account and times; every mistake with its place."""
