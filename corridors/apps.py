from django.apps import AppConfig


class CorridorsConfig(AppConfig):
    name = "corridors"
    verbose_name = "Ententes et corridors"

    def ready(self) -> None:
        from . import amendments, ending, negotiation, notices, receivers, review, sending, workbook  # noqa: F401
