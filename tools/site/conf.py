"""Sphinx, for `python -m tools.site`: Markdown by MyST, without anything that a page would load from elsewhere."""

from app import __version__

project = "Trato"
author = "The Trato team"
project_copyright = "The Trato team, Apache 2.0"
release = version = __version__
extensions = ["myst_parser"]
html_theme = "furo"
html_title = f"Trato {release}"
html_show_sphinx = False
html_copy_source = False
myst_heading_anchors = 4
# The pages of codes show flow files with mistakes, which no highlighter can read.
suppress_warnings = ["misc.highlighting_failure"]
