"""How a server that is given (ELASTICSEARCH_URL) lets in the tests: the same variables as the program's.

An account may also stand in the address itself. Nothing of it is sent to a server that was started here, nor printed.
"""

from __future__ import annotations

import base64
import os
import ssl
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Access:
    """What is shown to a server, and whom it is believed from. All blank for one that asks nothing."""

    api_key: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    ca_certs: str = ""

    def headers(self) -> dict[str, str]:
        """The HTTP header that opens; a key comes before an account."""
        if self.api_key:
            return {"Authorization": f"ApiKey {self.api_key}"}
        if self.user:
            pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        return {}

    def context(self) -> ssl.SSLContext:
        """Raises OSError when there is no such file of authorities."""
        return ssl.create_default_context(cafile=self.ca_certs or None)


def given() -> list[str]:
    """The addresses of ELASTICSEARCH_URL, as they are written there."""
    return [part.strip() for part in os.environ.get("ELASTICSEARCH_URL", "").split(",") if part.strip()]


def access(url: str) -> Access:
    """The access to this address (the account in it may be left out): nothing for one that ELASTICSEARCH_URL does not
    name."""
    named = next((one for one in given() if bare(one) == bare(url)), None)
    if named is None:
        return Access()
    parts = urlsplit(named)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Access(
        os.environ.get("ELASTICSEARCH_API_KEY", ""),
        user or os.environ.get("ELASTICSEARCH_USER", ""),
        password if user else os.environ.get("ELASTICSEARCH_PASSWORD", ""),
        os.environ.get("ELASTICSEARCH_CA_CERTS", ""),
    )


def bare(url: str) -> str:
    """The address without the account that it may hold: what may be asked, and printed."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
