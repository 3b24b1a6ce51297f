"""The pages of `moodring report`, in Chromium: they need nothing else, nothing is wrong in them, and the library's table does what it promises."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from conftest import EXCERPT, ROOT

GENRES = ["rock", "jazz", "folk", None]


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, without a window, which tells what a page asks for and complains of."""
    options = webdriver.ChromeOptions()
    # Root has no sandbox.
    for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,1500"]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
    yield driver
    driver.quit()


def show(browser, page: Path):
    """Opens a page, which must ask for nothing but itself and complain of nothing; a picture is kept where MOODRING_PICTURES says."""
    browser.get_log("browser"), browser.get_log("performance")
    browser.get(page.as_uri())
    assert_quiet(browser, page)
    if pictures := os.environ.get("MOODRING_PICTURES"):
        browser.save_screenshot(str(Path(pictures) / f"{page.stem}.png"))


def assert_quiet(browser, page):
    assert browser.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"}
    assert asked <= {page.as_uri()}


@pytest.fixture(scope="module")
def listing(tmp_path_factory):
    """500 songs as `moodring tag --format jsonl` writes them, one of which could not be read and one of which means harm."""
    path = tmp_path_factory.mktemp("listing") / "music.jsonl"
    songs = []
    for index in range(500):
        genre = GENRES[index % 4]
        songs.append({
            "file": f"/music/{index % 7}/song {index}.flac",
            "seconds": 100 + (index * 37) % 301,
            "headlines": {"genre": genre, "instrument": "piano" if index % 2 else None, "mood": "calm"},
            "valence": round((index * 13 % 100) / 25 - 2, 2),
            "arousal": round((index * 29 % 100) / 25 - 2, 2),
            "tags": {"genre": {"blues": 0.2, genre or "pop": 0.5}, "instrument": {"piano": 0.4}},
            "note": None,
        })
    songs.append({"file": "/music/broken.mp3", "error": "/music/broken.mp3: no sound file"})
    songs.append(songs[0] | {"file": "/music/0/</script><script>document.title='harm'</script>.flac", "arousal": 3.0})
    path.write_text("".join(json.dumps(song) + "\n" for song in songs))
    return path


@pytest.fixture(scope="module")
def library(browser, moodring, listing):
    """The library's page."""
    page = listing.with_name("library.html")
    moodring("report", listing, "-o", page)
    show(browser, page)
    return page


def cells(browser, column):
    """What a column shows, of the rows that are there."""
    script = "return [...document.querySelectorAll('#rows tr:not(.gap)')].map((row) => row.children[arguments[0]].textContent)"
    return browser.execute_script(script, column)


def head(browser, name):
    return browser.find_element(By.XPATH, f"//th/button[text()='{name}']")


def test_a_song_s_page_draws_what_was_heard(browser, moodring, tmp_path):
    page = tmp_path / "song.html"
    moodring("report", EXCERPT, "-o", page)
    show(browser, page)
    assert browser.title == f"{EXCERPT.name} - Moodring"
    assert len(browser.find_elements(By.CSS_SELECTOR, "#lanes tr")) >= 10
    for canvas in ["#lanes canvas", "#plane", "#sound"]:
        assert colours(browser, canvas) > 2, canvas


def colours(browser, selector):
    """How many colours a canvas has."""
    script = """
        const canvas = document.querySelector(arguments[0]);
        const bytes = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(new Uint32Array(bytes.buffer)).size"""
    return browser.execute_script(script, selector)


def test_the_table_sorts_by_click_and_by_key(browser, library):
    first = cells(browser, 0)
    assert first[:2] == ["0/</script><script>document.title='harm'</script>.flac", "0/song 0.flac"]
    assert browser.title == "music.jsonl - Moodring"
    # Only what can be seen is there.
    assert 20 <= len(first) < 100

    def arousal():
        return [float(value) for value in cells(browser, 6)]

    head(browser, "Arousal").click()
    up = arousal()
    assert up == sorted(up) and up[0] == -2
    head(browser, "Arousal").click()
    down = arousal()
    assert down == sorted(down, reverse=True) and down[0] == 3
    assert head(browser, "Arousal").find_element(By.XPATH, "..").get_attribute("aria-sort") == "descending"
    # By key: a button is one to the keyboard.
    head(browser, "Length").send_keys(Keys.ENTER)
    lengths = cells(browser, 1)
    assert lengths == sorted(lengths, key=lambda text: [int(part) for part in text.split(":")])
    # What has no value is last, whichever way: the broken one has no length.
    for _ in range(2):
        browser.execute_script("document.getElementById('list').scrollTop = 1e6")
        settle(browser)
        assert cells(browser, 0)[-1] == "broken.mp3"
        head(browser, "Length").send_keys(Keys.SPACE)
    head(browser, "Song").click()


def settle(browser):
    """Waits until what scrolling begins is done."""
    browser.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")


def test_the_filter_takes_words_and_a_genre(browser, library):
    field = browser.find_element(By.ID, "filter")
    count = browser.find_element(By.ID, "count")
    assert count.text == "502 of 502"
    field.send_keys("JAZZ song")
    assert count.text == "125 of 502"
    assert set(cells(browser, 2)) == {"jazz"}
    field.clear()
    field.send_keys("no sound file")
    assert cells(browser, 0) == ["broken.mp3"]
    field.clear()
    field.send_keys(Keys.SPACE, Keys.BACKSPACE)
    folk = browser.find_element(By.XPATH, "//div[@id='legend']/button[starts-with(., 'folk')]")
    folk.click()
    assert count.text == "125 of 502" and folk.get_attribute("aria-pressed") == "true"
    folk.click()
    assert count.text == "502 of 502"


def test_songs_are_found_from_the_map_and_by_key(browser, library):
    plane, tip = browser.find_element(By.ID, "plane"), browser.find_element(By.ID, "tip")
    assert colours(browser, "#plane") > 10
    # Where one song is alone: the highest, which is at valence -2.
    x, y = browser.execute_script("return place(songs.find((song) => song.arousal === 3))")
    left, top = x - plane.size["width"] / 2, y - plane.size["height"] / 2
    ActionChains(browser).move_to_element_with_offset(plane, round(left), round(top)).perform()
    assert "harm" in tip.text and tip.is_displayed()
    ActionChains(browser).click().perform()
    assert "harm" in browser.find_element(By.CSS_SELECTOR, "tr.chosen").text
    table = browser.find_element(By.ID, "list")
    table.send_keys(Keys.ARROW_DOWN)
    assert "song 0.flac" in browser.find_element(By.CSS_SELECTOR, "tr.chosen").text
    table.send_keys(Keys.END)
    settle(browser)
    assert "broken.mp3" in browser.find_element(By.CSS_SELECTOR, "tr.chosen").text
    assert_quiet(browser, library)


def test_a_folder_is_heard_and_what_can_t_be_read_is_shown_as_that(browser, tmp_path):
    folder, page = tmp_path / "Music", tmp_path / "folder.html"
    folder.mkdir()
    for song in ["crazy_glue.ogg", "didgeridoo.ogg", "twit_journalist.ogg", "war_of_freedom.ogg"]:
        (folder / song).write_bytes((ROOT / "tests" / "music" / song).read_bytes())
    (folder / "broken.mp3").write_text("this is no sound")
    arguments = [os.environ["MOODRING_COMMAND"], "report", folder, "-o", page]
    done = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, timeout=600)
    assert done.returncode == 1 and "broken.mp3" in done.stderr
    show(browser, page)
    assert cells(browser, 0) == ["broken.mp3", "crazy_glue.ogg", "didgeridoo.ogg", "twit_journalist.ogg", "war_of_freedom.ogg"]
    assert cells(browser, 2)[4] == "heavy metal"
    assert cells(browser, 7)[0]
