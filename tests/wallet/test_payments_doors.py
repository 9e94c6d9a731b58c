"""Payments, codes and charges through the HTTP door, as programs see them."""

from teahouse.money import AMOUNT_MAX
from tests.harness.house import PASSWORD
from tests.wallet.house import PIN, new_key
from tests.wallet.test_bank_doors import EUR, Caller, callers

__all__ = ["callers"]


async def test_two_strangers_pay_by_code(callers: tuple[Caller, Caller]) -> None:
    ann, bo = callers
    await ann(f"PUT /wallet/cashiers/{ann.id}")
    await bo("PUT /wallet/pin", 204, pin=PIN, password=PASSWORD)
    await ann("GET /wallet/desk/customer?handle=bo")
    await ann("POST /wallet/desk/top-ups", 201, key=new_key(), person=bo.id, amount={"amount": 80_00, **EUR})

    # Bo scans what Ann shows.
    asked = {"amount": 4_50, **EUR}
    code = await ann("POST /wallet/receive-codes", 201, amount=asked, note="Cake")
    payee = await bo("POST /wallet/codes/read", text=code["qr"])
    assert (payee["person"]["id"], payee["amount"], payee["note"]) == (ann.id, 4_50, "Cake")
    payment = {"key": new_key(), "to": ann.id, "amount": asked, "code": payee["code"]}
    paid = await bo("POST /wallet/payments", 201, **payment, approval=await bo.approves(4_50))
    assert paid["available"] == 75_50
    assert await bo("POST /wallet/payments", 201, **payment, approval="") == paid
    seen = await ann(f"GET /wallet/payments/{paid['payment']}")
    assert (seen["state"], seen["payer"]["id"], seen["amount"]) == ("paid", bo.id, 4_50)

    # Ann scans what Bo shows.
    shown = await bo("POST /wallet/pay-codes", 201)
    made = await ann("POST /wallet/charges", 201, key=new_key(), code=shown["code"], amount={"amount": 50, **EUR})
    charge = made["charge"]["id"]
    assert [each["id"] for each in (await bo("GET /wallet"))["waiting"]] == [charge]
    await bo(f"POST /wallet/charges/{charge}/pay", approval=await bo.approves(50))
    assert (await ann(f"GET /wallet/charges/{charge}"))["state"] == "paid"
    assert (await ann(f"POST /wallet/charges/{charge}/decline", 409))["code"] == "charge_over"

    entries = (await ann("GET /wallet/entries?currency=EUR"))["entries"]
    assert [(each["kind"], each["amount"], each.get("note", "")) for each in entries] == [
        ("payment", 50, ""),
        ("payment", 4_50, "Cake"),
    ]
    assert {each["other"] for each in entries} == {bo.id}


async def test_the_door_says_what_is_wrong(callers: tuple[Caller, Caller]) -> None:
    ann, bo = callers
    payment = {"key": new_key(), "to": ann.id, "approval": ""}
    for amount in (0, -1, 1.5, "ten", AMOUNT_MAX + 1, 10**30, None):
        answer = await bo("POST /wallet/payments", 400, **payment, amount={"amount": amount, **EUR})
        assert answer["code"] == "malformed"
    for body in ({"amount": 1, "currency": "eur"}, {"amount": 1}, 1):
        assert (await bo("POST /wallet/payments", 400, **payment, amount=body))["code"] == "malformed"
    assert (await bo(f"GET /wallet/payees/{ann.id}", 404))["code"] == "not_found"
    assert (await bo("POST /wallet/codes/read", 400, text="Hello"))["code"] == "not_a_code"
    charge = {"key": new_key(), "amount": {"amount": 1, **EUR}}
    assert (await bo("POST /wallet/charges", 400, **charge, code="12"))["code"] == "malformed"
    assert (await bo("POST /wallet/charges", 404, **charge, code="2" * 18))["code"] == "wrong_pay_code"
