from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "Répertoire"

    def ready(self) -> None:
        from . import auth, receivers
        from .imports import receivers as imports_receivers  # noqa: F401
        from .workbook import organizations, places, services, vocabulary  # noqa: F401

        auth.register_policies()
        post_migrate.connect(receivers.prepare_approval, sender=self, dispatch_uid="registry_prepare_approval")
