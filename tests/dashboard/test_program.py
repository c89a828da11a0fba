"""The program beside its experiment, and the way back, by the widgets that a person uses."""

import io
import json
import zipfile

import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.share_link import packed, unpacked
from core.experiment.spec import read
from core.workspace import workspace

pytestmark = pytest.mark.usefixtures("home")


def page() -> None:
    """The panel and the two popovers alone, and the experiment after them."""
    import streamlit as st

    from dashboard.panels.lessons import lessons_popover
    from dashboard.panels.program import program_panel
    from dashboard.panels.share import share_popover
    from dashboard.session import state

    state.attach()
    told = state.take_note()
    if told:
        st.error(told)
    program_panel()
    share_popover()
    lessons_popover()
    st.button("Undo", key="undo", on_click=state.undo)
    st.button("Narrow", key="narrow", on_click=state.edit, args=({"op": "set", "path": "layers.0.units", "value": 7},))
    st.session_state["seen"] = state.experiment().text()


@pytest.fixture
def app():
    """The page of a newcomer, in a workspace of their own."""
    return AppTest.from_function(page, default_timeout=30)


def seen(app: AppTest):
    """The experiment on screen."""
    return read(app.session_state["seen"])


def widget(found, key: str):
    """The widget whose key begins so; what follows counts the changes."""
    return next(one for one in found if str(one.key).startswith(key))


def told(app: AppTest) -> str:
    """All sentences on the page."""
    return "\n".join(
        one.value for kind in (app.error, app.warning, app.caption, app.markdown, app.info) for one in kind
    )


def test_the_panel_says_that_there_are_plug_ins_and_gives_a_template_away(app):
    app.run()
    assert not app.exception
    (button,) = [one for one in app.get("download_button") if one.proto.label == "Template (Python)"]
    assert button.proto.url
    assert "Save the template in the plug-in folder" in told(app)
    assert f"The folder is {workspace() / 'plugins'}." in told(app).replace("\\", "").replace("\u2060", "")


def test_the_program_follows_every_change(app):
    app.run()
    assert not app.exception
    assert "keras.layers.Dense(units=16," in app.code[0].value
    assert app.code[0].language == "python"
    app.button(key="narrow").click().run()
    assert not app.exception
    assert "keras.layers.Dense(units=7," in app.code[0].value
    app.button(key="undo").click().run()
    assert "keras.layers.Dense(units=16," in app.code[0].value


def test_a_pasted_program_becomes_the_stack_and_undo_brings_the_old_one_back(app):
    app.run()
    before = seen(app)
    source = (
        "m = keras.Sequential([\n  keras.layers.Dense(5, 'tanh'),\n  keras.layers.LSTM(3),\n  "
        "keras.layers.Dense(1)])\nm.fit(x, epochs=9)"
    )
    app.text_area(key="paste-program").set_value(source).run()
    assert not app.exception
    assert "Line 3: LSTM is left out" in told(app).replace("\\", "")
    assert seen(app) == before  # Nothing is taken before the button is pressed.
    app.button(key="take-stack").click().run()
    assert not app.exception
    after = seen(app)
    assert [layer.arguments for layer in after.layers] == [{"units": 5, "activation": "tanh"}, {"units": 1}]
    assert (after.fit.epochs, after.data, after.compile) == (9, before.data, before.compile)
    assert 'keras.layers.Dense(units=5, activation="tanh")' in app.code[0].value
    app.button(key="undo").click().run()
    assert seen(app) == before


def test_the_printed_program_pasted_is_the_experiment_again(app):
    app.run()
    before, source = seen(app), app.code[0].value
    app.button(key="narrow").click().run()
    app.text_area(key="paste-program").set_value(source)
    app.button(key="take-stack").click().run()
    assert not app.exception
    assert seen(app) == before


def test_what_holds_no_stack_is_said_in_a_sentence(app):
    app.run()
    app.text_area(key="paste-program").set_value("print('hello')").run()
    assert "There is no Keras model in this text" in told(app)
    before = seen(app)
    app.button(key="take-stack").click().run()
    assert not app.exception
    assert seen(app) == before


def kept_by_keras(config: dict) -> bytes:
    """What Keras writes as a .keras file, without its weights."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        file.writestr("config.json", json.dumps({"class_name": "Sequential", "config": config}))
    return content.getvalue()


@pytest.mark.parametrize("file", ["model.json", "model.keras"])
def test_a_configuration_is_brought_as_a_file(app, file):
    app.run()
    config = {"layers": [{"class_name": "Dense", "config": {"units": 3}}]}
    content = kept_by_keras(config) if file == "model.keras" else json.dumps(config).encode()
    app.file_uploader(key="paste-file").upload(file, content, "application/octet-stream").run()
    assert not app.exception
    assert "Found: 1 layer" in told(app)
    app.button(key="take-stack").click().run()
    assert not app.exception
    assert [layer.arguments for layer in seen(app).layers] == [{"units": 3}]


def test_an_address_that_carries_an_experiment_opens_it_as_a_new_draft(app):
    given = read(
        {
            "version": 1,
            "name": "Given",
            "data": {"table": "sample:xor", "targets": ["label"], "features": {"x": "number"}},
        }
    )
    app.query_params["experiment"] = packed(given)
    app.query_params["draft"] = "a" * 16
    app.query_params["run"] = "0123456789ab"
    app.run()
    assert not app.exception
    assert seen(app) == given
    assert set(app.query_params) == {"draft"}
    (draft,) = [path.stem for path in (workspace() / "drafts").glob("*.json")]
    assert app.query_params["draft"] in (draft, [draft])
    assert draft != "a" * 16


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("1.AAAA", "This link cannot be opened: it is cut off or damaged."),
        (packed(read({"version": 1, "data": {"table": "file:" + "a" * 64}})), "isn't in this workspace"),
        (packed(read({"version": 1, "data": {"table": "/etc/passwd"}})), "names no table"),
        (packed(read({"version": 1, "data": {"table": "sample:nothing"}})), "There is no sample table called"),
    ],
)
def test_an_address_that_cannot_be_opened_says_why_and_leaves_a_usable_page(app, link, sentence):
    app.query_params["experiment"] = link
    app.run()
    assert not app.exception
    assert sentence in told(app)
    assert seen(app).data.table == "sample:sacramento_homes"
    assert "experiment" not in app.query_params


def opened(app: AppTest, key: str) -> AppTest:
    """The page with a popover open: a person's click sets its state."""
    app.session_state[key] = True
    return app.run()


def test_a_link_carries_the_experiment_and_opens_it(app):
    app.run()
    opened(app, "share")
    assert not app.exception
    before = seen(app)
    link = app.code[1].value
    assert unpacked(link) == before
    app.button(key="narrow").click().run()
    opened(app, "share")
    assert unpacked(app.code[1].value) == seen(app) != before
    widget(app.text_input, "open-link").set_value(f"https://deck.example.org/{link}").run()
    assert not app.exception
    assert seen(app) == before
    app.button(key="undo").click().run()
    assert seen(app).layers[0].arguments["units"] == 7


def test_an_experiment_file_is_opened_and_a_fork_from_scratch(app):
    app.run()
    opened(app, "share")
    value = seen(app).value() | {"name": "Brought", "start": {"run": "0123456789ab", "epoch": 5}}
    value["fit"] |= {"epochs": 25, "initial_epoch": 5}
    widget(app.file_uploader, "open-file").upload(
        "experiment.json", json.dumps(value).encode(), "application/json"
    ).run()
    assert not app.exception
    after = seen(app)
    assert (after.name, after.start, after.fit.epochs, after.fit.initial_epoch) == ("Brought", None, 20, 0)


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"[]", b'{"version": 1}', b"", b"{" * 100_000])
def test_a_file_that_is_no_experiment_is_refused_with_a_sentence(app, content):
    app.run()
    opened(app, "share")
    before = seen(app)
    widget(app.file_uploader, "open-file").upload("experiment.json", content, "application/json").run()
    assert not app.exception
    assert len(app.error) == 1
    assert seen(app) == before


def test_a_lesson_is_opened_by_one_click_and_taken_back_by_undo(app):
    from core.experiment.lessons import LESSONS

    app.run()
    before = seen(app)
    opened(app, "lessons")
    assert not app.exception
    numbered = enumerate(LESSONS.values(), start=1)
    assert app.radio(key="lesson").options == [f"{number}. {lesson.title}" for number, lesson in numbered]
    for name, lesson in LESSONS.items():
        app.radio(key="lesson").set_value(name).run()
        assert lesson.says in told(app)
        assert [code.value for code in app.code if code.value == lesson.code] == [lesson.code] * bool(lesson.code)
    app.radio(key="lesson").set_value("spiral").run()
    app.button(key="open-lesson-spiral").click().run()
    assert not app.exception
    assert seen(app) == LESSONS["spiral"].experiment
    opened(app, "lessons")
    assert app.button(key="open-lesson-spiral").disabled
    app.radio(key="lesson").set_value("optimizers").run()
    app.button(key="open-lesson-optimizers").click().run()
    opened(app, "lessons")
    again = app.button(key="open-lesson-optimizers")  # After a reload its race is set by opening it once more.
    assert (again.label, again.disabled) == ("Open again", False)
    app.button(key="undo").click().run()
    app.button(key="undo").click().run()
    assert seen(app) == before
