"""What stands around the program: the production set-up, and the servers of the tests."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from tools import elasticsearch_releases as releases
from tools import elasticsearch_server as server

ROOT = Path(settings.BASE_DIR)
COMPOSE = (ROOT / "compose.yaml").read_text()


def test_production_runs_the_elasticsearch_that_the_tests_run_on() -> None:
    image = re.search(r"elasticsearch/elasticsearch:(\S+)", COMPOSE)
    assert image is not None
    assert image[1] == server.RELEASES[9].version


def test_every_variable_of_the_production_set_up_is_documented() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", COMPOSE))
    documentation = (ROOT / "docs" / "exploitation.md").read_text()
    assert {"PASSERELLES_SECRET_KEY", "POSTGRES_PASSWORD", "ELASTIC_PASSWORD"} <= asked
    assert not {name for name in asked if f"`{name}`" not in documentation}


def test_no_secret_is_written_in_the_production_set_up() -> None:
    for name in ("PASSERELLES_SECRET_KEY", "POSTGRES_PASSWORD", "ELASTIC_PASSWORD"):
        assert re.findall(rf"{name}: (.+)", COMPOSE)
        assert all(value.startswith("${" + name + ":?") for value in re.findall(rf"^\s+{name}: (.+)", COMPOSE, re.M))


@pytest.mark.parametrize(("engine", "said"), [("elasticsearch", "ELASTICSEARCH_URL"), ("autre", "« elasticsearch »")])
def test_an_engine_without_its_settings_says_what_it_lacks(engine: str, said: str, settings) -> None:  # type: ignore[no-untyped-def]
    from django.core.exceptions import ImproperlyConfigured

    from search.engines import get_engine

    settings.SEARCH_ENGINE, settings.ELASTICSEARCH_URL = engine, []
    with pytest.raises(ImproperlyConfigured, match=said):
        get_engine()


def test_the_settings_reach_the_engine(settings) -> None:  # type: ignore[no-untyped-def]
    from search.engines import get_engine
    from search.engines.elasticsearch import ElasticsearchEngine

    settings.SEARCH_ENGINE = "elasticsearch"
    settings.ELASTICSEARCH_URL = ["https://un.exemple.ca:9200", "https://deux.exemple.ca:9200"]
    settings.ELASTICSEARCH_API_KEY, settings.ELASTICSEARCH_INDEX = "cle", "centre"
    settings.ELASTICSEARCH_TIMEOUT, settings.ELASTICSEARCH_SHARDS = 2.5, 4
    engine = get_engine()
    assert isinstance(engine, ElasticsearchEngine)
    assert engine is get_engine()
    assert engine.client.connection.hosts == ("https://un.exemple.ca:9200", "https://deux.exemple.ca:9200")
    assert (engine.client.connection.api_key, engine.client.connection.search_seconds) == ("cle", 2.5)
    assert engine.indexes.live.startswith("centre-")
    assert engine.indexes.shards == 4
    assert engine.registered_name() == "elasticsearch:centre"


# --- The servers of the tests ---------------------------------------------------------------------------------------


def java(folder: Path, number: str) -> Path:
    """A JDK as far as its folder tells."""
    home = folder / f"jdk-{number}"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text(f'IMPLEMENTOR="X"\nJAVA_VERSION="{number}.0.1"\n')
    return home


def test_each_major_runs_on_a_java_that_it_accepts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    homes = {number: java(tmp_path, number) for number in ("11", "17", "25")}
    found = [(int(number), home) for number, home in homes.items()]
    monkeypatch.setattr(releases, "installed_java", lambda: iter(found))
    assert server.java_for(8) == homes["17"]
    assert server.java_for(9) == homes["25"]
    found.pop()
    with pytest.raises(server.ServerError, match=r"Java 21 ou plus récent.*11, 17"):
        server.java_for(9)


def test_installed_java_is_read_from_the_folder_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = java(tmp_path, "22")
    monkeypatch.setenv("ES_JAVA_HOME", str(home))
    assert (22, home) in list(server.installed_java())


def test_what_is_lacking_is_named_by_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ELASTICSEARCH_URL", raising=False)
    monkeypatch.setattr(server, "docker_answers", lambda: False)
    monkeypatch.setattr(server.shutil, "which", lambda name: None)
    monkeypatch.setattr(server, "installed_java", lambda: iter([(17, Path("/x"))]))
    assert server.lacking() == ["maven", "openjdk-21-jdk-headless"]
    monkeypatch.setattr(server, "docker_answers", lambda: True)
    assert server.lacking() == []


def test_a_given_server_is_used_and_one_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELASTICSEARCH_URL", "http://127.0.0.1:9")
    assert server.running() == {}
    with pytest.raises(server.ServerError, match="rien n’y répond"):
        server.start(9)
    monkeypatch.setattr(server, "version_at", lambda url, timeout=3.0: "9.9.9")
    assert server.start(8) == "http://127.0.0.1:9"
    assert server.running() == {"9.9.9": "http://127.0.0.1:9"}


def test_docker_runs_the_official_image_of_the_same_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A docker that answers, as far as a command on the PATH can: it writes down what it is asked."""
    asked = tmp_path / "asked"
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$ES_VERSION $ES_PORT $ES_HEAP $*" >> {asked}\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("ES_PORT_9", "9")
    for name in ("ELASTICSEARCH_URL", "ES_WITHOUT_DOCKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(server, "_wait", lambda major, process: None)
    assert server.start(9, "2g") == "http://127.0.0.1:9"
    *_looks, started = asked.read_text().splitlines()
    assert started.startswith(f"{server.RELEASES[9].version} 9 2g compose --project-name passerelles-tests-9 --file ")
    assert started.endswith("elasticsearch.compose.yaml up --detach")
    assert "127.0.0.1:${ES_PORT" in server.COMPOSE.read_text()
    assert server.RELEASES[9].version in capsys.readouterr().out


def test_without_docker_nor_maven_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLES_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(server.shutil, "which", lambda name: None)
    with pytest.raises(server.ServerError, match="maven"):
        server.unpacked(9)


def test_the_cache_is_outside_the_repository_and_the_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSERELLES_CACHE_DIR", raising=False)
    assert ROOT not in server.cache().parents
    assert Path("/tmp") not in server.cache().parents


def test_the_server_listens_on_this_machine_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLES_CACHE_DIR", str(tmp_path / "cache"))
    home = tmp_path / "home"
    (home / "config").mkdir(parents=True)
    (home / "config" / "log4j2.properties").write_text("x")
    run = server.configure(9, home, "1g")
    written = (run / "config" / "elasticsearch.yml").read_text()
    assert "network.host: 127.0.0.1\n" in written
    assert "-Xmx1g" in (run / "config" / "jvm.options").read_text()


def test_the_artifact_of_the_tests_is_named_in_their_script_and_nowhere_else() -> None:
    """It is never shipped: neither the program nor what builds its image knows of it."""
    listed = subprocess.run(["git", "grep", "-l", "sonarqube"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert set(listed.stdout.split()) <= {"tools/elasticsearch_releases.py", "tests/test_deployment.py"}
    assert "tools" in (ROOT / ".dockerignore").read_text().split()
