"""Files that appear whole or not at all, temporary folders, and what a signal does meanwhile."""
