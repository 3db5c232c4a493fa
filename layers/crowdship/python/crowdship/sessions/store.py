"""The tries of people who sign in, in the table of usage."""

from crowdship.adapters.buckets import BucketRow
from crowdship.adapters.storage import meta


class TriesRow(BucketRow):
    """The tries of one user name, or from one address."""

    Meta = meta("usage")
