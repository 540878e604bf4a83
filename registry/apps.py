from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "Répertoire"

    def ready(self) -> None:
        from . import receivers  # noqa: F401
