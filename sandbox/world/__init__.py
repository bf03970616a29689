"""The world: organizations, servers, sites with real files and rows, the clock, and their state."""
