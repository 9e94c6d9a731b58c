"""REGISTER on a network in memory: renewed in time, patient with failures, and taken back."""

import pytest

from teahouse.calls.sip.message import Request, response_to, serialise
from teahouse.calls.sip.transactions import Flow
from tests.calls.sip.virtual import Network, VirtualAgent

REGISTRAR = Flow("udp", "10.0.0.2", 5060)


class Registrar:
    """Answers each REGISTER as `code` says, for `expires` seconds, and remembers when each came."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.ours = VirtualAgent(network, "10.0.0.1")
        self.code: int | None = 200
        self.expires = "3600"
        self.seen_as = ""
        self.came: list[tuple[float, Request]] = []
        network.loses = self._hear
        self.ours.trusts(REGISTRAR.host, register=True, user="ann", password="secret", domain="tea.example")

    def _hear(self, message: object) -> bool:
        assert isinstance(message, Request)
        self.came.append((self.network.now, message))
        if self.code is not None:
            via = f"{message.headers['Via']}{self.seen_as}"
            contact = f"{message.headers['Contact']};expires={self.expires}"
            response = response_to(message, self.code, to_tag="t", headers=[("Contact", contact)])
            response.headers.set("Via", via)
            self.network.at(self.network.now, lambda: self.ours.agent.receive(serialise(response), REGISTRAR))
        return True

    @property
    def times(self) -> list[float]:
        return [when for when, _ in self.came]


def test_a_registration_is_renewed_before_it_ends() -> None:
    registrar = Registrar(Network())
    registrar.network.run(3600 * 10)
    gaps = [after - before for before, after in zip(registrar.times, registrar.times[1:], strict=False)]
    assert all(0.7 * 3600 < gap < 3600 for gap in gaps)
    assert registrar.ours.agent.status("them").state == "up"
    first, second = registrar.came[0][1], registrar.came[1][1]
    assert (str(first.uri), first.headers["To"]) == ("sip:tea.example", "<sip:ann@tea.example>")
    assert first.call_id == second.call_id
    assert second.cseq.sequence == first.cseq.sequence + 1


def test_a_registrar_that_is_away_is_asked_more_and_more_slowly() -> None:
    registrar = Registrar(Network())
    registrar.code = 500
    registrar.network.run(3600 * 2)
    assert registrar.ours.agent.status("them").state == "down"
    assert 8 < len(registrar.came) < 40
    registrar.code = 200
    registrar.network.run(600)
    assert registrar.ours.agent.status("them").state == "up"


def test_a_silent_registrar() -> None:
    registrar = Registrar(Network())
    registrar.code = None
    registrar.network.run(60)
    assert (registrar.ours.agent.status("them").state, registrar.ours.agent.status("them").detail) == (
        "down",
        "no answer",
    )


def test_a_registrar_whose_name_leads_nowhere() -> None:
    network = Network()
    ours = VirtualAgent(network, "10.0.0.1")
    ours.trusts("nowhere.example", register=True, user="ann")
    assert (ours.agent.status("them").state, ours.agent.status("them").detail) == ("down", "its name leads nowhere")
    network.names["nowhere.example"] = [REGISTRAR.host]
    network.run(30)
    assert network.methods(ours.host)[0] == "REGISTER"


def test_behind_a_nat_the_address_that_the_registrar_saw_is_registered() -> None:
    registrar = Registrar(Network())
    registrar.seen_as = ";received=198.51.100.7;rport=40000"
    registrar.network.run(1)
    contacts = [request.headers["Contact"] for _, request in registrar.came]
    assert contacts == ["<sip:ann@10.0.0.1:5060>", "<sip:ann@198.51.100.7:40000>"]


def test_an_address_that_the_operator_gave_is_not_talked_out_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VirtualAgent, "has_public_address", True)
    registrar = Registrar(Network())
    registrar.seen_as = ";received=198.51.100.7;rport=40000"
    registrar.network.run(1)
    assert [request.headers["Contact"] for _, request in registrar.came] == ["<sip:ann@10.0.0.1:5060>"]


def test_other_settings_of_the_same_trunk_register_anew_and_take_nothing_back() -> None:
    registrar = Registrar(Network())
    registrar.network.run(10)
    registrar.ours.trusts(REGISTRAR.host, register=True, user="ann", password="other", domain="tea.example")
    registrar.network.run(10)
    assert [request.headers["Expires"] for _, request in registrar.came] == ["600", "600"]


def test_who_leaves_takes_the_registration_back() -> None:
    registrar = Registrar(Network())
    registrar.network.run(10)
    registrar.ours.agent.leave()
    assert not registrar.ours.agent.is_quiet
    registrar.network.run(10)
    assert registrar.came[-1][1].headers["Expires"] == "0"
    assert registrar.ours.agent.is_quiet
    count = len(registrar.came)
    registrar.network.run(10_000)
    assert len(registrar.came) == count


def test_a_trunk_that_is_no_longer_wanted_is_unregistered() -> None:
    registrar = Registrar(Network())
    registrar.network.run(10)
    registrar.ours.agent.set_trunks([])
    registrar.network.run(10)
    assert registrar.came[-1][1].headers["Expires"] == "0"
    assert registrar.ours.agent.status("them").state == "off"
