"""What a person sees and clicks in Prefect's pages: run with `make test-ui`, which installs a browser.

The pictures go to `$WINNOW_PICTURES`, if it is set; two of them are in the README.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

BROWSER = os.environ.get("WINNOW_BROWSER", "/usr/bin/chromium")
PATIENCE = 60_000.0  # milliseconds


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A page of a headless browser with a fresh profile; what it asks of other machines is refused, and noted."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        made = browser.new_page(viewport={"width": 1400, "height": 1500})
        made.set_default_timeout(PATIENCE)
        yield made
        browser.close()


@pytest.fixture
def picture(page: Page, tmp_path: Path) -> Any:
    folder = Path(os.environ.get("WINNOW_PICTURES") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    def take(name: str) -> None:
        page.wait_for_timeout(1500)
        page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000

    return take


def test_a_person_starts_a_run_looks_at_it_and_promotes_what_it_made(team, page: Page, picture) -> None:
    pages, elsewhere = team.api.removesuffix("/api"), []
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((pages, "data:", "blob:")) else elsewhere.append(asked.url),
    )

    page.goto(f"{pages}/deployments")
    expect(page.get_by_text("garden").first).to_be_visible(timeout=PATIENCE)
    picture("deployments")

    page.goto(f"{pages}/deployments/deployment/{team.deployment('retrain/garden')['id']}/run")
    form = page.locator("form")
    for told in ("Name of the recipe: of its runs", "Whether an accepted adapter becomes the champion by itself"):
        expect(form.get_by_text(told).first).to_be_visible(timeout=PATIENCE)
    picture("form")
    before = {run["id"] for run in team.runs("retrain/garden")}
    page.get_by_role("button", name="Submit").click()
    run = team.until(lambda: {one["id"] for one in team.runs("retrain/garden")} - before, team.minute).pop()
    assert team.ends(run)["state_name"] == "Accepted"

    page.goto(f"{pages}/runs/flow-run/{run}")
    expect(page.get_by_text("Accepted").first).to_be_visible(timeout=PATIENCE)
    picture("run")
    page.get_by_text("Artifacts", exact=True).click()
    for artifact in ("funnel", "verdict", "history"):
        expect(page.get_by_text(re.compile(f"^{artifact}$", re.IGNORECASE)).first).to_be_visible(timeout=PATIENCE)
    picture("artifacts")
    of = {"flow_runs": {"id": {"any_": [run]}}}
    (verdict,) = (one["id"] for one in team.post("/artifacts/filter", **of) if one["key"] == "verdict")
    page.goto(f"{pages}/artifacts/artifact/{verdict}")
    expect(page.get_by_text("SHIP").first).to_be_visible(timeout=PATIENCE)
    picture("verdict")
    wide = page.viewport_size
    page.set_viewport_size({"width": 1280, "height": 900})
    table = page.locator(".markdown-renderer__table").first
    assert table.evaluate("it => it.scrollWidth <= it.clientWidth"), "its last columns are cut"
    page.set_viewport_size(wide)

    asked = team.until(
        lambda: [one for one in team.runs("promote/garden") if one["state_name"] == "Suspended"], team.minute
    )
    page.goto(f"{pages}/runs/flow-run/{asked[0]['id']}")
    page.get_by_role("button", name="Resume").click()
    modal = page.locator(".p-modal")
    expect(modal.get_by_text("become the champion of garden")).to_be_visible(timeout=PATIENCE)
    choice = modal.locator(".p-select-button__control")
    choice.press("ArrowDown")
    expect(page.get_by_role("option", name="promote")).to_be_visible(timeout=PATIENCE)
    choice.press("Enter")
    about, why, who = (modal.locator("textarea").nth(place) for place in range(3))  # as the form orders them
    expect(about).to_have_value(asked[0]["parameters"]["run"], timeout=PATIENCE)
    why.fill("it gains most, and forgets nothing")
    who.fill("Ada")
    picture("promote")
    modal.get_by_role("button", name="Submit").click()
    assert team.ends(asked[0]["id"])["state_name"] == "Promoted"
    (entry,) = json.loads((team.home / "champions" / "garden.json").read_text())["entries"]
    assert (entry["who"], entry["why"]) == ("Ada", "it gains most, and forgets nothing")
    page.goto(f"{pages}/dashboard")
    picture("dashboard")
    assert elsewhere == [], "nothing is asked of other machines"
