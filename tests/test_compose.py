"""compose.yaml and the Dockerfile, as far as a machine without Docker can tell: what they name is there, and the
program starts in the environment that they give."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
OURS = ("preparation", "web", "worker", "index-worker", "mail-worker", "daily")
SECRETS = {
    "PASSERELLES_SECRET_KEY": "un-secret-de-test-assez-long-pour-la-production-0123456789",
    "PASSERELLES_HOSTS": "orientation.exemple.ca", "POSTGRES_PASSWORD": "base", "ELASTIC_PASSWORD": "recherche",
}  # fmt: skip


@cache
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


@cache
def dockerfile() -> list[tuple[str, str]]:
    """(instruction, the rest) of each step, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(name, rest.strip()) for name, _space, rest in (line.partition(" ") for line in lines)]


def interpolated(text: str, given: dict[str, str]) -> str:
    """What Compose makes of « ${NAME} », « ${NAME:-default} » and « ${NAME:?message} ». Raises KeyError for one that is
    required and not given."""
    pattern = re.compile(r"\$\{([A-Z_]+)(?::([-?])((?:[^{}]|\$\{[A-Z_]+\})*))?\}")

    def one(match: re.Match[str]) -> str:
        name, kind, rest = match.groups()
        if given.get(name):
            return given[name]
        if kind == "?":
            raise KeyError(name)
        return interpolated(rest or "", given)

    return pattern.sub(one, text).replace("$$", "$")


def environment(service: str, given: dict[str, str]) -> dict[str, str]:
    return {
        name: interpolated(str(value), given) for name, value in compose()["services"][service]["environment"].items()
    }


def of_image() -> dict[str, str]:
    """The variables that the image sets."""
    pairs = " ".join(rest for name, rest in dockerfile() if name == "ENV")
    return dict(pair.split("=", 1) for pair in pairs.split())


def test_the_services_of_a_production_are_there() -> None:
    assert set(compose()["services"]) == {"db", "elasticsearch", *OURS}
    assert all(compose()["services"][name]["image"] == "passerelles" for name in OURS)


@pytest.mark.parametrize("service", OURS)
def test_each_process_runs_a_command_that_exists(service: str) -> None:
    line = compose()["services"][service].get("command") or " ".join(
        re.findall(r'"([^"]+)"', next(rest for name, rest in dockerfile() if name == "CMD"))
    )
    asked = re.findall(r"manage\.py (\w+)", line)
    assert asked or line.startswith("gunicorn ")
    assert set(asked) <= set(get_commands())
    if not asked:
        assert line.split()[-1] == "config.wsgi"
        assert (ROOT / "config" / "wsgi.py").exists()
        assert re.search(r"^gunicorn==", (ROOT / "requirements.txt").read_text(), re.M)


@pytest.mark.parametrize("service", OURS)
def test_options_of_a_command_are_its_own(service: str) -> None:
    from django.core.management import load_command_class

    for name, words in re.findall(
        r"manage\.py (\w+)((?: --[\w-]+)*)", compose()["services"][service].get("command", "")
    ):
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        known = {option for action in parser._actions for option in action.option_strings}
        assert set(words.split()) <= known, name


def test_each_service_waits_for_what_can_be_awaited() -> None:
    services = compose()["services"]
    for name, service in services.items():
        for other, how in service.get("depends_on", {}).items():
            condition = how["condition"]
            assert other in services, name
            assert condition in ("service_healthy", "service_completed_successfully")
            if condition == "service_healthy":
                check = services[other]["healthcheck"]
                assert check["test"][0] in ("CMD", "CMD-SHELL")
                assert check["retries"] > 1
            else:
                assert services[other]["restart"] == "on-failure", "a service that restarts for ever never completes"


def test_what_is_kept_has_a_volume() -> None:
    used = {line.split(":")[0] for service in compose()["services"].values() for line in service.get("volumes", ())}
    assert used == set(compose()["volumes"])
    assert f"donnees:{of_image()['PASSERELLES_DATA_DIR']}" in compose()["services"]["web"]["volumes"]


def test_nothing_but_the_site_is_open_and_to_this_machine_alone() -> None:
    opened = {name: service["ports"] for name, service in compose()["services"].items() if "ports" in service}
    assert opened == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}


@pytest.mark.parametrize("secret", SECRETS)
def test_a_missing_secret_stops_everything(secret: str) -> None:
    given = {name: value for name, value in SECRETS.items() if name != secret}
    with pytest.raises(KeyError, match=secret):
        [environment(service, given) for service in compose()["services"]]


def test_every_variable_of_the_program_is_one_that_settings_read() -> None:
    read = "".join(path.read_text() for path in (ROOT / "config").rglob("*.py"))
    asked = {*environment("web", SECRETS), *of_image()} - {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    asked -= {"PIP_DISABLE_PIP_VERSION_CHECK", "DJANGO_SETTINGS_MODULE"}
    assert not {name for name in asked if f'"{name}"' not in read}


def test_the_program_starts_with_the_environment_of_production(tmp_path: Path) -> None:
    given = environment("web", SECRETS)
    assert given["PASSERELLES_BASE_URL"] == "https://orientation.exemple.ca"
    whole = {**of_image(), **given, "PASSERELLES_DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    code = (
        "import config.wsgi; from django.conf import settings; from search.engines import get_engine; "
        "print(settings.DATABASES['default']['HOST'], settings.DEBUG, settings.ALLOWED_HOSTS, "
        "get_engine().client.connection)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=whole, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("db False ['orientation.exemple.ca'] Connection(hosts=('http://elasticsearch:9200',)")
    assert "user='elastic'" in done.stdout
    assert "recherche" not in done.stdout


def test_the_image_is_made_of_files_that_are_there_and_sent() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    for name, rest in dockerfile():
        if name == "COPY" and not rest.startswith("--from"):
            *sources, _target = rest.split()
            for source in sources:
                assert (ROOT / source).exists(), source
                assert source not in ignored, source


def test_the_image_has_the_python_that_the_project_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    (image,) = [rest for name, rest in dockerfile() if name == "FROM" and rest.startswith("python:")]
    version = re.match(r"python:(\d+\.\d+)", image)
    assert version is not None
    assert version[1] in asked


def test_the_image_does_not_run_as_root() -> None:
    names = [name for name, _rest in dockerfile()]
    assert names.index("USER") < names.index("CMD")
    assert dict(dockerfile())["USER"] == "passerelles"
