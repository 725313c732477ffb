"""How Sphinx turns the pages into the site. `make docs` calls it, and scripts/site lays out what it reads."""

import tomllib
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from scripts.site import docstrings

ROOT = Path(__file__).resolve().parents[1]
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

project = _PROJECT["name"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"
suppress_warnings = ["ref.python"]  # InputError is a name of the client and of the sandbox

# Pages are Markdown as GitHub reads it; a link to a heading that is not there is a warning, and so an error.
myst_heading_anchors = 4
myst_enable_extensions = ["attrs_inline"]

# Docstrings are Google's style, with `code` in single backticks.
default_role = "code"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = [("Keys", "params_style")]
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autodoc_default_options = {"members": True}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88

# Nothing is loaded from elsewhere: furo brings its fonts' names only, and its script and styles with it.
html_theme = "furo"
html_title = _PROJECT["name"]
html_static_path = [str(ROOT / "docs" / "site.css")]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"navigation_with_keys": True}
pygments_style = "friendly"
pygments_dark_style = "monokai"


def setup(app: Sphinx) -> None:
    app.add_lexer("crontab", TextLexer)  # a language that GitHub knows and Pygments does not
    app.connect("autodoc-process-docstring", docstrings.read, priority=400)  # napoleon's is 500
    app.connect("autodoc-process-signature", docstrings.shown)
