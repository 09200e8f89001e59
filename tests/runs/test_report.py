"""The report is one self-contained page that says what the run found."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl.data.preprocessing import ColumnSummary
from mathdl.models.number_table import NumberTable
from mathdl.runs.importance import Importance
from mathdl.runs.report import MAX_COLUMNS, duration, render_report, table
from mathdl.runs.report_record import BinaryAnswers, Drawing, Report, WorstPictures, WorstRows
from mathdl.runs.scores import Score
from mathdl.runs.scores_table import scores_table
from mathdl.runs.train import train
from mathdl.runs.verdict import Baseline
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


COLUMN = ColumnSummary("town", "category", 0, 2, "Ulm, Bonn", "one-hot, 2 categories")
SCORES = {"accuracy": Score(0.75, 0.5, 0.9, 0.04), "log_loss": Score(0.5, 0.25, 0.75, 0.1)}


def test_the_page_opens_with_the_answer_and_shows_all_scores_beside_the_baselines() -> None:
    constant = Baseline("constant", {"accuracy": Score(0.5, 0.25, 0.75)}, "x" * 50)
    answer = [("accuracy", "0.750 (0.500 to 0.900)   always 'cat': accuracy 0.500"), ("network", "better than always")]
    report = dataclasses.replace(CLASSES, answer=answer, scores=scores_table("network", SCORES, [constant], 5))
    page = Page(render_report(report))
    for part in (
        "8 to test accuracy 0.750 (0.500 to 0.900) \u00b7 always 'cat': accuracy 0.500 network better than always Test",
        "score network interval of 95 % sd over 5 folds always 'xxx",
        "accuracy 0.750 0.500 to 0.900 0.040 0.500 log loss 0.500 0.250 to 0.750 0.100 ",
        "Higher is better, but for log loss lower is.",
    ):
        assert part in page.text
    assert "x" * 31 not in page.text
    without = scores_table("network", SCORES, [constant])
    assert list(without.columns[:3]) == ["score", "network", "interval of 95 %"]
    assert "folds" not in Page(render_report(dataclasses.replace(report, scores=without))).text


def test_the_columns_of_a_table_are_described() -> None:
    rows = [ColumnSummary("age", "number", 1234, 56789, "1, 2, ...", "standardised"), *[COLUMN] * MAX_COLUMNS]
    page = Page(render_report(dataclasses.replace(VALUES, columns=rows)))
    assert (
        "column kind missing different such as what was done age number 1,234 56,789 1, 2, ... standardised"
        in page.text
    )
    assert f"The first {MAX_COLUMNS} of {MAX_COLUMNS + 1} columns; metrics.json describes all." in page.text
    assert "what was done" not in Page(render_report(VALUES)).text


def test_importance_and_probabilities_are_drawn() -> None:
    importance = Importance(["age", "town"], np.array([[0.1, 0.3], [0.0, 0.0]]), "R2", 1234, "training")
    binary = BinaryAnswers("dog", np.array([True, False, True]), np.array([0.9, 0.2, 0.4]))
    page = Page(render_report(dataclasses.replace(CLASSES, importance=importance, binary=binary)))
    for part in ("fall of the R2 when", "on 1,234 training objects falls", "Probabilities of dog", "average precision"):
        assert part in page.text
    assert "how often it came" in page.text
    for absent in ("Importance of the columns", "Probabilities of"):
        assert absent not in Page(render_report(CLASSES)).text


def test_of_many_classes_the_most_confused_pairs_are_listed() -> None:
    matrix = np.diag(np.full(9, 5))
    matrix[2, 7], matrix[4, 3] = 3, 4
    names = list(range(10, 19))
    html = render_report(dataclasses.replace(CLASSES, confusion=matrix, class_names=names))
    assert "true taken for times 14 13 4 12 17 3 Worst" in Page(html).text
    assert '<td class="text">14</td><td class="text">13</td><td>4</td>' in html
    assert "Most often confused" not in render_report(CLASSES)
    assert "Most often confused" not in render_report(
        dataclasses.replace(CLASSES, confusion=np.diag(np.full(9, 5)), class_names=names)
    )


def test_the_names_of_45_classes_are_told_apart() -> None:
    names = [f"Drosophila melanogaster population {k // 9} line number {k:02d}" for k in range(45)]
    html = render_report(dataclasses.replace(CLASSES, confusion=np.eye(45, dtype=int), class_names=names))
    written = re.findall(r"<text[^>]*>([^<]*number \d\d)</text>", html)
    assert sorted(set(written)) == sorted(written[:45])
    assert len(written) == 90
    [width] = re.findall(r'aria-label="Confusion matrix[^>]*? width="([\d.]+)pt"', html)
    assert 96 / 72 * float(width) < 915  # the pixels inside a section of the page


def test_the_best_epoch_and_the_certificate_are_told_in_words() -> None:
    report = dataclasses.replace(CLASSES, best_epoch=2, statement="w.x > 0", in_plain_words="No other is wider.")
    text = Page(render_report(report)).text
    assert "The validation loss was lowest after epoch 2." in text
    assert text.index("No other is wider.") < text.index("w.x > 0") < text.index("mathdl verify certificate.json")
    assert "was lowest" not in Page(render_report(CLASSES)).text
    text = Page(render_report(dataclasses.replace(report, last_is_kept=True))).text
    assert "lowest after epoch 2; the model has the parameters of the last one." in text


def test_whether_the_best_parameters_were_kept_is_told() -> None:
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(200, 4)), generator.normal(size=200)  # noise: the best epoch is an early one
    options: dict[str, Any] = {"epochs": 40, "learning_rate": 0.05, "weight_decay": 0.0, "cv": 0}
    kept = "the model has the parameters of the last one"
    assert kept in train((X, y), early_stopping=False, **options).report
    assert kept not in train((X, y), patience=20, **options).report


def test_a_run_on_a_table_is_reported_with_all_columns_as_the_file_has_them(tmp_path: Path) -> None:
    """Worst mistakes in the data's own values; what is drawn is in the metrics too; a threshold is told."""
    generator = np.random.default_rng(0)
    x = generator.normal(size=300).round(4) + 11675
    table = {f"column{k}": generator.integers(0, 9, 300).tolist() for k in range(9)}
    labels = np.where(x + generator.normal(size=300) > 11675, "yes", "no").tolist()
    pd.DataFrame({"x": x.round(4), **table, "y": labels}).to_csv(tmp_path / "t.csv", index=False)
    run = train(tmp_path / "t.csv", target="y", model="logistic", regularization=0.01, threshold=0.3)
    html = run.report
    text, worst = Page(html).text, run.outcome.evaluation.worst
    assert isinstance(worst, WorstRows)
    assert list(worst.columns)[-10:] == ["x", *table]
    rows = [int(str(row[0])) for row in worst.rows]
    # Of so many columns each is a line.
    assert f"Worst mistakes row {' '.join(map(str, rows))} true" in text
    assert f" x {' '.join(f'{x[row - 1]:.10g}' for row in rows)} column0 " in text
    assert "Threshold 0.3 from this probability on the answer is" in text
    assert "sd over 5 folds" in text
    assert "training objects falls" in text
    assert set(run.metrics["importance"]) == {"x", *table}
    assert [row["name"] for row in run.metrics["data"]["column_summaries"]] == ["x", *table]


@pytest.mark.parametrize(("width", "across"), [(8, True), (12, False)])
def test_worst_rows_whose_columns_do_not_fit_beside_one_another_are_columns(width: int, across: bool) -> None:
    names = [f"{k}".rjust(width, "x") for k in range(10)]
    html = render_report(dataclasses.replace(VALUES, worst=WorstRows(["row", *names], [[7, *range(10)]])))
    assert (f'<td class="text">{names[0]}</td>' not in html) == across


def test_values_of_the_data_are_not_rounded_and_what_is_computed_is() -> None:
    worst = WorstRows(["row", "predicted", "income"], [[3, 1.23456789, 11675.5301]], own=1)
    assert (
        "row predicted income 3 1.2346 11675.5301" in Page(render_report(dataclasses.replace(VALUES, worst=worst))).text
    )


def test_gaps_do_not_make_a_column_of_numbers_one_of_words() -> None:
    shown = table(("row", "n", "none", "interval"), [(1, "", "", "0.1 to 0.2"), (2, 3.5, "", "-1 to inf")])
    assert shown.right == [False, True, False, True]
    assert table(("a", "b"), [("x", "y" * 30), ("x", "y")]).wide == [False, True]
