"""What an import costs, against merely reading the same file."""
