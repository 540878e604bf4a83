"""The chain from the admin to search: a published change leaves one entry in the log of changes, a draft none."""

from __future__ import annotations

import pytest

from search.models import OutboxEntry

from .building import KINDS
from .test_doors import bulk, changed_form, make, url


@pytest.mark.parametrize("model", list(KINDS), ids=lambda model: model.__name__)
def test_one_entry_for_each_published_change_and_none_for_a_draft(model, administrator):
    record = make(model)
    OutboxEntry.objects.all().delete()

    def entries() -> int:
        count = OutboxEntry.objects.count()
        OutboxEntry.objects.all().delete()
        return count

    data = changed_form(administrator, record)
    OutboxEntry.objects.all().delete()
    administrator.post(url(record, "edit"), data)
    draft = entries()
    administrator.post(url(record, "edit"), {**data, "action-publish": "1"})
    published = entries()
    administrator.post(url(record, "unpublish"))
    withdrawn = entries()
    administrator.post(bulk(model, "publish", record))
    bulk_published = entries()
    administrator.post(url(record, "delete"))
    deleted = entries()
    assert (draft, max(published, withdrawn, bulk_published, deleted)) == (0, 1)
    assert all(count <= 1 for count in (published, withdrawn, bulk_published, deleted))
    if model.__name__ == "Service":
        assert (published, withdrawn, bulk_published, deleted) == (1, 1, 1, 1)
