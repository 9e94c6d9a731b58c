"""A stand-in for Stripe on a real socket: Checkout Sessions, payment intents, refunds with idempotency keys, and signed
webhooks. What it is sent and what it answers is held against the field names of the stripe library's own types."""

from __future__ import annotations

import hmac
import itertools
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe
from stripe.params import RefundCreateParams
from stripe.params.checkout import SessionCreateParams

SECRET_KEY = "sk_test_of_the_stand_in"
WEBHOOK_SECRET = "whsec_of_the_stand_in"
TYPES: dict[str, type] = {
    "checkout.session": stripe.checkout.Session,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
}
Answer = tuple[int, dict[str, Any]]


class Stopped(Exception):
    """The connection is cut without an answer."""


class StandIn:
    def __init__(self) -> None:
        self.url = ""
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.charges: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.asked: list[str] = []
        """Method and path of what was asked, in order."""
        self.down = False
        self.loses_answers = False
        """It does what it is asked for, but nobody hears."""
        self.refund_status = "succeeded"
        self.forgets_keys = False
        self.before_answer: Callable[[dict[str, Any]], None] = lambda made: None
        self._once: dict[str, tuple[Any, Answer]] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()

    # --- what people and the operator do on Stripe's pages ---

    def pays(self, session: str, *, status: str = "paid", amount: int | None = None, currency: str = "") -> None:
        """Pay on the page; with `unpaid` the bank takes days."""
        page = self.sessions[session]
        intent = self._new("payment_intent", "pi", metadata=dict(page["payment_intent_metadata"]), latest_charge=None)
        self.intents[intent["id"]] = intent
        page |= {"status": "complete", "payment_intent": intent["id"], "payment_status": status}
        page["amount_total"] = amount or page["amount_total"]
        page["currency"] = currency or page["currency"]
        if status == "paid":
            self.settles(session)

    def settles(self, session: str) -> None:
        """The bank has paid."""
        page = self.sessions[session]
        page["payment_status"] = "paid"
        intent = self.intents[page["payment_intent"]]
        charge = self._new(
            "charge",
            "ch",
            amount=page["amount_total"],
            amount_refunded=0,
            currency=page["currency"],
            payment_intent=intent["id"],
            metadata=intent["metadata"],
            refunded=False,
        )
        self.charges[charge["id"]] = charge
        intent["latest_charge"] = charge["id"]

    def expires(self, session: str) -> None:
        self.sessions[session]["status"] = "expired"

    def refunds_by_hand(self, session: str, amount: int) -> None:
        """The operator gives back on Stripe's own pages."""
        self._refund({"payment_intent": self.sessions[session]["payment_intent"], "amount": amount})

    def charge_of(self, session: str) -> dict[str, Any]:
        return self.charges[self.intents[self.sessions[session]["payment_intent"]]["latest_charge"]]

    def dispute_of(self, session: str, amount: int) -> dict[str, Any]:
        charge = self.charge_of(session)
        return self._new(
            "dispute",
            "dp",
            amount=amount,
            currency=charge["currency"],
            charge=charge["id"],
            payment_intent=charge["payment_intent"],
            reason="fraudulent",
            status="needs_response",
            metadata={},
        )

    # --- webhooks ---

    def event(self, kind: str, what: dict[str, Any]) -> bytes:
        """Return a webhook's body."""
        told = {"object": self._told(what)}
        event = self._new("event", "evt", type=kind, data=told, api_version=stripe.api_version, pending_webhooks=1)
        return json.dumps(event, indent=2).encode()

    @staticmethod
    def signature(body: bytes, *, secret: str = WEBHOOK_SECRET, age_s: int = 0) -> str:
        """Sign as docs.stripe.com/webhooks says it."""
        at = int(time.time()) - age_s
        signed = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
        return f"t={at},v1={signed},v0=0123"

    # --- the API ---

    def answer(self, method: str, path: str, given: dict[str, Any], headers: Any) -> Answer:
        with self._lock:
            self.asked.append(f"{method} {path}")
            if self.down:
                return 503, _error("api_error", "Down for a moment.")
            if headers.get("Authorization") != f"Bearer {SECRET_KEY}":
                return 401, _error("invalid_request_error", "Invalid API Key provided.")
            key = headers.get("Idempotency-Key") if method == "POST" else None
            if key in self._once and not self.forgets_keys:
                first, answer = self._once[key]
                if first != (path, given):
                    return 400, _error("idempotency_error", "Keys for idempotent requests can only be used once.")
            else:
                answer = self._do(method, path, given)
                if key and answer[0] < 500:
                    self._once[key] = (path, given), answer
        self.before_answer(answer[1])
        if self.loses_answers:
            raise Stopped()
        return answer

    def _do(self, method: str, path: str, given: dict[str, Any]) -> Answer:
        if (method, path) == ("POST", "/v1/checkout/sessions"):
            return 200, self._told(self._open(given))
        if (method, path) == ("POST", "/v1/refunds"):
            return self._refund(given)
        if (method, path) == ("GET", "/v1/refunds"):
            made = [
                self._told(each) for each in self.refunds.values() if each["payment_intent"] == given["payment_intent"]
            ]
            return 200, {"object": "list", "data": made, "has_more": False, "url": path}
        found = re.fullmatch(r"/v1/(checkout/sessions|payment_intents)/(\w+)", path)
        kept = {"checkout/sessions": self.sessions, "payment_intents": self.intents}[found[1]] if found else {}
        if method != "GET" or not found or found[2] not in kept:
            return 404, _error("invalid_request_error", f"Unrecognized: {method} {path}", "resource_missing")
        return 200, self._told(kept[found[2]], given.get("expand", {}).values())

    def _open(self, given: dict[str, Any]) -> dict[str, Any]:
        assert set(given) <= set(SessionCreateParams.__annotations__), given
        assert given["mode"] == "payment"
        (item,) = given["line_items"].values()
        price = item["price_data"]
        page = self._new(
            "checkout.session",
            "cs_test",
            amount_total=int(price["unit_amount"]) * int(item["quantity"]),
            currency=price["currency"],
            client_reference_id=given["client_reference_id"],
            metadata=given["metadata"],
            mode="payment",
            payment_intent=None,
            payment_status="unpaid",
            status="open",
            success_url=given["success_url"],
            cancel_url=given["cancel_url"],
        )
        page["url"] = f"https://checkout.stripe.com/c/pay/{page['id']}"
        page["payment_intent_metadata"] = given["payment_intent_data"]["metadata"]
        self.sessions[page["id"]] = page
        return page

    def _refund(self, given: dict[str, Any]) -> Answer:
        assert set(given) <= set(RefundCreateParams.__annotations__), given
        amount, intent = int(given["amount"]), self.intents[given["payment_intent"]]
        charge = self.charges[intent["latest_charge"]]
        if charge["amount_refunded"] + amount > charge["amount"]:
            return 400, _error("invalid_request_error", "Charge has already been refunded.", "charge_already_refunded")
        refund = self._new(
            "refund",
            "re",
            amount=amount,
            charge=charge["id"],
            currency=charge["currency"],
            payment_intent=intent["id"],
            metadata=given.get("metadata", {}),
            status=self.refund_status,
        )
        self.refunds[refund["id"]] = refund
        if self.refund_status in ("succeeded", "pending"):
            charge["amount_refunded"] += amount
            charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        return 200, self._told(refund)

    def _new(self, kind: str, prefix: str, **fields: Any) -> dict[str, Any]:
        return {"id": f"{prefix}_{next(self._numbers)}", "object": kind, "created": int(time.time()), **fields}

    def _told(self, what: dict[str, Any], expand: Any = ()) -> dict[str, Any]:
        """An object as it is told, with what is to be expanded in it; every field is one of the library's."""
        told = {name: value for name, value in what.items() if name != "payment_intent_metadata"}
        assert set(told) <= set(TYPES[told["object"]].__annotations__), told
        for path in expand:
            name, _, deeper = path.partition(".")
            kept = self.intents if name == "payment_intent" else self.charges
            if told.get(name):
                told[name] = self._told(kept[told[name]], [deeper] if deeper else ())
        return dict(told)


def _error(kind: str, message: str, code: str = "") -> dict[str, Any]:
    return {"error": {"type": kind, "message": message, **({"code": code} if code else {})}}


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Read a form as Stripe does: `line_items[0][price_data][currency]`."""
    form: dict[str, Any] = {}
    for name, value in pairs:
        *outer, last = re.findall(r"[^\[\]]+", name)
        inner = form
        for part in outer:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return form


@contextmanager
def stripe_stand_in() -> Iterator[StandIn]:
    stand_in = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._answer("POST", self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())

        def _answer(self, method: str, form: str) -> None:
            try:
                given = nested(parse_qsl(form, keep_blank_values=True))
                status, body = stand_in.answer(method, urlsplit(self.path).path, given, self.headers)
            except Stopped:
                self.close_connection = True
                return
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
