"""Tells: one flow a file; file, function and deployment share a name."""
