"""Workbooks as harried coordinators keep them: the reference network under other titles and in another mess, with what
an import must make of each. `python -m benchmarks.harried --seeds 20` scores the importer on them."""
