from django.apps import AppConfig


class CorridorsConfig(AppConfig):
    name = "corridors"
    verbose_name = "Ententes et corridors"

    def ready(self) -> None:
        from . import negotiation, notices, receivers, review, workbook  # noqa: F401
