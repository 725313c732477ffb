"""What a browser loads when it shows a page: only what is on the site itself."""

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

# Readers follow links, browsers do not. Icons drawn in a page name SVG's namespace, which is not loaded.
LOADING = {"src", "srcset", "poster", "data"}
LOADED_LINKS = {"stylesheet", "icon", "preload", "preconnect", "dns-prefetch", "manifest", "modulepreload"}


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.addresses += [value for name, value in given.items() if name in LOADING]
        if tag == "link" and LOADED_LINKS & set(given.get("rel", "").split()):
            self.addresses.append(given.get("href", ""))


def loaded_from_elsewhere(site: Path) -> Iterator[str]:
    """Each page or stylesheet that loads something from another server, with its address."""
    for page in sorted(site.rglob("*.html")):
        parser = _Loads()
        parser.feed(page.read_text("utf-8"))
        yield from (
            f"{page.relative_to(site)}: {found}" for found in parser.addresses if urlsplit(found).netloc
        )
    for sheet in sorted(site.rglob("*.css")):
        text = sheet.read_text("utf-8")
        if "@import" in text or "url(http" in text or "url(//" in text:
            yield f"{sheet.relative_to(site)}: an @import or url() of another server"
