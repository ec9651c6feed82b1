"""Labs on a web page, with no kernel and no network: the same programs, packed into one script.

>>> from helpers.labs import ActivationExplorer
>>> "data-relu-lab" in page(ActivationExplorer())
True
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable
from typing import Any

from helpers.labs.lab import FOLDER, Lab, module_of, style

__all__ = ["page", "placeholder", "script"]

EXPORT = "export default { render };"


def script(names: Iterable[str]) -> str:
    """Pack labs into one classic script, which works from ``file://`` too.

    Parameters
    ----------
    names : iterable of str
        Names of labs.

    Returns
    -------
    str
        JavaScript. When it runs, every placeholder above it becomes its lab.

    Raises
    ------
    FileNotFoundError
        If there is no such lab.
    ValueError
        If a lab's module does not end with the export that this relies on.
    """
    packed = []
    for name in names:
        module = module_of(name)
        if module.count("export ") != 1 or EXPORT not in module:
            raise ValueError(f"{name}.js must have one export, `{EXPORT}`")
        inner = module.replace(EXPORT, "return { render };")
        packed.append(f"{json.dumps(name)}: (() => {{\n{inner}\n}})(),")
    shim = (FOLDER / "web.js").read_text(encoding="utf-8")
    # </script> within a text would end the element that holds it.
    return "\n".join(
        ['(() => {\n"use strict";', shim, "make_labs({", *packed, "});\n})();"]
    ).replace("</script", r"<\/script")


def placeholder(name: str, state: dict[str, Any], fallback: str) -> str:
    """Write the element that becomes a lab where JavaScript runs, and is `fallback` elsewhere.

    Parameters
    ----------
    name : str
        Name of the lab.
    state : dict
        As `Lab.state` gives it.
    fallback : str
        HTML: a picture and a sentence.

    Examples
    --------
    >>> placeholder("neuron", {"b": 1.0}, "<p>A line.</p>")
    '<div data-relu-lab="neuron" data-state="{&quot;b&quot;: 1.0}"><p>A line.</p></div>'
    """
    given = html.escape(json.dumps(state, sort_keys=True))
    return f'<div data-relu-lab="{html.escape(name)}" data-state="{given}">{fallback}</div>'


def page(*labs: Lab, title: str = "Lab", head: str = "") -> str:
    """Write a whole page of labs, in one file that needs nothing else.

    Parameters
    ----------
    *labs : Lab
        In the order in which they stand.
    title : str
        Of the page.
    head : str
        More HTML for its head.

    Returns
    -------
    str
        HTML.
    """
    places = []
    for lab in labs:
        data, metadata = lab._repr_mimebundle_()
        alt = html.escape(metadata["image/png"]["alt"])
        source = base64.b64encode(data["image/png"]).decode()
        fallback = (
            f'<img alt="{alt}" src="data:image/png;base64,{source}" style="max-width: 100%">'
            f"<p>{alt}</p>"
        )
        places.append(placeholder(lab.name, lab.state(), fallback))
    names = dict.fromkeys(lab.name for lab in labs)
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{html.escape(title)}</title>\n<style>{style()}</style>{head}\n</head>",
            f"<body>\n<main>\n<h1>{html.escape(title)}</h1>",
            *places,
            f"</main>\n<script>\n{script(names)}\n</script>\n</body>\n</html>",
        ]
    )
