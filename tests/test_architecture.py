"""What the house promises of its own shape."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("registry", "corridors", "search", "config")


def python_files(*folders: str) -> list[Path]:
    return [
        path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts
    ]


def test_applications_depend_on_each_other_in_one_direction():
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", python_files(*APPS), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_stays_readable(path):
    assert len(path.read_text().splitlines()) <= 420, f"{path} is too long: split it"


def test_every_setting_read_from_the_environment_is_documented():
    read = set()
    for path in python_files("config"):
        read |= set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"", path.read_text()))
    documentation = (ROOT / "docs" / "exploitation.md").read_text()
    missing = {name for name in read if f"`{name}`" not in documentation}
    assert not missing, f"undocumented settings: {sorted(missing)}"


def test_nobody_decides_a_right_outside_policies():
    """Roles are compared in policies.py only (and named where accounts are made)."""
    allowed = {"registry/policies.py", "registry/enums.py", "corridors/policies.py"}
    guilty = []
    for path in python_files(*APPS):
        name = str(path.relative_to(ROOT))
        if name in allowed or "management/commands" in name or name.startswith("registry/models/"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in {"is_superuser", "is_staff_role"}:
                guilty.append(f"{name}:{node.lineno}")
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Role":
                guilty.append(f"{name}:{node.lineno}")
    assert not guilty, guilty


def test_third_party_front_end_code_is_not_committed():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    assert not [name for name in listed if "node_modules" in name or name.endswith((".min.js", ".woff2", ".min.css"))]


def test_requirements_are_pinned_with_hashes():
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt"):
        lines = (ROOT / name).read_text().splitlines()
        pins = [line for line in lines if "==" in line and not line.startswith(("#", " "))]
        assert pins and sum("--hash=sha256:" in line for line in lines) >= len(pins), name


@pytest.mark.parametrize("missing", ["PASSERELLES_SECRET_KEY", "PASSERELLES_HOSTS", "DATABASE_URL"])
def test_production_refuses_to_start_without_its_secrets(missing, tmp_path):
    environment = {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "PASSERELLES_SECRET_KEY": "x" * 60,
        "PASSERELLES_HOSTS": "exemple.ca",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'p.sqlite3'}",
        "PASSERELLES_DATA_DIR": str(tmp_path),
        "PATH": "/usr/bin:/bin",
    }
    del environment[missing]
    done = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert missing in done.stderr and "ne démarre pas" in done.stderr


def test_an_unreadable_closing_day_stops_the_start_and_says_which():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test", "PASSERELLES_CLOSED_DAYS": "24 décembre"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "24 décembre" in done.stderr
