"""Phone numbers of orders from files and shops, which may be in a national format."""

from crowdship.vault.phones import phone_number


def international(written: str, country: str | None) -> str | None:
    """Return a number in E.164, or None if it can't be read for certain.

    Parameters
    ----------
    country : str or None
        ISO 3166 code of the country whose national format a number without ``+`` has.
    """
    try:
        return phone_number(written, country).e164
    except ValueError:
        return None
