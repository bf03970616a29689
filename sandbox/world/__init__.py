"""What there is: organizations, servers, sites with real files and rows, and their state."""
