"""The commands about an account: what it contains, and how its API behaves."""
