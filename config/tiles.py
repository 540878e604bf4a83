"""The background of the map: where its tiles may come from."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def tile_sources(address: str) -> list[str]:
    """The origin of a tile address, for the « img-src » of the content security policy; [] for a blank address.

    « {s} » (Leaflet's subdomain) allows every subdomain. Raises ImproperlyConfigured, in French, for an address that no
    tile can be asked from.
    """
    if not address:
        return []
    parts = urlsplit(address)
    missing = [name for name in ("{z}", "{x}", "{y}") if name not in address]
    host = parts.netloc.replace("{s}", "*")
    if parts.scheme not in ("https", "http") or missing or not host or "{" in host or "@" in host:
        raise ImproperlyConfigured(
            f"PASSERELLES_MAP_TILES : « {address} » n’est pas une adresse de tuiles. Écrivez-la comme "
            "https://tuiles.exemple.ca/{z}/{x}/{y}.png, ou laissez ce réglage vide."
        )
    return [f"{parts.scheme}://{host}"]
