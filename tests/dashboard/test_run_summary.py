"""The summary of a run on the page: its sentences, and nothing that a table says is Markdown."""

from streamlit.testing.v1 import AppTest


def summaries(told: dict) -> None:
    """The sentences alone."""
    from dashboard.panels.run_summary import draw_summary

    draw_summary(told)


def test_a_target_alone_has_its_sentences_and_several_their_names():
    app = AppTest.from_function(summaries, args=({"y": ["It predicts y.", "MAE is $5 to $6."]},)).run()
    assert [one.value for one in app.markdown] == [r"It predicts y. MAE is \$5 to \$6."]
    app = AppTest.from_function(summaries, args=({"*y*": ["A."], "z": ["B."]},)).run()
    assert [one.value for one in app.markdown] == [r"**\*y\*:** A.", "**z:** B."]
