"""How long things take and how much memory, beside others that do the same work."""
