"""What the registry tells the apps above it."""

from django.dispatch import Signal

# Sent once per change, inside the transaction of the change itself.
# sender: the model class; ids: list of primary keys that changed (created, published, unpublished, deleted);
# carry: a dict that receivers of `record_changing` filled before the change (old relations).
record_changed = Signal()

# Sent before, while the old relations can still be followed. sender, ids, carry.
record_changing = Signal()

# Sent when an edit was kept in the row of a record that is not published (a draft that its row follows), inside its
# transaction. sender: the model class; ids: list of primary keys.
draft_saved = Signal()
