"""How the page looks: gradio's theme variables, our style sheet, our script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

ASSETS = Path(__file__).parent / "assets"

STYLES = ("page.css", "sheet.css", "talk.css", "rooms.css", "names.css", "print.css")
SCRIPTS = ("page.js", "talk.js", "route.js")
"""In the order in which they run."""

ASSETS_PATH = "/dateline"
"""Where the server serves our assets."""

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "Helvetica", "sans-serif")
MONO = ("ui-monospace", "Consolas", "monospace")

# name: (light, dark). Text on its background has a contrast of at least 4.5 in both.
COLOURS = {
    "body_background_fill": ("#faf8f3", "#161513"),
    "body_text_color": ("#1f1d1a", "#ece7dd"),
    "body_text_color_subdued": ("#635d54", "#aaa398"),
    "background_fill_primary": ("#ffffff", "#1f1e1b"),
    "background_fill_secondary": ("#f3efe7", "#262420"),
    "border_color_primary": ("#e0d9cc", "#3a3732"),
    "border_color_accent": ("#8c2f1b", "#e59a82"),
    "border_color_accent_subdued": ("#d9b5a9", "#6b463b"),
    "color_accent_soft": ("#f6e9e3", "#3a2721"),
    "link_text_color": ("#8c2f1b", "#e8a48e"),
    "block_background_fill": ("#ffffff", "#1f1e1b"),
    "block_border_color": ("#e0d9cc", "#3a3732"),
    "block_title_text_color": ("#1f1d1a", "#ece7dd"),
    "block_label_text_color": ("#1f1d1a", "#ece7dd"),
    "block_info_text_color": ("#635d54", "#aaa398"),
    "checkbox_label_text_color": ("#1f1d1a", "#ece7dd"),
    "checkbox_label_background_fill": ("#ffffff", "#1f1e1b"),
    "checkbox_label_background_fill_selected": ("#f6e9e3", "#3a2721"),
    "checkbox_label_border_color": ("#cfc6b6", "#4a463f"),
    "checkbox_background_color": ("#ffffff", "#1f1e1b"),
    "checkbox_background_color_selected": ("#8c2f1b", "#b5543c"),
    "checkbox_border_color": ("#8d8577", "#7b7468"),
    "checkbox_border_color_selected": ("#8c2f1b", "#b5543c"),
    "slider_color": ("#8c2f1b", "#e59a82"),
    "input_background_fill": ("#ffffff", "#1f1e1b"),
    "input_background_fill_focus": ("#ffffff", "#1f1e1b"),
    "input_border_color": ("#8d8577", "#7b7468"),
    "input_border_color_focus": ("#8c2f1b", "#e59a82"),
    "input_placeholder_color": ("#6f685d", "#9c958a"),
    "button_primary_background_fill": ("#8c2f1b", "#e59a82"),
    "button_primary_background_fill_hover": ("#762514", "#efb09b"),
    "button_primary_text_color": ("#ffffff", "#201410"),
    "button_secondary_background_fill": ("#ffffff", "#262420"),
    "button_secondary_background_fill_hover": ("#f3efe7", "#302d28"),
    "button_secondary_text_color": ("#1f1d1a", "#ece7dd"),
    "button_secondary_border_color": ("#cfc6b6", "#4a463f"),
}


def theme() -> gr.themes.Base:
    """Return the theme: system fonts only, so that no font is ever fetched."""
    base = gr.themes.Base(
        font=SANS, font_mono=MONO, radius_size=gr.themes.sizes.radius_sm, neutral_hue="stone"
    )
    pairs = {name: light for name, (light, _) in COLOURS.items()}
    pairs |= {f"{name}_dark": dark for name, (_, dark) in COLOURS.items()}
    return base.set(
        **pairs,
        color_accent="var(--border-color-accent)",
        block_shadow="none",
        block_shadow_dark="none",
        input_shadow_focus="0 0 0 2px rgba(140, 47, 27, .22)",
        input_shadow_focus_dark="0 0 0 2px rgba(229, 154, 130, .3)",
        block_border_width="0px",
        layout_gap="16px",
    )


def look() -> dict[str, Any]:
    """Return what `gradio.mount_gradio_app` wants to know about looks."""
    return {
        "theme": theme(),
        # A link, since gradio rewrites the selectors of a style sheet that it is given.
        "head": "".join(f'<link rel="stylesheet" href=".{ASSETS_PATH}/{name}">' for name in STYLES),
        "js": "\n".join((ASSETS / name).read_text("utf-8") for name in SCRIPTS),
    }
