"""What the registry tells the apps above it."""

from django.dispatch import Signal

# Sent once per change, inside the transaction of the change itself.
# sender: the model class; ids: list of primary keys that changed (created, published, unpublished, deleted);
# carry: a dict that receivers of `record_changing` filled before the change (old relations).
record_changed = Signal()

# Sent before, while the old relations can still be followed. sender, ids, carry.
record_changing = Signal()

# Sent around an edit that is kept in the row of a record that is not published (a draft that its row follows), before
# and after, inside its transaction; a new draft is told of after alone. sender: the model class; ids: list of primary
# keys; carry: a dict that goes from one to the other.
draft_saving = Signal()
draft_saved = Signal()
