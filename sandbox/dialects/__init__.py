"""The API as it may be: what its documentation leaves open, as points that each can be set."""
