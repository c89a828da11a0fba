"""The printed program: complete, correct Python for every experiment, whatever the names in it. What it computes:
tests/parity.
"""

import ast
import re
import subprocess
import sys

import pytest

from core import __version__
from core.catalog.kinds import KINDS
from core.catalog.layer_parts import ACTIVATIONS, INITIALIZERS, REGULARIZERS
from core.catalog.layers import LAYERS
from core.catalog.losses import LOSSES, losses_for
from core.catalog.metrics import METRICS, metrics_for
from core.catalog.optimizers import OPTIMIZERS
from core.experiment.columns import Column, TableInfo, TableProfile
from core.experiment.file_names import file_name
from core.experiment.spec import Experiment, read
from core.experiment.task import Situation, Task
from core.experiment.templates import TEMPLATES, output_layer, stack, suit
from core.keras_code.script import program
from core.keras_code.script_exactness import exactness

TASKS = {
    "regression": Task("regression", "y"),
    "binary": Task("binary", "y", 2),
    "multiclass": Task("multiclass", "y", 3),
}
PAIRS = [(task, loss) for task in TASKS for loss in losses_for(task)]
TABLE = TableProfile(rows=100, columns=(Column(name="y", kind="number"),))
INFO = TableInfo(
    ref="file:x", name="table.csv", rows=100, columns=3, options={"sep": ";", "decimal": ",", "dtype": {"y": "str"}}
)
HOSTILE = [
    'say "hi"',
    "it's",
    '"""',
    "'''",
    'x"""\nimport os\nos.abort()\n"""',
    "x')\nimport os\nos.abort()#",
    "new\nline\r\n\ttab",
    "back\\slash\\",
    "\\",
    '\\"',
    "{braces} {0} {SEED!r} %s",
    "größe π 住宅 🙂",
    "\u2028\u202e\x00\x07",
    "__import__('os').abort()",
    "price/sqft",
    "dense",
    "",
    " ",
]


def experiment(features=None, target="y", name="A test", **more) -> Experiment:
    return read(
        {
            "version": 1,
            "name": name,
            "data": {
                "table": "file:x",
                "targets": [target],
                "features": {"a": "number"} if features is None else features,
            },
            "layers": [{"layer": "Dense", "units": 4, "activation": "relu"}],
            **more,
        }
    )


def printed(of: Experiment, task: str = "regression", info: TableInfo = INFO) -> str:
    return program(of, Situation(TABLE, (TASKS[task],)), info)


def suited(task: str, **more) -> Experiment:
    return suit(experiment(**more), TASKS[task])


NAMED = ("TABLE", "TARGET", "TARGETS", "FEATURES", "SEED", "BATCH_SIZE")


def constants(tree: ast.Module) -> dict[str, object]:
    """Name -> value of the constants at the top of the program; the table's name is what is read without
    an argument.
    """
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in NAMED:
            value = node.value.orelse if isinstance(node.value, ast.IfExp) else node.value
            found[ast.unparse(node.targets[0])] = ast.literal_eval(value)
    return found


def rest(tree: ast.Module) -> list[str]:
    """The program without its title and its constants: what a name may never change."""
    return [
        ast.unparse(node)
        for node in tree.body[1:]
        if not (isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in NAMED)
    ]


def problems(sources: list[str], tmp_path) -> str:
    """What pyflakes's rules (undefined and unused names, unused imports) say of the programs."""
    for index, source in enumerate(sources):
        (tmp_path / f"program_{index}.py").write_text(source, encoding="utf-8")
    rules = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--no-cache",
        "--select",
        "F,E9,I",
        "--output-format",
        "concise",
        ".",
    ]
    return subprocess.run(rules, cwd=tmp_path, capture_output=True, text=True, check=False).stdout.strip()


def functions(source: str) -> set[str]:
    return {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def test_the_head_names_the_version_that_printed_it():
    assert f"it was printed by Layerdeck {__version__}." in ast.get_docstring(ast.parse(printed(suited("regression"))))


def test_every_task_and_loss_gives_a_program_without_unknown_or_unused_names(tmp_path):
    kinds = {kind: kind for kind in KINDS}
    sources = []
    for task, loss in PAIRS:
        for logits in {False, LOSSES[loss].field("from_logits") is not None}:
            chosen = {"class": loss, **({"from_logits": True} if logits else {})}
            given = suited(task, features=kinds, compile={"loss": chosen, "metrics": []})
            assert given.compile.loss.name == loss
            sources.append(printed(given, task))
    assert problems(sources, tmp_path) == "All checks passed!"


@pytest.mark.slow
def test_every_choice_of_kinds_gives_a_program_without_unknown_or_unused_names(tmp_path):
    sources = []
    for task in ("regression", "binary"):  # A target of amounts and one of classes share functions with features.
        for mask in range(1, 2 ** len(KINDS)):
            kinds = [kind for bit, kind in enumerate(KINDS) if mask >> bit & 1]
            sources.append(printed(suited(task, features={f"a {kind}": kind for kind in kinds}), task))
    assert problems(sources, tmp_path) == "All checks passed!"


NUMBERS, WORDS = {"number_columns", "number_statistics", "NumberStatistics"}, {"words", "word_columns", "vocabulary"}


@pytest.mark.parametrize(
    ("kind", "kept", "left_out"),
    [
        ("number", NUMBERS | {"numbers"}, WORDS | {"codes", "booleans", "days", "date_columns"}),
        ("category", WORDS, NUMBERS | {"codes", "booleans", "days", "date_columns"}),
        ("code", WORDS | {"codes"}, NUMBERS | {"booleans", "days", "class_order"}),
        ("text", {"words", "text_columns", "text_statistics", "TextStatistics", "tokens"}, NUMBERS | {"vocabulary"}),
        ("boolean", NUMBERS | {"booleans", "codes", "words"}, {"days", "word_columns", "vocabulary"}),
        ("date", NUMBERS | {"days", "date_columns"}, WORDS | {"booleans", "codes"}),
    ],
)
def test_only_functions_that_are_used_are_printed(kind, kept, left_out):
    found = functions(printed(suited("regression", features={"a": kind})))
    assert kept <= found
    assert not left_out & found


def test_classes_need_their_order_and_amounts_do_not():
    assert "class_order" in functions(printed(suited("binary"), "binary"))
    assert "class_order" not in functions(printed(suited("regression")))


@pytest.mark.slow
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_is_printed_as_the_keras_calls_it_stands_for(template):
    for task in TASKS.values():
        given = suited(task.kind)
        given = given.model_copy(update={"layers": tuple(stack(template, task, given.compile.loss))})
        source = printed(given, task.kind)
        called = [ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        for layer in given.layers:
            assert f"keras.layers.{layer.name}" in called
        assert f"keras.losses.{given.compile.loss.name}" in called
        assert "keras.optimizers.Adam" in called


def test_every_row_of_the_catalog_with_every_argument_is_printed_as_python(tmp_path):
    layers = [
        {"layer": "Dense", "units": 3, "kernel_initializer": {"class": initializer}, "activation": activation}
        for initializer in INITIALIZERS
        for activation in ACTIVATIONS
    ][:40]
    layers += [{"layer": "Dense", "units": 3, "kernel_regularizer": {"class": name}} for name in REGULARIZERS]
    layers += [{"layer": name, **{field.name: field.default for field in row.fields}} for name, row in LAYERS.items()]
    sources = [printed(suited("regression", features={"a": "number", "w": "category"}, layers=layers))]
    sources += [printed(suited("regression", compile={"optimizer": {"class": name}})) for name in OPTIMIZERS]
    for task, loss in PAIRS:
        metrics = [
            {"class": name, **METRICS[name].starting_arguments()} for name in metrics_for(task, LOSSES[loss].target)
        ]
        last = output_layer(TASKS[task], suited(task).compile.loss).model_dump(mode="json", by_alias=True)
        sources.append(printed(experiment(layers=[last], compile={"loss": {"class": loss}, "metrics": metrics}), task))
    assert problems(sources, tmp_path) == "All checks passed!"


@pytest.fixture(scope="module")
def plain_rest() -> list[str]:
    """A program of plain names, without them."""
    info = INFO.model_copy(update={"ref": "a path", "name": "t"})
    return rest(ast.parse(printed(suited("binary", features={"a": "number"}), "binary", info)))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_names(text, plain_rest):
    given = suited("binary", features={text: "number"}, target=text + "y", name=text)
    source = printed(given, "binary", INFO.model_copy(update={"ref": "a path", "name": text}))
    tree = ast.parse(source)
    found = constants(tree)
    assert (found["TABLE"], found["TARGET"], found["FEATURES"]) == (text, text + "y", {text: "number"})
    assert rest(tree) == plain_rest
    compile(tree, "program.py", "exec")
    assert source.encode("utf-8").decode("utf-8") == source


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_of_a_run_and_of_many_features_and_options_of_the_reader_stay_values(text):
    features = {f"{text}{number}": "category" for number in range(40)}
    options = {"sep": text, "names": [text, "b"], "dtype": {text: "str"}, "skiprows": 2}
    info = INFO.model_copy(update={"name": text, "options": options})
    tree = ast.parse(printed(suited("regression", features=features, name=text), info=info))
    found = constants(tree)
    assert found["FEATURES"] == features
    call = next(
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "pd.read_csv"
    )
    assert {option.arg: ast.literal_eval(option.value) for option in call.keywords} == options
    # The file that is read without an argument is named after the run, in safe letters.
    assert re.fullmatch(r"\w[\w-]*-table\.parquet", found["TABLE"])
    assert found["TABLE"] in ast.get_docstring(tree)


def test_the_numbers_of_the_experiment_are_those_of_the_program():
    given = suited(
        "binary",
        fit={"epochs": 7, "batch_size": 9, "seed": 11, "callbacks": [{"class": "EarlyStopping", "patience": 4}]},
    )
    source = printed(given, "binary")
    found = constants(ast.parse(source))
    assert (found["SEED"], found["BATCH_SIZE"]) == (11, 9)
    assert "epochs=7," in source
    assert "keras.callbacks.EarlyStopping(patience=4)" in source
    assert "split_rows(len(table), y_true, 0.7, 0.15, 0.15, seed=0)" in source
    assert "pd.read_csv(TABLE, sep=';', decimal=',', dtype={'y': 'str'})" in source


def test_the_same_experiment_is_printed_alike_each_time():
    given = suited("multiclass", features={"b": "date", "a": "code"})
    assert printed(given, "multiclass") == printed(read(given.text()), "multiclass")


def test_the_program_needs_nothing_of_this_project():
    tree = ast.parse(printed(suited("binary", features={kind: kind for kind in KINDS}), "binary"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    standard = {"collections.abc", "dataclasses", "datetime", "json", "math", "re", "sys", "typing", "unicodedata"}
    assert imported - standard == {"keras", "numpy", "pandas", "sklearn", "tensorflow"}


def test_a_program_without_a_task_is_refused():
    with pytest.raises(ValueError, match="target"):
        program(experiment(), Situation(TABLE), INFO)


def test_a_streamed_table_is_admitted_in_the_programs_own_words():
    given, told = suited("regression"), "Its scores are as near to Layerdeck's as those of two seeds"
    for streamed in (True, False):
        printed = program(given, Situation(TABLE, (TASKS["regression"],), streamed=streamed), INFO)
        assert (told in ast.get_docstring(ast.parse(printed))) == streamed


def test_files_are_named_after_the_run_and_hide_no_module():
    names = {
        "Homes in Sacramento": "Homes-in-Sacramento",
        "../../etc/passwd": "etc-passwd",
        "keras": "keras",
        "": "run",
        "größe π": "größe-π",
    }
    assert {name: file_name(name, "program", "py") for name in names} == {
        name: f"{file}-program.py" for name, file in names.items()
    }
    assert len(file_name("住" * 120, "validation", "parquet").encode()) <= 255


def test_an_upload_is_read_as_parquet_or_as_it_was_and_other_tables_as_they_are():
    upload = printed(suited("regression"))
    assert "pd.read_parquet(TABLE) if TABLE.endswith(\".parquet\") else pd.read_csv(TABLE, sep=';'" in upload
    assert "It needs tensorflow, pandas, scikit-learn and pyarrow;" in upload
    workbook = printed(suited("regression"), info=INFO.model_copy(update={"reader": "read_excel", "options": {}}))
    assert "It needs tensorflow, pandas, scikit-learn, pyarrow and openpyxl;" in workbook
    sample = printed(suited("regression"), info=INFO.model_copy(update={"ref": "sample:xor", "options": {}}))
    assert "table = pd.read_csv(TABLE)" in sample
    assert "It needs tensorflow, pandas and scikit-learn;" in sample
    assert constants(ast.parse(sample))["TABLE"] == "A-test-table.csv"


@pytest.mark.parametrize("jit", [True, False])
def test_the_program_compiles_with_xla_as_its_run_did(jit):
    given = suited("regression", compile={"jit_compile": jit})
    assert given.compile.jit_compile == jit
    source = printed(given)
    (call,) = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "model.compile"
    ]
    assert {one.arg: one.value.value for one in call.keywords if one.arg == "jit_compile"} == {"jit_compile": jit}


@pytest.mark.parametrize("targets", [("y",), ("y", "z")])
def test_layers_of_mixed_precision_say_so_in_the_program(targets):
    hidden, mixed = [{"layer": "Dense", "units": 4}] * 2, {"dtype_policy": "mixed_bfloat16"}
    given = suited("regression", layers=[*hidden, {"layer": "Dense", "units": 1}], compile=mixed)
    given = given.model_copy(update={"data": given.data.model_copy(update={"targets": targets})})
    tasks = tuple(Task("regression", target) for target in targets)
    source = program(given, Situation(TABLE, tasks), INFO)
    assert source.count('dtype="mixed_bfloat16"') == 2
    assert "# Layers of mixed precision compute in bfloat16" in source
    assert "to about three digits" in exactness(given, streamed=False)
    assert exactness(given, streamed=False) in ast.get_docstring(ast.parse(source))
    plain = program(suited("regression"), Situation(TABLE, (TASKS["regression"],)), INFO)
    assert "bfloat16" not in plain


def test_how_near_the_program_comes_to_its_run_is_said_at_its_head():
    given = suited("regression")
    for streamed, says in ((False, "gives the scores of the run to six digits."), (True, "not the same.")):
        source = program(given, Situation(TABLE, (TASKS["regression"],), streamed=streamed), INFO)
        assert says in exactness(given, streamed)
        assert (exactness(given, streamed) in ast.get_docstring(ast.parse(source))) == (not streamed)
