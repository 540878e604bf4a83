"""What a rebuild of the index costs above the bare bulk of ready documents: `python -m benchmarks.indexing`."""
