"""The documents that programs read or write, and their JSON Schemas."""
