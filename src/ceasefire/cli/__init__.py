"""The commands: what is typed in a terminal, and how it ends."""
