"""A bucket of S3 in this process, for stores that take a client."""

import io
from dataclasses import dataclass, field
from typing import Any

from benchmarks.support.memory_tables import MemoryTables


@dataclass
class MemoryBucket:
    """Objects by key, of one bucket; its writes are counted and killed with those of the tables.

    Attributes
    ----------
    tables : MemoryTables
        Tables whose hooks count.
    objects : dict of str to bytes
        What is stored.
    parts : dict of str to dict of int to bytes
        Parts of objects that are not complete, by key.
    """

    tables: MemoryTables
    objects: dict[str, bytes] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)

    def put_object(self, *, Key: str, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803 - as boto3 names them
        """Store an object."""
        self.tables.around("PutObject", lambda: self.objects.__setitem__(Key, Body))
        return {}

    def get_object(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Return an object."""
        body = self.tables.around("GetObject", lambda: self.objects[Key], writes=False)
        return {"Body": io.BytesIO(body)}

    def create_multipart_upload(self, **_: Any) -> dict[str, Any]:
        """Begin an object that comes in parts."""
        return {"UploadId": str(len(self.parts))}

    def upload_part(self, *, Key: str, PartNumber: int, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Take a part of an object."""
        parts = self.parts.setdefault(Key, {})
        self.tables.around("UploadPart", lambda: parts.__setitem__(PartNumber, Body))
        return {"ETag": str(PartNumber)}

    def complete_multipart_upload(self, *, Key: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        """Store an object from its parts."""
        parts = self.parts.pop(Key)
        return self.put_object(Key=Key, Body=b"".join(parts[number] for number in sorted(parts)))
