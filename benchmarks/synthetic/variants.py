"""Many documents out of fewer, for indexes larger than what is worth inventing.

A network of its own costs some milliseconds per document; here the documents of a smaller one come back under other
numbers and codes, at other points of the same quarter. Words keep their frequencies (a word that one document in ten
holds is still in one in ten), hence what a search must read grows as it would; the vocabulary does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from search.documents import digest

Document = dict[str, Any]

GOLDEN = 0.6180339887498949  # multiples of it, taken modulo 1, spread evenly however many there are
SPREAD = 0.02  # degrees: about two kilometres


def varied(documents: Iterable[Mapping[str, Any]], distinct: int, size: int, highest: int) -> Iterator[Document]:
    """`size` documents out of these `distinct` ones, each followed by its variants: the analysis of a text is then done
    once. `highest`: a number that no `id` exceeds. Raises ValueError when there is nothing to make them from."""
    if not 0 < distinct <= size:
        raise ValueError("fewer documents are wanted than there are, or there are none")
    every, more = divmod(size, distinct)
    for number, document in enumerate(documents):
        for copy in range(every + (number < more)):
            yield variant(document, copy, highest)


def variant(document: Mapping[str, Any], copy: int, highest: int) -> Document:
    """The document itself (0), or this copy of it: same words, another number, another code, points moved a little."""
    if copy == 0:
        return dict(document)
    east, north = copy * GOLDEN % 1 - 0.5, copy * GOLDEN**2 % 1 - 0.5
    made = {
        **document, "id": document["id"] + copy * highest, "code": f"{document['code']}-{copy}",
        "locations": [_moved(place, north * SPREAD, east * SPREAD) for place in document["locations"]],
    }  # fmt: skip
    made["version"] = digest(made)
    return made


def _moved(place: Mapping[str, Any], north: float, east: float) -> Document:
    if place["latitude"] is None:
        return dict(place)
    moved = {"latitude": round(place["latitude"] + north, 6), "longitude": round(place["longitude"] + east, 6)}
    return {**place, **moved}
