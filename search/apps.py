from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Orientation"

    def ready(self) -> None:
        from registry.auth import read_along

        from . import receivers, viewer  # noqa: F401

        read_along(viewer.HEAD, viewer.newest())
