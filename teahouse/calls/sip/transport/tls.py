"""TLS: whom we trust, and who we are (RFC 3261 26.3, RFC 5922)."""

import ssl


def for_clients(verify: bool, certificate: str = "") -> ssl.SSLContext:
    """For connections that we open. The server's certificate must bear the trunk's own name, whatever DNS led to.
    The system's authorities are trusted (`SSL_CERT_FILE` names others). Raises `OSError`."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate)
    return context


def for_servers(certificate: str) -> ssl.SSLContext:
    """For connections that come; `certificate` is a PEM file with the key too. Raises `OSError`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    return context
