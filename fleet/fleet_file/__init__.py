"""From the YAML of a fleet file to an inventory, and back: inheritance, and every mistake with its place."""
