"""What a measure was taken on, in a few words: a figure without its machine says nothing."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def described() -> str:
    """Processor, cores that may be used, memory, Python; and how busy the machine is by itself."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    busy = f"; charge au départ {load:.1f}" + (
        " (machine occupée\u00a0: chiffres à reprendre)" if load > cores / 2 else ""
    )
    return f"{_processor()}, {cores} cœurs, {memory:.0f} Go, Python {platform.python_version()}{busy}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
