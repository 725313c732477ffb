"""The page in a real browser: what it forbids itself harms nothing of it, and it fits on a phone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vbc_call_recording_archive.report import Figures, page

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="there is no Chromium here to look at it with"),
]

PHONE = 390
# In frames of the width of a phone and of a desk: how wide is what is shown, and which boxes are empty.
MEASURE = """
<body><script>
onload = () => [...document.querySelectorAll("iframe")].forEach(frame => {
  const inside = frame.contentDocument, out = document.createElement("p");
  const drawn = [...inside.querySelectorAll("svg[role=img]")].filter(each => each.checkVisibility());
  out.textContent = "measured " + JSON.stringify({
    width: frame.clientWidth, needs: inside.documentElement.scrollWidth, charts: drawn.length,
    empty: drawn.filter(each => each.getBBox().width < 20).length,
    strong: inside.defaultView.getComputedStyle(inside.querySelector("strong")).fontSize });
  document.body.append(out);
});
</script>
"""


def test_it_is_shown_as_it_is_meant_on_a_desk_and_on_a_phone(drawn: Figures, tmp_path: Path) -> None:
    text = "".join(page(drawn))
    (tmp_path / "report.html").write_text(text)
    (tmp_path / "broken.html").write_text(text.replace("</style>", " </style>"))
    frames = "".join(f'<iframe src="report.html" width="{width}"></iframe>' for width in (PHONE, 1280))
    (tmp_path / "frames.html").write_text(f'{MEASURE}{frames}<object data="broken.html"></object>')

    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"]
    command += ["--allow-file-access-from-files", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    command += [(tmp_path / "frames.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    measured = re.findall(r'measured \{"width":(\d+),"needs":(\d+),"charts":(\d+),"empty":(\d+)', done.stdout)
    assert len(measured) == 2, done.stdout[-2000:]
    for width, needs, charts, empty in measured:
        assert int(needs) <= int(width), "it has to be moved sideways"
        assert (int(charts) > 25, int(empty)) == (True, 0)
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not [line for line in said if "broken.html" not in line]
    assert any("Content Security Policy" in line for line in said), "the console tells what is forbidden"
