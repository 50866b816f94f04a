"""The look of the page: one accent on slate neutrals, in light only, with fonts of this machine."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

CSS = (Path(__file__).parent / "static" / "theme.css").read_text("utf-8")
HEAD = (
    '<script type="module" src="/scripts/page.js"></script><link rel="icon" type="image/svg+xml" '
    'href="/favicon.svg"><meta name="referrer" content="same-origin">'
)
_FALLBACKS = ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif")


def make_theme() -> gr.themes.Base:
    """Make the theme; its dark values equal its light ones, because the page has one look."""
    theme = gr.themes.Default(
        primary_hue=gr.themes.colors.teal,
        secondary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        text_size=gr.themes.sizes.text_md,
        radius_size=gr.themes.sizes.radius_lg,
        font=(gr.themes.LocalFont("IBM Plex Sans"), *_FALLBACKS),
        font_mono=(gr.themes.LocalFont("IBM Plex Mono"), "ui-monospace", "Consolas", "monospace"),
    ).set(
        body_background_fill="#f6f8fa",
        body_text_color="#0f172a",
        block_background_fill="#ffffff",
        block_border_color="#e5eaf0",
        block_shadow="none",
        border_color_primary="#e5eaf0",
        button_primary_background_fill="#0f766e",
        button_primary_background_fill_hover="#115e59",
        button_primary_text_color="#ffffff",
        input_shadow="none",
        input_shadow_focus="none",
    )
    for name in [name for name in vars(theme) if name.endswith("_dark")]:
        setattr(theme, name, getattr(theme, name.removesuffix("_dark"), None))
    return theme
