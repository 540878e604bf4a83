"""Relevance on judged questions. `python -m benchmarks.relevance [FILE.jsonl]`."""
