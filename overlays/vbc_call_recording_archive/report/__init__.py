"""The page that shows how an archive is: figures from the catalogue, drawn into one HTML file.

`figures` asks the catalogue, `verdict` puts it into a sentence, `calendar` and `charts` draw, `page` writes.
"""

from .figures import Figures, figures
from .page import MARK, page

__all__ = ["MARK", "Figures", "figures", "page"]
