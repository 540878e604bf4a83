"""Durations put together: percentiles, ratios, and whether the page keeps its promise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

PERCENTILES = (50, 95, 99)
# What the page may take above the bare search: milliseconds at the median; then a ratio and milliseconds at p95.
MEDIAN_MS, P95_RATIO, P95_MS = 10.0, 1.5, 10.0


def percentile(values: Sequence[float], rank: float) -> float:
    """The value under which `rank` percent of these lie, between two of them where it falls between. Raises ValueError
    when there are none, or for a rank outside 0–100."""
    if not values or not 0 <= rank <= 100:
        raise ValueError("no value, or no such rank")
    ordered = sorted(values)
    place = (len(ordered) - 1) * rank / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def summary(values: Sequence[float]) -> tuple[float, ...]:
    """The PERCENTILES of these durations."""
    return tuple(percentile(values, rank) for rank in PERCENTILES)


def kept(raw: Sequence[float], page: Sequence[float]) -> list[str]:
    """Which promise the page breaks against the bare search (both in milliseconds), in French; nothing when none."""
    bare, ours = summary(raw), summary(page)
    allowed = (bare[0] + MEDIAN_MS, P95_RATIO * bare[1] + P95_MS)
    return [
        f"{name}\u00a0: {value:.1f} ms, permis {limit:.1f} ms"
        for name, value, limit in (("p50", ours[0], allowed[0]), ("p95", ours[1], allowed[1]))
        if value > limit
    ]


def table(durations: Mapping[str, Sequence[float]], reference: str) -> Iterable[str]:
    """The lines of a table: each way of asking, its percentiles, and their ratio to those of `reference`."""
    heads = [f"p{rank}" for rank in PERCENTILES]
    width = max(map(len, durations), default=0)
    yield (
        f"{'':{width}s} "
        + " ".join(f"{head + ' (ms)':>10s}" for head in heads)
        + " "
        + " ".join(f"{'× ' + head:>7s}" for head in heads)
    )
    base = summary(durations[reference])
    for name, values in durations.items():
        found = summary(values)
        ratios = " ".join(f"{one / other:7.2f}" for one, other in zip(found, base, strict=True))
        yield f"{name:{width}s} " + " ".join(f"{value:10.1f}" for value in found) + " " + ratios
