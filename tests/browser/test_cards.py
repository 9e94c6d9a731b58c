"""Places, people and links: sent from the composer, shown as cards, and opened on the other side."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import BUSY
from tests.browser.screens import composer, messages
from tests.browser.visitors import Visitors, path_of
from tests.conftest import OpenPage
from tests.harness.server import Server
from tests.previews.site import Page as SitePage
from tests.previews.site import Site, head


@pytest.fixture(scope="module")
def near_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitors]:
    """A house that may look at sites on this machine."""
    settings = {**BUSY, "PREVIEWS_PRIVATE": "true"}
    with Server(tmp_path_factory.mktemp("near") / "house", settings=settings) as server, Visitors(server) as visitors:
        yield visitors


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        drawn = io.BytesIO()
        Image.radial_gradient("L").resize((1200, 630)).convert("RGB").save(drawn, "JPEG")
        site.pages["/cup.jpg"] = SitePage(drawn.getvalue(), type="image/jpeg")
        site.pages["/tea"] = SitePage(head(title="How tea is made", description="From leaf to cup", image="/cup.jpg"))
        yield site


def attach(page: Page, what: str) -> Locator:
    page.get_by_role("button", name="Attach", exact=True).click()
    page.get_by_role("menuitem", name=what).click()
    return page.get_by_role("dialog")


def card(page: Page, name: str) -> Locator:
    return messages(page).get_by_role("link", name=name)


def test_where_one_is_opens_in_the_others_map(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    phone = open_page("phone")
    phone.context.grant_permissions(["geolocation"])
    phone.context.set_geolocation({"latitude": 31.2304, "longitude": 121.4737, "accuracy": 12})
    ann.sits_at(phone, f"/chats/{chat}")
    desktop = ben.sits_at(open_page("desktop"), f"/chats/{chat}")
    dialog = attach(phone, "Location")
    expect(dialog.get_by_text("within 12 m")).to_be_visible()
    dialog.get_by_label("Name of the place").fill("The old teahouse")
    dialog.get_by_role("button", name="Send location").click()

    place = card(desktop, "Open in maps: The old teahouse")
    expect(place).to_contain_text("31.23040, 121.47370")
    expect(place).to_have_attribute(
        "href", "https://www.openstreetmap.org/?mlat=31.230400&mlon=121.473700#map=16/31.230400/121.473700"
    )
    expect(place).to_have_attribute("rel", "noopener noreferrer")


def test_a_place_is_pasted_where_the_browser_may_not_tell(house: Visitors, open_page: OpenPage) -> None:
    ann, _, chat = house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    dialog = attach(page, "Location")
    expect(dialog.get_by_text("paste a place below")).to_be_visible()
    other = dialog.get_by_label("Another place")
    other.fill("somewhere")
    expect(dialog.get_by_text("There is no place in this.")).to_be_visible()
    expect(dialog.get_by_role("button", name="Send location")).to_be_disabled()
    other.fill("https://yandex.ru/maps/?ll=37.6156%2C55.7522&z=12")
    expect(dialog.get_by_text("55.75220, 37.61560")).to_be_visible()
    dialog.get_by_role("button", name="Send location").click()
    expect(card(page, "Open in maps: Location")).to_contain_text("55.75220, 37.61560")


def test_a_contact_is_passed_on_and_opens_their_profile(house: Visitors, open_page: OpenPage) -> None:
    ann, ben, chat = house.friends("ann", "ben")
    cleo = house.join("cleo")
    house.meet(ann, cleo)
    desktop = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    phone = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    dialog = attach(desktop, "Contact")
    dialog.get_by_role("searchbox", name="Search contacts").fill("cleo")
    dialog.get_by_role("button", name="Cleo").click()
    expect(card(desktop, "Open the profile of Cleo")).to_be_visible()
    card(phone, "Open the profile of Cleo").click()
    expect(phone.get_by_role("heading", name="Cleo", level=1)).to_be_visible()
    assert path_of(phone) == f"/contacts/{cleo.id}"
    expect(phone.get_by_role("button", name="Ask to be contacts")).to_be_visible()


def test_a_link_shows_what_it_leads_to(near_house: Visitors, open_page: OpenPage, site: Site) -> None:
    ann, ben, chat = near_house.friends("ann", "ben")
    desktop = ann.sits_at(open_page("desktop"), f"/chats/{chat}")
    phone = ben.sits_at(open_page("phone"), f"/chats/{chat}")
    composer(desktop).fill(f"Read {site.url}/tea")
    expect(desktop.get_by_role("status").get_by_text("How tea is made")).to_be_visible()
    desktop.get_by_role("button", name="Send", exact=True).click()
    expect(desktop.get_by_role("button", name="Send without the preview")).to_have_count(0)
    for page in (desktop, phone):
        shown = card(page, "How tea is made")
        expect(shown).to_contain_text("From leaf to cup")
        expect(shown).to_have_attribute("href", f"{site.url}/tea")
        picture = shown.locator("img")
        expect(picture).to_have_js_property("complete", True)
        expect(picture).to_have_js_property("naturalWidth", 1200)
    # The house looked once, for both.
    assert [path for path, _ in site.asked] == ["/tea", "/cup.jpg"]

    composer(desktop).fill(f"Again {site.url}/tea")
    desktop.get_by_role("button", name="Send without the preview").click()
    desktop.get_by_role("button", name="Send", exact=True).click()
    last = messages(phone).filter(has_text="Again")
    expect(last).to_be_visible()
    expect(last.get_by_text("How tea is made")).to_have_count(0)


def test_who_wants_no_previews_makes_none(near_house: Visitors, open_page: OpenPage, site: Site) -> None:
    ann, _, chat = near_house.friends("ann", "ben")
    page = ann.sits_at(open_page("desktop"), "/me/privacy")
    page.get_by_role("switch", name="Link previews").click()
    page.goto(f"{near_house.server.url}/chats/{chat}")
    composer(page).fill(f"Read {site.url}/tea")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(messages(page).filter(has_text="Read")).to_have_count(1)
    assert site.asked == []
