"""The page works in a real browser: sorting, filtering, the rows behind a figure, accounts, and paper."""

import shutil

import pytest
from drawn_tables import grid
from made_past import example, read_on

from sheetcrm.jobs import summary
from sheetcrm.reports.rendering import render_report
from sheetcrm.rules.settings import SummaryRule

EVIL = "<script>document.title='owned'</script>"


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


def written(snapshot, templates, path):
    rule = SummaryRule()
    page = summary.page(summary.findings(snapshot, rule, "week"), rule, "k")
    path.write_text(render_report(page, templates).html, "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def address(templates, tmp_path_factory):
    return written(example("wholesaler.xlsx"), templates, tmp_path_factory.mktemp("page") / "page.html")


@pytest.fixture
def page(browser, address):
    found = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints = []
    found.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    found.on("pageerror", lambda error: complaints.append(str(error)))
    found.goto(address)
    yield found
    assert complaints == []
    found.close()


def visible(page):
    return page.locator("section.page:visible").evaluate_all("all => all.map(one => one.id)")


def amounts(page):
    cells = page.locator("#rows-table tbody tr:visible td:nth-child(6)")
    return [float(one) for one in cells.evaluate_all("all => all.map(one => one.getAttribute('data-v'))") if one]


def test_a_key_figure_leads_to_its_rows_and_back_to_all(page):
    assert visible(page) == ["overview"]
    late = int(page.locator(".keys a >> nth=3").locator(".big").inner_text())
    page.locator(".keys a >> nth=3").click()
    assert visible(page) == ["leads"]
    rows = page.locator("#rows-table tbody tr:visible")
    assert rows.count() == late
    assert all("overdue" in text for text in rows.locator("td:nth-child(4)").all_inner_texts())
    page.locator(".chip a").click()
    assert page.locator("#rows-table tbody tr:visible").count() > late


def test_a_click_on_a_header_sorts_and_a_second_one_turns_it_around(page):
    page.goto(page.url.partition("#")[0] + "#leads")
    header = page.locator("#rows-table th:nth-child(6)")
    header.click()
    found = amounts(page)
    assert found == sorted(found)
    header.press("Enter")
    assert amounts(page) == sorted(found, reverse=True)
    assert header.get_attribute("aria-sort") == "descending"


def test_typing_filters_the_rows_whatever_the_accents(page):
    page.goto(page.url.partition("#")[0] + "#leads")
    page.fill("#rows-filter", "kummelmann proposal")
    rows = page.locator("#rows-table tbody tr:visible").all_inner_texts()
    assert rows
    assert all("Kümmelmann" in text and "Proposal" in text for text in rows)


def test_the_index_leads_to_the_page_of_an_account(page):
    page.goto(page.url.partition("#")[0] + "#accounts")
    name = page.locator("#accounts li a >> nth=5")
    called = name.inner_text()
    name.click()
    section = page.locator("section.account:visible")
    assert section.locator("h2").inner_text().startswith(called)
    assert section.locator("h3").count() >= 2


def test_all_links_within_the_page_have_a_target(page):
    missing = page.evaluate("""() => [...document.querySelectorAll('a[href^="#"]')].map(a => a.getAttribute('href'))
        .filter(one => !one.startsWith('#rows=') && !document.getElementById(one.slice(1)))""")
    # Customers beyond the accounts listed have no page of their own.
    assert [one for one in missing if not one.startswith("#c")] == []


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_is_wider_than_the_window(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_paper_the_tools_are_gone_and_the_figures_stay(page):
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator(".keys").is_visible()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_a_company_called_like_a_script_is_a_name(browser, templates, tmp_path):
    leads = grid("Leads", f"Lead ID|Company|Status|Owner|Amount\nL-1|{EVIL}|New|{EVIL}|5")
    uri = written(read_on([("2026-03-02", [leads])]), templates, tmp_path / "evil.html")
    page = browser.new_page()
    page.goto(uri + "#leads")
    assert "owned" not in page.title()
    assert EVIL in page.locator("#rows-table td >> nth=0").inner_text()
    page.close()
