"""The API's own calls: what they read and change, and how they refuse."""
