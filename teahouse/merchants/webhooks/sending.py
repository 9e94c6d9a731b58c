"""One attempt to deliver one webhook: signed, to a public address, within a deadline."""

import asyncio
from typing import Final

import structlog

from teahouse.calling import Caller, NotPublic
from teahouse.config import Settings
from teahouse.keys import house_key
from teahouse.merchants.webhooks import rules
from teahouse.signatures import Request, SigningKey

TAG: Final = "teahouse-webhook"
DEADLINE_S: Final = 10.0
AGENT: Final = "Teahouse"

logger = structlog.get_logger()


class Sender:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._key: SigningKey | None = None
        self.caller = Caller(private_too=settings.webhooks_private)

    @property
    def key(self) -> SigningKey:
        """The house's, made when it is first needed."""
        if self._key is None:
            self._key = SigningKey(house_key(self._settings.data, "signing"))
        return self._key

    async def send(self, url: str, body: bytes) -> int:
        """Return the status of the answer; 0 for none."""
        import httpx  # noqa: PLC0415 - heavy, and most houses start without a webhook to send

        try:
            parsed = httpx.URL(url)
            # Settings may have changed since the address was set.
            _, port = rules.must_be_callable(url, private_too=self._settings.webhooks_private)
            request = Request("POST", str(parsed), {"Content-Type": "application/json", "User-Agent": AGENT})
            self.key.sign(request, body, TAG)
            async with (
                asyncio.timeout(DEADLINE_S),
                self.caller.call("POST", parsed, port, request.headers, body) as answer,
            ):
                return int(answer.status_code)
        except (NotPublic, rules.WrongWebhookUrl, httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError) as error:
            logger.info("webhook_not_delivered", url=url, error=repr(error))
        except ValueError as error:  # an IDNA error is one
            logger.info("webhook_address_wrong", url=url, error=repr(error))
        return 0
