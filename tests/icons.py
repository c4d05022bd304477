"""`python -m tests.icons`: the icons of an installed Fanfare, drawn from its logo by a browser."""

from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from project.web.icons import ICONS
from tests.chromium import installed_browser

FOLDER = Path(__file__).resolve().parents[1] / "project" / "static" / "fanfare"
MARGIN, MARGIN_TO_CUT = 0.06, 0.2  # of a side; a launcher may cut whatever is outside of 80 %
COLOURS = 32


def main() -> None:
    logo = (FOLDER / "logo.svg").read_text()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=installed_browser(), args=["--no-sandbox"]
        )
        for name, pixels, may_be_cut in ICONS:
            page = browser.new_page(viewport={"width": pixels, "height": pixels})
            edge = round(pixels * (MARGIN_TO_CUT if may_be_cut else MARGIN))
            page.set_content(
                f"<style>body{{margin:{edge}px}}svg{{width:{pixels - 2 * edge}px}}</style>{logo}"
            )
            drawn = page.screenshot(omit_background=not may_be_cut)
            image = Image.open(BytesIO(drawn)).quantize(COLOURS, Image.Quantize.FASTOCTREE)
            image.save(FOLDER / name, optimize=True)
        browser.close()


if __name__ == "__main__":
    main()
