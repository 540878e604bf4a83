from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Orientation"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
