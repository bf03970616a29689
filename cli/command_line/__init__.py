"""What the commands share of click: the lazy group, options and types of parameters."""
