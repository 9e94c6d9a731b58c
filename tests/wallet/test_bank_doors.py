"""The cash desk and the bank through the HTTP door, as programs see them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from teahouse.app import Built
from teahouse.config import Settings
from teahouse.people.model import SignUp
from tests.harness.house import PASSWORD
from tests.wallet.bank_file import holds, read_file
from tests.wallet.house import PIN, new_key
from tests.wallet.test_bank import ACCOUNT, IBAN

EUR = {"currency": "EUR"}


class Caller:
    """A person's program."""

    def __init__(self, client: httpx.AsyncClient, person: str) -> None:
        self._client = client
        self.id = person

    async def __call__(self, where: str, status: int = 200, **body: Any) -> Any:
        verb, path = where.split(" ")
        answer = await self._client.request(verb, path, json=body if verb in ("POST", "PUT", "PATCH") else None)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def file(self, path: str) -> httpx.Response:
        return await self._client.get(path)

    async def approves(self, amount: int) -> str:
        approved = await self("POST /wallet/approvals", 201, amount={"amount": amount, **EUR}, pin=PIN)
        return str(approved["approval"])


@pytest.fixture
async def callers(tmp_path: Path) -> AsyncIterator[tuple[Caller, Caller]]:
    """An operator, and Bo."""
    built = Built(Settings(data=tmp_path / "house", registration="open", **ACCOUNT))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(built.running())
        link = await built.people.first_link()
        assert link is not None
        callers = []
        for handle, invitation in (("ann", link.rpartition("/")[2]), ("bo", "")):
            fields = {"invitation": invitation} if invitation else {}
            asked = SignUp(handle=handle, name=handle.title(), password=PASSWORD, **fields)
            signed = await built.people.accounts.sign_up(asked, handle)
            transport = httpx.ASGITransport(app=built.asgi())  # type: ignore[arg-type]
            headers = {"Authorization": f"Bearer {signed.token}"}
            client = httpx.AsyncClient(transport=transport, base_url="http://house/api/v1", headers=headers)
            callers.append(Caller(await stack.enter_async_context(client), signed.person.id))
        yield callers[0], callers[1]


async def test_from_the_desk_to_the_bank(callers: tuple[Caller, Caller]) -> None:
    ann, bo = callers
    await ann(f"PUT /wallet/cashiers/{ann.id}")
    await bo("PUT /wallet/pin", 204, pin=PIN, password=PASSWORD)
    customer = await ann("GET /wallet/desk/customer?handle=bo")
    assert customer["person"]["id"] == bo.id
    done = await ann("POST /wallet/desk/top-ups", 201, key=new_key(), person=bo.id, amount={"amount": 80_00, **EUR})
    assert done["operation"]["receipt"] == 1
    receipt = await bo(f"GET /wallet/receipts/{done['operation']['id']}")
    assert receipt == done["operation"]
    wallet = await bo("GET /wallet")
    assert wallet["balances"] == [{"currency": "EUR", "balance": 80_00, "available": 80_00}]
    assert wallet["bank_pay_out"]

    code = (await bo("POST /wallet/pay-codes", 201))["code"]
    paid = await ann("POST /wallet/desk/pay-outs", 201, key=new_key(), code=code, amount={"amount": 10_00, **EUR})
    (charge,) = (await bo("GET /wallet"))["waiting"]
    assert charge["cash"]
    await bo(f"POST /wallet/charges/{charge['id']}/pay", approval=await bo.approves(10_00))
    assert (await bo(f"GET /wallet/receipts/{paid['operation']['id']}"))["state"] == "done"
    closed = await ann("POST /wallet/desk/closings", 201, key=new_key(), counted=70_00, take=70_00, **EUR)
    assert (closed["closing"]["difference"], closed["closing"]["to_safe"]) == (0, 70_00)
    desk = await ann("GET /wallet/desk")
    assert [each["receipt"] for each in desk["operations"]] == [2, 1]
    assert (await bo("GET /wallet/desk", 403))["code"] == "not_a_cashier"

    asked = {"amount": {"amount": 70_00, **EUR}, "iban": IBAN, "name": "Bo Bérg"}
    wished = await bo("POST /wallet/withdrawals", 201, key=new_key(), approval=await bo.approves(70_00), **asked)
    assert await bo("GET /wallet/withdrawals") == [wished["withdrawal"]]
    assert await ann("GET /wallet/bank/waiting") == [wished["withdrawal"]]
    file = (await ann("POST /wallet/bank/files", 201, key=new_key(), **EUR))["file"]
    assert (await bo(f"POST /wallet/withdrawals/{wished['withdrawal']['id']}/cancel", 409))["code"] == "withdrawal_over"
    xml = await ann.file(f"/wallet/bank/files/{file['id']}/pain.001")
    assert xml.headers["content-type"].startswith("application/xml")
    assert xml.headers["content-disposition"] == f'attachment; filename="pain.001-{file["id"]}.xml"'
    assert xml.headers["cache-control"] == "no-store"
    holds(xml.content)
    assert [each.iban for each in read_file(xml.content).payments] == [IBAN]
    assert (await bo.file(f"/wallet/bank/files/{file['id']}/pain.001")).status_code == 403
    settled = await ann(f"POST /wallet/bank/files/{file['id']}/settle")
    assert settled["file"]["state"] == "settled"
    assert (await ann("GET /wallet/bank/files"))[0]["state"] == "settled"
    assert (await bo("GET /wallet"))["balances"][0]["balance"] == 0
    looks = (await bo("GET /wallet/looks"))["looks"]
    assert [each["what"] for each in looks] == ["withdrawal", "balance"]
