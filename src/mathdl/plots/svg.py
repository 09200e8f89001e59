"""The few SVG elements that the pictures are made of."""

from __future__ import annotations

import html
from collections.abc import Iterable

COLOURS = ("first", "second", "third", "fourth", "fifth", "sixth")  # each a class, and one for lines
# The colours stay apart for every kind of colour vision; the dark set is the same ones, lighter.
_STYLE = """
.plot{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;background:#fff}
.plot .ink{fill:#1c2733}.plot .soft{fill:#5b6875}.plot .pale{fill:#fff}
.plot .grid{stroke:#e3e8ed}.plot .axis{stroke:#aab4be}.plot .empty{fill:#f3f5f7}
.plot .first{fill:#0072b2}.plot .second{fill:#d55e00}.plot .third{fill:#009e73}
.plot .fourth{fill:#b9559a}.plot .fifth{fill:#c79200}.plot .sixth{fill:#3f9fd8}
.plot .region{fill-opacity:.13;stroke:#8a96a3;stroke-width:.8}.plot .mark{stroke:#fff;stroke-width:.7}
.plot .border,.plot .ring{stroke:#1c2733;fill:none}.plot .ring{stroke-width:1.3}.plot .halo{stroke:#fff;fill:none}
.plot .first-line{stroke:#0072b2;fill:none}.plot .second-line{stroke:#d55e00;fill:none}
.plot .third-line{stroke:#009e73;fill:none}.plot .fourth-line{stroke:#b9559a;fill:none}
.plot .fifth-line{stroke:#c79200;fill:none}.plot .sixth-line{stroke:#3f9fd8;fill:none}
@media screen and (prefers-color-scheme:dark){
.plot{background:#161b22}
.plot .ink{fill:#e6edf3}.plot .soft{fill:#9aa7b4}.plot .pale{fill:#0d1117}
.plot .grid{stroke:#2a323c}.plot .axis{stroke:#56616d}.plot .empty{fill:#1e252e}
.plot .first{fill:#56b4e9}.plot .second{fill:#f0a04b}.plot .third{fill:#3ecfa3}
.plot .fourth{fill:#e39ccb}.plot .fifth{fill:#f2dc5d}.plot .sixth{fill:#a9b8ff}
.plot .region{stroke:#6a7683}.plot .mark{stroke:#161b22}
.plot .border,.plot .ring{stroke:#e6edf3}.plot .halo{stroke:#161b22}
.plot .first-line{stroke:#56b4e9}.plot .second-line{stroke:#f0a04b}.plot .third-line{stroke:#3ecfa3}
.plot .fourth-line{stroke:#e39ccb}.plot .fifth-line{stroke:#f2dc5d}.plot .sixth-line{stroke:#a9b8ff}
}
"""


def escape(content: object) -> str:
    """Return text that is safe inside HTML and XML, whatever it holds.

    Parameters
    ----------
    content : object
        Anything; its ``str`` is taken. Control characters and lone surrogates, which XML forbids, become
        ``?``.

    Returns
    -------
    str
        The escaped text, safe as content and inside quoted attributes.

    Examples
    --------
    >>> escape('<b> & "c"')
    '&lt;b&gt; &amp; &quot;c&quot;'
    """
    text = str(content).encode("utf-8", "replace").decode("utf-8")
    return html.escape("".join(c if _allowed(c) else "?" for c in text))


def _allowed(character: str) -> bool:
    """Tell whether XML allows a character."""
    return character in "\t\n\r" or not (character < " " or "\x7f" <= character < "\xa0" or character in "\ufffe\uffff")


def shorten(content: object, length: int) -> str:
    """Return text of at most ``length`` characters, with an ellipsis where something was left out."""
    text = str(content)
    return text if len(text) <= length else text[: length - 1].rstrip() + "\u2026"


def element(name: str, *children: str, **attributes: object) -> str:
    """Return one element; an attribute's underscores become hyphens, and children must be escaped already.

    Examples
    --------
    >>> element("circle", r=2, css="first", fill_opacity=0.5)
    '<circle r="2" class="first" fill-opacity="0.5"/>'
    """
    written = "".join(f' {_attribute(key)}="{escape(_number(value))}"' for key, value in attributes.items())
    return f"<{name}{written}>{''.join(children)}</{name}>" if children else f"<{name}{written}/>"


def _attribute(key: str) -> str:
    """Return an attribute's name in SVG."""
    return "class" if key == "css" else key.replace("_", "-")


def _number(value: object) -> object:
    """Round a coordinate to a hundredth of a pixel."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else value


def words(x: float, y: float, content: object, *, size: float = 12, css: str = "ink", **attributes: object) -> str:
    """Return a line of text whose baseline starts at a point."""
    return element("text", escape(content), x=x, y=y, font_size=size, css=css, **attributes)


def through(points: Iterable[tuple[float, float]]) -> str:
    """Return the path through points, as the attribute ``d`` of a path."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def document(width: float, height: float, description: str, *body: str) -> str:
    """Return a whole SVG that stands by itself and inside a page.

    Parameters
    ----------
    width, height : float
        Size in pixels.
    description : str
        What the picture shows, for readers who cannot see it.
    *body : str
        The elements.

    Returns
    -------
    str
        The SVG.
    """
    return element(
        "svg",
        element("style", _STYLE),
        *body,
        xmlns="http://www.w3.org/2000/svg",
        css="plot",
        viewBox=f"0 0 {_number(width)} {_number(height)}",
        width=width,
        height=height,
        role="img",
        aria_label=description,
    )
