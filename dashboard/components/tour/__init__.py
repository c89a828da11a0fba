"""A short tour of the page for a first visitor; the browser remembers that it was seen or left."""

from __future__ import annotations

from pathlib import Path

from dashboard.components.declared import declared

STEPS = (
    (
        "[data-testid='stTopNavLink'], [data-testid='stSidebarNavLink']",
        "Welcome to Layerdeck",
        "A table of homes is loaded. Data is where you bring your own, and choose what is predicted.",
    ),
    (
        ".ld-stack",
        "The layers",
        "Drag cards into order, change units and activations, add a layer. Undo takes anything back.",
    ),
    (
        ".st-key-train",
        "Train",
        "Press it and the network learns, in a second or two. Step and Epoch go slowly, Follow trains after each "
        "change.",
    ),
    (
        ".ld-net",
        "The network",
        "Edges are weights: blue adds, orange takes away. Point at a unit to see what it responds to, press a layer "
        "to see its health.",
    ),
    (
        ".ld-live, .st-key-before",
        "The curves",
        "Orange is what counts: rows it never trains on. The grey lines are what simple methods reach.",
    ),
    (
        ".st-key-pin",
        "Ask it",
        "Pin a row, like a house of 1,500 sq ft, and watch its price move. Predict answers for whole tables.",
    ),
)

_component = declared("tour", Path(__file__).parent, "tour.js", style="tour.css")


def tour() -> None:
    """Show the tour, unless this browser has seen it."""
    _component(key="tour", data={"steps": [{"at": at, "title": title, "says": says} for at, title, says in STEPS]})
