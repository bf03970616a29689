"""The commands that need no account: the demo and the sandbox."""
