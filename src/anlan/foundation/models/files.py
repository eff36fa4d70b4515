"""Files: encrypted, stored by content, each with a purpose and an end."""

from django.db import models

from anlan.foundation.models.scoped import Scoped


class StoredFile(Scoped):
    """One file as somebody filed it; its bytes lie in DATA_DIR/files under their keyed hash."""

    on_redraw = "stays"

    content_hash = models.BinaryField()
    suite = models.TextField()
    name = models.TextField()
    media_type = models.TextField()
    byte_count = models.BigIntegerField()
    purpose = models.TextField()  # whose work it serves: a post without this purpose does not see the row
    post_id = models.UUIDField(null=True)
    stored_at = models.DateTimeField()
    expires_at = models.DateTimeField()
