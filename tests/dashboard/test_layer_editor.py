"""The editor beside the cards: its plain buttons make the operations of the cards, and it stays with its layer."""

import pytest
from streamlit.testing.v1 import AppTest

from core.experiment.spec import read

pytestmark = pytest.mark.usefixtures("home")


def page() -> None:
    """The stack alone, and the experiment after it; `card` is an operation on the cards."""
    import streamlit as st

    from dashboard.panels.layer_stack import layer_stack as draw
    from dashboard.session import layer_cards, state

    state.attach()
    if "begun" not in st.session_state:
        st.session_state["begun"] = True
        layers = [{"layer": "Dense", "units": units} for units in (1, 2, 3, 4)]
        state.edit({"op": "set", "path": "layers", "value": layers})
        layer_cards.show_layer(2)
    if operation := st.session_state.pop("card", None):
        layer_cards.operate([{**operation, "seq": layer_cards.acknowledged() + 1}])
    draw(state.situation())
    st.session_state["seen"], st.session_state["open"] = state.experiment().text(), layer_cards.shown_layer()


@pytest.fixture
def app():
    """Four layers of 1, 2, 3 and 4 units; the third is open."""
    made = AppTest.from_function(page, default_timeout=30).run()
    assert not made.exception
    return made


def press(app: AppTest, label: str) -> None:
    """Presses a button of the editor."""
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def stack(app: AppTest) -> tuple[list[int], int | None]:
    """Units of the layers, and those of the layer that is open, as its field shows them."""
    units = [layer.value("units") for layer in read(app.session_state["seen"]).layers]
    shown = [field.value for field in app.number_input if field.label == "Units"]
    place = app.session_state["open"]
    assert shown == ([] if place is None else [units[place]])
    return units, None if place is None else units[place]


def test_up_pressed_twice_moves_the_layer_by_two(app):
    press(app, "Up")
    assert stack(app) == ([1, 3, 2, 4], 3)
    press(app, "Up")
    assert stack(app) == ([3, 1, 2, 4], 3)
    press(app, "Down")
    assert stack(app) == ([1, 3, 2, 4], 3)


def test_a_copy_stands_behind_the_layer_that_stays_open(app):
    press(app, "Duplicate")
    assert stack(app) == ([1, 2, 3, 3, 4], 3)
    assert app.session_state["open"] == 2


def test_delete_closes_the_editor(app):
    press(app, "Delete")
    assert stack(app) == ([1, 2, 4], None)
    assert "Close" not in [button.label for button in app.button]


@pytest.mark.parametrize(
    ("operation", "units"),
    [
        ({"op": "move", "at": 0, "to": 3}, [2, 3, 4, 1]),
        ({"op": "delete", "at": 0}, [2, 3, 4]),
        ({"op": "duplicate", "at": 1}, [1, 2, 2, 3, 4]),
        ({"op": "add", "layer": "Dropout", "at": 0}, [None, 1, 2, 3, 4]),
    ],
)
def test_the_editor_stays_with_its_layer_when_another_card_is_changed(app, operation, units):
    app.session_state["card"] = operation
    app.run()
    assert not app.exception
    experiment = read(app.session_state["seen"])
    assert [layer.value("units") if layer.name == "Dense" else None for layer in experiment.layers] == units
    assert experiment.layers[app.session_state["open"]].value("units") == 3


def test_what_no_experiment_allows_leaves_the_editor_where_it_is(app):
    app.session_state["card"] = {"op": "delete", "at": 9}
    app.run()
    assert stack(app) == ([1, 2, 3, 4], 3)
