"""Receivers of the registry; filled by `registry.actions`."""
