"""The settings of compile and fit, by the widgets that a person uses."""

import pytest
from streamlit.testing.v1 import AppTest

from core.catalog.schedules import cosine_decay
from core.experiment.spec import read
from core.experiment.training_steps import training_steps

pytestmark = pytest.mark.usefixtures("home")


def page() -> None:
    """The settings alone, and the experiment after them."""
    import streamlit as st

    from dashboard.panels.compile_and_fit import settings
    from dashboard.session import state

    state.attach()
    settings(state.situation())
    st.button("Undo", key="undo", on_click=state.undo)
    st.session_state["seen"] = state.experiment().text()


@pytest.fixture
def app():
    """The page of a newcomer, in a workspace of their own."""
    return AppTest.from_function(page, default_timeout=30)


def compiled(app: AppTest):
    """What the experiment on screen says to `compile`."""
    return read(app.session_state["seen"]).compile


def widget(found, key: str):
    """The widget whose key begins so; what follows counts the changes."""
    return next(one for one in found if str(one.key).startswith(key))


def test_one_click_has_the_learning_rate_fall_over_the_whole_training(app):
    app.run()
    assert not app.exception
    before = compiled(app).optimizer.value("learning_rate")
    widget(app.toggle, "cosine").set_value(True).run()
    assert not app.exception
    assert compiled(app).optimizer.value("learning_rate") == cosine_decay(before)
    assert widget(app.number_input, "compile.optimizer.learning_rate.decay_steps").value is None
    steps = training_steps(read(app.session_state["seen"]), 652)  # 70 % of 932 homes.
    assert f"The learning rate from step 0 to {steps:,}, from {before:g} to 0." in [one.value for one in app.caption]
    widget(app.toggle, "cosine").set_value(False).run()
    assert compiled(app).optimizer.value("learning_rate") == before


def test_xla_can_be_done_without(app):
    app.run()
    assert compiled(app).jit_compile
    app.session_state["more-optimizer@0"] = True  # A person's click opens it.
    app.run()
    widget(app.toggle, "compile.jit_compile").set_value(False).run()
    assert not app.exception
    assert not compiled(app).jit_compile


def test_the_dtype_policy_is_chosen_with_what_it_means_beside_it(app):
    app.session_state["more-optimizer@0"] = True
    app.run()
    policy = widget(app.selectbox, "compile.dtype_policy")
    assert (policy.value, policy.options) == ("float32", ["float32", "mixed_bfloat16"])
    assert "bfloat16" in policy.help
    policy.set_value("mixed_bfloat16").run()
    assert not app.exception
    assert compiled(app).dtype_policy == "mixed_bfloat16"
    assert widget(app.selectbox, "compile.dtype_policy").value == "mixed_bfloat16"


def test_a_time_limit_is_given_in_minutes_refused_beside_its_field_and_taken_back(app):
    app.session_state["settings"] = "Fit"
    app.run()
    widget(app.number_input, "fit.minutes").set_value(1.5).run()
    assert not app.exception
    assert read(app.session_state["seen"]).fit.minutes == 1.5
    widget(app.number_input, "fit.minutes").set_value(-2.0).run()
    assert any("Time limit: enter" in one.value for one in app.caption)
    assert read(app.session_state["seen"]).fit.minutes == 1.5
    widget(app.number_input, "fit.minutes").set_value(None).run()
    assert read(app.session_state["seen"]).fit.minutes is None


def test_a_number_that_may_be_none_can_be_taken_back_after_the_page_was_opened_anew(app):
    app.session_state["settings"] = "Optimizer"
    app.session_state["more-optimizer@0"] = True
    app.run()
    widget(app.number_input, "compile.optimizer.clipnorm").set_value(2.0).run()
    assert compiled(app).optimizer.value("clipnorm") == 2.0
    app.session_state["settings"] = "Fit"
    app.run()
    app.session_state["settings"] = "Optimizer"
    app.run()
    assert widget(app.number_input, "compile.optimizer.clipnorm").value == 2.0
    widget(app.number_input, "compile.optimizer.clipnorm").set_value(None).run()
    assert not app.exception
    assert compiled(app).optimizer.value("clipnorm") is None


def test_a_constant_learning_rate_is_a_choice_among_others_and_never_an_empty_box(app):
    """Of None Streamlit would draw a box with a cross, and nothing in it once the cross is pressed."""
    app.run()
    app.run()
    schedule = next(box for box in app.selectbox if box.label == "Schedule")
    assert (schedule.value, schedule.options[0], schedule.proto.HasField("default")) == ("", "Constant", True)
    schedule.select_index(1).run()
    assert isinstance(compiled(app).optimizer.value("learning_rate"), dict)
    next(box for box in app.selectbox if box.label == "Schedule").select_index(0).run()
    assert not app.exception
    assert compiled(app).optimizer.value("learning_rate") == 0.001
