"""An engine with an empty place of its own on each real server."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from search import schedules as schedules_module
from search.engines.elasticsearch import ElasticsearchEngine
from search.schedules import schedules
from tests import elasticsearch_servers, programs
from tests.elasticsearch_servers import SERVERS
from tests.factories.documents import known_patterns


@pytest.fixture(params=list(SERVERS.items()), ids=[f"elasticsearch-{version}" for version in SERVERS])
def engine(request: pytest.FixtureRequest) -> Iterator[ElasticsearchEngine]:
    _version, url = request.param
    made = elasticsearch_servers.engine(url)
    yield made
    elasticsearch_servers.clean(made.indexes.prefix, url)


@pytest.fixture(autouse=True)
def _known_schedules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The numbers that the factories gave to schedules, as the database would."""
    monkeypatch.setattr(schedules_module.Schedules, "_read", staticmethod(known_patterns))
    schedules.forget()
    yield
    schedules.forget()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody knows, with its key in the same file."""
    programs.need(shutil.which("openssl"), "openssl introuvable (paquet « openssl » de Debian)")
    folder = tmp_path_factory.mktemp("certificat")
    key, made = folder / "cle.pem", folder / "certificat.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key),
         "-out", str(made)],
        check=True, capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + key.read_text())
    return made
