"""Two people meet and chat, on two devices each, and no device misses or doubles a thing."""

from pathlib import Path

from tests.harness.people import Neighbours, all_of, messages
from tests.harness.server import Server


async def test_friends_chat_on_two_devices_each(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben, chat = await house.friends("ann", "ben")
        ann_phone, ann_desk, ben_phone, ben_desk = await all_of(
            ann.device(), ann.device(sign_in=True), ben.device(), ben.device(sign_in=True)
        )
        sent = await ann_phone.says(chat, "Is the kettle on?")
        for device in (ann_desk, ben_phone, ben_desk):
            told = await device.told("message.new", text="Is the kettle on?")
            assert (told["chat"], told["seq"], told["sender"]) == (chat, sent["seq"], ann.id)

        await ben_desk.does("receipt", chat=chat, read=sent["seq"])
        read = await ann_phone.told("receipt.changed", person=ben.id, read=sent["seq"])
        assert read["delivered"] == sent["seq"]
        own = await ben_phone.told("chat.read", chat=chat, read_seq=sent["seq"])
        assert own["unread"] == 0

        await ben_phone.does("message.react", chat=chat, seq=sent["seq"], emoji="🍵")
        reacted = await ann_desk.told("message.reactions", seq=sent["seq"])
        assert reacted["reactions"] == [{"emoji": "🍵", "people": [ben.id]}]

        # The device that sent has its answer instead of the event.
        assert not messages(ann_phone.events, chat)


async def test_what_one_types_and_drafts_reaches_the_right_devices_only(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben, chat = await house.friends("ann", "ben")
        ann_phone, ann_desk, ben_phone = await all_of(ann.device(), ann.device(sign_in=True), ben.device())
        await ann_phone.does("typing", chat=chat)
        assert (await ben_phone.told("typing", chat=chat))["person"] == ann.id
        await ann_phone.does("draft.set", chat=chat, text="Half a thou")
        assert (await ann_desk.told("draft.changed", chat=chat))["draft"]["text"] == "Half a thou"
        await ann_phone.says(chat, "done")
        await ben_phone.told("message.new", text="done")
        assert not [event for event in ben_phone.events if event["type"] == "draft.changed"]


async def test_a_month_away_comes_back_in_pages_while_others_write(tmp_path: Path) -> None:
    with Server(tmp_path / "house", settings={"RATE_PERSON": "100000"}) as server:
        async with Neighbours(server) as house:
            ann, ben, chat = await house.friends("ann", "ben")
            desk = await ann.device()
            phone = await ben.device()
            await phone.does("sync", cursor="")
            await desk.says(chat, "before")
            await phone.told("message.new", text="before")
            await phone.close()
            for number in range(1200):
                await desk.says(chat, f"news {number}")
            edited = await desk.says(chat, "a tpyo")
            await desk.does(
                "message.edit", chat=chat, seq=edited["seq"], content={"kind": "text", "text": "a typo, mended"}
            )
            await phone.open()
            # While the phone pages through what it missed, more is said.
            missed, *_ = await all_of(phone.catches_up(), *(desk.says(chat, f"meanwhile {n}") for n in range(20)))
            await phone.told("message.new", text="meanwhile 19")
            seqs = [event["seq"] for event in messages(phone.events, chat)]
            assert seqs == sorted(set(seqs)), "each message once and in order"
            assert seqs == list(range(seqs[0], seqs[-1] + 1)), "none is missing"
            assert len(missed) > 500, "more than one page"
            mended = [event for event in missed if event["type"] == "message.changed"]
            assert [event["message"]["content"]["text"] for event in mended] == ["a typo, mended"]
            assert [event for event in missed if event["type"] == "message.new"][-1]["seq"] >= edited["seq"]


async def test_a_new_device_starts_from_now(server: Server) -> None:
    async with Neighbours(server) as house:
        ann, ben, chat = await house.friends("ann", "ben")
        desk = await ann.device()
        await desk.says(chat, "old news")
        phone = await ben.device()
        synced = await phone.does("sync", cursor="")
        assert synced["more"] is False
        assert not messages(phone.events, chat)
        chats = await ben.http("GET", "/chats")
        assert chats["chats"][0]["last_message"]["content"]["text"] == "old news"
        assert chats["chats"][0]["unread"] == 1
        await desk.says(chat, "fresh news")
        await phone.told("message.new", text="fresh news")
