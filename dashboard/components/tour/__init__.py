"""A short tour of the page for a first visitor; the browser remembers that it was seen or left."""

from __future__ import annotations

from pathlib import Path

from dashboard.components.declared import declared

STEPS = (
    (
        "[data-testid='stTopNavLink'], [data-testid='stSidebarNavLink'], [data-testid='stExpandSidebarButton']",
        "Welcome to Layerdeck",
        "It starts with a table of homes. On the Data page you upload your own and choose the target.",
    ),
    (
        ".ld-stack",
        "The layers",
        "Drag the cards to reorder the layers, change units and activations, or add a layer. Undo reverts any change.",
    ),
    (
        ".st-key-train",
        "Train",
        "Train the network: it takes a second or two. Step and Epoch go slowly, Auto-train retrains after every "
        "change.",
    ),
    (
        ".ld-net",
        "The network",
        "Edges are weights: blue is positive, orange is negative. Hover over a unit to see its "
        "inputs; click a layer to see its gradients and dead units.",
    ),
    (
        ".ld-live, .st-key-before",
        "The curves",
        "Orange is the validation set, on which the network is not trained. The grey lines are the baselines.",
    ),
    (
        ".st-key-pin",
        "Predict",
        "Pin a row, such as a house of 1,500 sq ft, and watch its prediction change. The Predict page also "
        "predicts whole tables.",
    ),
)

_component = declared("tour", Path(__file__).parent, "tour.js", style="tour.css")


def tour() -> None:
    """Show the tour, unless this browser has seen it."""
    _component(key="tour", data={"steps": [{"at": at, "title": title, "says": says} for at, title, says in STEPS]})
