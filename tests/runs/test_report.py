"""The report is one self-contained page that says what the run found."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mathdl.models.number_table import NumberTable
from mathdl.runs.report import duration, render_report, table
from mathdl.runs.report_record import Drawing, Report, WorstPictures, WorstRows
from mathdl.training.learning_rate_search import LearningRateSearch, Trial

CLASSES = Report(
    title="digits",
    data="8 x 8 pictures of digits: 8 to train, 8 to test",
    command="mathdl train digits --out 'runs/my digits'",
    history={"loss": [2.0, 0.5], "validation_accuracy": [0.4, 0.75]},
    metrics={"test_accuracy": 0.75},
    layers=[("Conv2D(8, 5)", (8, 4, 4), 208), ("Dense(3)", (3,), 387)],
    parameters=595,
    seconds=83.2,
    confusion=np.array([[3, 2, 0], [0, 3, 0], [0, 0, 0]]),
    class_names=["cat", "dog", "emu"],
    worst=WorstPictures(np.zeros((2, 1, 8, 8), np.uint8), ["cat", "dog"], ["dog", "cat"], [0.91, 0.6]),
    environment={"mathdl": "1.2.3", "Python": "3.99"},
    notes=["only two epochs"],
)
VALUES = Report(
    title="houses",
    data="a table",
    command="mathdl train houses.csv --target price",
    history={"loss": [1.0]},
    metrics={"test_r2": 0.8123, "test_rmse": 1234.5678},
    layers=[("Dense(1)", (1,), 4)],
    parameters=4,
    seconds=0.2,
    truth=np.array([1.0, 2.0]),
    prediction=np.array([1.5, 2.5]),
    worst=WorstRows(["row", "true", "predicted", "town"], [[3, 1.0, 1.23456789, "Ulm"]]),
)
HOSTILE = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x00\ud800"


def layers(names: list[str], epochs: list[int], dead: bool = True) -> Any:
    """What a Watch recorded."""
    values = {name: [10.0**-k for k in range(len(epochs))] for name in names}
    return SimpleNamespace(epochs=epochs, gradient_rms=values, update_ratio=values, dead_share=values if dead else {})


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that what opens also closes."""

    VOID = frozenset({"meta", "br", "hr", "img"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [
            value or "" for name, value in attrs if name in ("href", "xlink:href", "src", "action", "srcset")
        ]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_a_classifiers_page() -> None:
    page = Page(render_report(CLASSES))
    for part in (
        "Test accuracy 75.00 % 6 of 8 right",
        "Parameters 595",
        "Epochs 2",
        "Training time 1 min 23 s",
        "only two epochs",
        "cat 1.000 0.600 5",
        "dog 0.600 1.000 3",
        "emu \u2013 \u2013 0",
        "is cat said dog 91 % sure",
        "Conv2D(8, 5) 8 \u00d7 4 \u00d7 4 208",
        "total 595",
        "mathdl train digits --out 'runs/my digits'",
        "mathdl 1.2.3",
        "Python 3.99",
    ):
        assert part in page.text


def test_a_regressors_page() -> None:
    page = Page(render_report(VALUES))
    assert "Test R² 0.8123" in page.text
    assert "Test RMSE 1234.6" in page.text
    assert "3 1 1.2346 Ulm" in page.text
    assert "Predicted and true values" in page.text
    assert "Confusion matrix" not in page.text


def test_the_layers_in_training() -> None:
    page = Page(render_report(dataclasses.replace(CLASSES, watch=layers(["1 Conv2D"], [0, 2]))))
    for part in ("Layers in training", "gradient (root mean square)", "dead ReLUs (%)", "1 Conv2D"):
        assert part in page.text
    assert page.text.index("Learning curves") < page.text.index("Layers in training") < page.text.index("Confusion")
    assert (
        "dead ReLUs (%)"
        not in Page(render_report(dataclasses.replace(CLASSES, watch=layers(["1 Dense"], [1], dead=False)))).text
    )
    for nothing in (None, layers([], [])):
        assert "Layers in training" not in render_report(dataclasses.replace(CLASSES, watch=nothing))


def test_the_page_names_target_and_model() -> None:
    page = Page(render_report(dataclasses.replace(VALUES, title="houses.csv", target="price", model="linear")))
    for part in ("houses.csv: price a table", "Model linear", "true price", "predicted price"):
        assert part in page.text
    page = Page(render_report(dataclasses.replace(CLASSES, target="animal")))
    assert "animal precision recall test objects" in page.text
    assert "true animal" in page.text


def test_an_estimators_page() -> None:
    report = dataclasses.replace(
        CLASSES,
        history={},
        layers=(),
        facts=[("Status", "certified", "checked in exact arithmetic")],
        pictures=[Drawing("Decision boundary", "<svg></svg>", "the <regions>")],
        numbers=NumberTable("Coefficients", ["feature", "coefficient"], [["width <b>", 0.123456789]], "a remark"),
        statement="w.x - b > 0 & so on",
        in_plain_words="It is separated.",
    )
    html = render_report(report)
    page = Page(html)
    for part in (
        "Status certified checked in exact arithmetic",
        "Certificate It is separated. Stated exactly w.x - b > 0 & so on To check it: mathdl verify certificate.json",
        "Decision boundary the <regions>",
        "Coefficients feature coefficient width <b> 0.12346 a remark",
    ):
        assert part in page.text
    for absent in ("Epochs", "Learning curves", "Network"):
        assert absent not in page.text
    assert "Certificate" not in Page(render_report(CLASSES)).text


def test_the_page_of_clusters() -> None:
    metrics = {"test_mean_square_distance": 0.25, "test_adjusted_rand_index": 0.5}
    page = Page(render_report(dataclasses.replace(VALUES, metrics=metrics, truth=None, prediction=None, worst=None)))
    assert "Adjusted Rand index 0.5000" in page.text
    assert "Test distance 0.25 squared, to the nearest centre; the mean" in page.text
    assert "Worst mistakes" not in page.text


def test_the_page_needs_nothing_else() -> None:
    for report in (CLASSES, VALUES):
        html = render_report(report)
        page = Page(html)
        assert page.tags.isdisjoint({"script", "link", "iframe", "object", "embed", "base", "form"})
        assert all(link.startswith(("data:image/png;base64,", "#")) for link in page.links)
        assert html.count("url(") == html.count("url(#")
        assert "@import" not in html
        assert set(re.findall(r"https?://[^\"' ]+", html)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1999/xlink",
        }
        assert len(page.ids) == len(set(page.ids))
        assert "prefers-color-scheme" in html
        assert "@media print" in html


def test_everything_a_stranger_may_name_is_escaped() -> None:
    report = dataclasses.replace(
        CLASSES,
        title=HOSTILE,
        data=HOSTILE,
        command=HOSTILE,
        layers=[(HOSTILE, (1,), 1)],
        class_names=[HOSTILE] * 3,
        worst=WorstPictures(np.zeros((1, 1, 2, 2), np.uint8), [HOSTILE], [HOSTILE]),
        environment={HOSTILE: HOSTILE},
        facts=[(HOSTILE, HOSTILE, HOSTILE)],
        pictures=[Drawing(HOSTILE, "<svg></svg>", HOSTILE)],
        numbers=NumberTable(HOSTILE, [HOSTILE], [[HOSTILE]], HOSTILE),
        statement=HOSTILE,
        notes=[HOSTILE],
        watch=layers([HOSTILE], [1]),
        target=HOSTILE,
        model=HOSTILE,
    )
    rows = dataclasses.replace(VALUES, target=HOSTILE, worst=WorstRows([HOSTILE], [[HOSTILE]], HOSTILE))
    for html in (render_report(report), render_report(rows)):
        page = Page(html)
        assert "script" not in page.tags
        assert all(link.startswith(("data:image/png;base64,", "#")) for link in page.links)
        assert page.handlers == []
        html.encode("utf-8")
        assert "\x00" not in html


@pytest.mark.parametrize(
    "worst",
    [WorstPictures(np.zeros((0, 1, 8, 8), np.uint8), [], [], []), WorstRows(["row", "is", "said"], [])],
)
def test_a_model_without_mistakes(worst: WorstPictures | WorstRows) -> None:
    assert "makes no mistake" in Page(render_report(dataclasses.replace(CLASSES, worst=worst))).text
    assert "Worst mistakes" not in Page(render_report(dataclasses.replace(CLASSES, worst=None))).text


def test_the_same_report_gives_the_same_page() -> None:
    assert render_report(CLASSES) == render_report(CLASSES)


def test_a_matrix_needs_its_names() -> None:
    with pytest.raises(ValueError, match="confusion matrix"):
        render_report(dataclasses.replace(CLASSES, class_names=["cat"]))


def test_numbers_stand_right_and_words_left() -> None:
    shown = table(("name", "n", "mixed"), [("1", "8 \u00d7 8", "1"), ("2", "-1.5e-05", "two")])
    assert shown.right == [False, True, False]
    html = render_report(dataclasses.replace(VALUES, worst=WorstRows(["row", "true"], [[1, 2.5]])))
    assert '<td class="text">1</td><td>2.5</td>' in html


def test_durations() -> None:
    assert [duration(s) for s in (0.04, 59.94, 59.96, 3599.6, 7265)] == [
        "0.0 s",
        "59.9 s",
        "1 min 00 s",
        "1 h 00 min",
        "2 h 01 min",
    ]


def test_a_learning_rate_that_was_found_is_drawn_with_its_reason() -> None:
    search = LearningRateSearch(0.1, f"Of 9 {HOSTILE}", "", 1.0, (Trial(0.1, 20, 0.5), Trial(0.2, 20, None)))
    html = render_report(dataclasses.replace(CLASSES, search=search))
    assert "<h2>Learning rate</h2>" in html
    assert "Of 9 &lt;/title&gt;" in html
    assert "<script" not in html
    assert html.index("Learning curves") < html.index("<h2>Learning rate") < html.index("Confusion matrix")
    assert "<h2>Learning rate</h2>" not in render_report(CLASSES)
