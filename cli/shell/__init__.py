"""The commands about the shell: completion and the man page, both made from the commands themselves."""
