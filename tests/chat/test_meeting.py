async def test_first(tea):
    ann, bob = await tea.friends("ann", "bob")
    (direct,) = await ann.chats()
    assert await ann.says(direct, "Hello") == 2
    assert await bob.texts(direct) == ["(contacts_now)", "Hello"]
    group = await ann.opens("group", bob)
    await bob.says(group, "你好，世界")
    await ann.says(group, "Ёлка стоит")
    assert await ann.finds("елка") == ["Ёлка стоит"]
    assert await ann.finds("世界") == ["你好，世界"]
    print(await ann.chats())
