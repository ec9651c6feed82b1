"""How Sphinx makes the site; `make site` gathers the sources first, see tools/site.py."""

import sys
import tomllib
from pathlib import Path

import tools

# myst-nb loads nbformat, which loads a checker of addresses whose grammar takes seconds to compile.
# No address is checked here, and jsonschema does without.
sys.modules.setdefault("rfc3987_syntax", None)

CLONE = Path(tools.__file__).resolve().parents[1]

project = "From one neuron to the dying-ReLU problem"
author = "the relu-course authors"
copyright = f"2026, {author}"  # noqa: A001 (the name that Sphinx wants)
release = tomllib.loads((CLONE / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "version"
]

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "tools.site_extension",
]
templates_path = ["templates"]
exclude_patterns = ["README.md", "extra", "static", "templates"]
language = "en"
nitpicky = False

# Notebooks: as they are stored. Nothing runs.
nb_execution_mode = "off"
nb_custom_formats = {".ipynb": "tools.site_extension.read_notebook"}
nb_mime_priority_overrides = [("html", "application/vnd.relu-course.lab+json", 0)]
nb_merge_streams = True
nb_code_prompt_show = "Show the set-up"
nb_code_prompt_hide = "Hide the set-up"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3

# Reference: from the docstrings. A name in single backticks is a link where there is such a thing.
default_role = "py:obj"
autodoc_default_options = {"members": True, "show-inheritance": False}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_google_docstring = False
napoleon_use_param = False  # types are words, no names to look up
napoleon_use_rtype = False
napoleon_custom_sections = [("Attributes", "params_style")]
add_module_names = False
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

# Formulas: MathJax from the site's own files. Its menu would look for parts that are not there.
mathjax_path = "vendor/mathjax-3.2.2/tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}, "svg": {"fontCache": "local"}}

html_theme = "furo"
html_title = "From one neuron to the dying-ReLU problem"
html_short_title = "The dying-ReLU course"
html_static_path = ["static"]
html_extra_path = ["extra"]
html_css_files = ["labs.css", "site.css"]
html_js_files = [("site.js", {"loading_method": "defer"})]
html_favicon = "static/favicon.svg"
html_domain_indices = False  # reference/index.md is better
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"

# Copied is what one types, not what comes out.
copybutton_selector = (
    "div.cell_input div.highlight pre, div.highlight-python pre, "
    "div.highlight-default pre, div.highlight-bash pre"
)
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True
