"""The address of whoever calls, also through CloudFront.

API Gateway knows the address of the connection, which is CloudFront's for all who use the pages. CloudFront names the
viewer in a header that everybody may write, so the header counts only together with CloudFront's secret.
"""

from crowdship.kernel.signatures import equal

HEADER = "Origin-Secret"


def viewer_address(connection: str, forwarded: str | None, shown: str | None, secret: str) -> str:
    """Return the address of the device that a request came from.

    Parameters
    ----------
    connection : str
        The address of the connection.
    forwarded : str or None
        ``X-Forwarded-For``: each station adds the address that it was called from.
    shown : str or None
        The secret that came with the request.
    secret : str
        CloudFront's secret.

    Examples
    --------
    >>> viewer_address("edge", "made up, viewer, edge", "s3cret", "s3cret")
    'viewer'
    >>> viewer_address("edge", "viewer", "s3cret", "s3cret")
    'viewer'
    >>> viewer_address("somebody", "made up, somebody", "guessed", "s3cret")
    'somebody'
    """
    if shown is None or not equal(shown, secret):
        return connection
    stations = [station.strip() for station in (forwarded or "").split(",") if station.strip()]
    if stations[-1:] == [connection]:
        stations.pop()
    return stations[-1] if stations else connection
