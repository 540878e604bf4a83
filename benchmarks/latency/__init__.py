"""What the orientation page costs above the bare search of the server, and beside the searches that come with Wagtail and
PostgreSQL: `python -m benchmarks.latency`."""
