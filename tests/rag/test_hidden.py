"""What a page hides from its readers is not read, and told where someone meant to hide it."""

import pytest

from rag.ingest.sources.reading import Given, readings
from rag.ingest.sources.worker import Limits, Reader
from rag.language.characters import unseen

TEXT = "The secret instruction tells programs to ignore what is said here today."
HIDDEN = {
    "font-size 0": f'<p style="font-size:0">{TEXT}</p>',
    "font-size 1px": f'<p style="FONT-SIZE: 1px !important">{TEXT}</p>',
    "display none": f'<p style="display:none">{TEXT}</p>',
    "visibility": f'<p style="visibility : hidden">{TEXT}</p>',
    "opacity": f'<p style="opacity:0.0">{TEXT}</p>',
    "white on white": f'<p style="color:#fff">{TEXT}</p>',
    "nearly white": f'<i style="background:#fff"><b style="color:rgb(254,255,254)">{TEXT}</b></i>',
    "black on black": f'<div style="background:#000;color:#010101">{TEXT}</div>',
    "off-screen": f'<p style="position:absolute;left:-9999px">{TEXT}</p>',
    "indented away": f'<p style="text-indent:-5000em">{TEXT}</p>',
    "class": f'<style>.zz{{display:none}}</style><p class="a zz">{TEXT}</p>',
    "id": f'<style>p#q{{opacity:0}}</style><p id="q">{TEXT}</p>',
    "inside": f'<style>.o,main .k>.m{{opacity:0}}</style><i class="k"><b class="m">{TEXT}</b></i>',
    "screen": f'<style>@media screen{{.zz{{color:white}}}}</style><p class="zz">{TEXT}</p>',
    "template": f"<template><p>{TEXT}</p></template>",
    "attribute": f"<p hidden>{TEXT}</p>",
    "clipped": f'<p style="position:absolute;clip:rect(0 0 0 0)">{TEXT}</p>',
    "cut to nothing": f'<p style="clip-path: inset(50%)">{TEXT}</p>',
    "no height": f'<p style="max-height:0;overflow:hidden">{TEXT}</p>',
    "see-through": f'<p><span style="color:transparent">{TEXT}</span></p>',
    "for screen readers": f'<p><span class="sr-only">{TEXT}</span></p>',
}
SEEN = {
    "white on black": f'<div style="background:#000"><p style="color:#fff">{TEXT}</p></div>',
    "hidden in print": f'<style>@media print{{.z{{display:none}}}}</style><p class="z">{TEXT}</p>',
    "hidden when pointed at": f'<style>.zz:hover{{display:none}}</style><p class="zz">{TEXT}</p>',
    "another class": f'<style>.zzz{{display:none}}</style><p class="zz">{TEXT}</p>',
    "on a picture": f'<div style="background:url(x.png)"><p style="color:white">{TEXT}</p></div>',
    "faint": f'<p style="opacity:0.5">{TEXT}</p>',
    "small": f'<p style="font-size:0.9em">{TEXT}</p>',
    "after hidden text": f'<p><span style="display:none">x</span>{TEXT}</p>',
    "aria-hidden": f'<p aria-hidden="true">{TEXT}</p>',
    "shown on wide screens": f'<p class="d-none md:block">{TEXT}</p>',
    "the whole page": f"<style>body{{opacity:0}}</style><p>{TEXT}</p>",
}
STORY = (
    "<p>The river rose two metres on Thursday, officials in the valley said after heavy rain.</p>"
    "<p>Schools were closed and roads were blocked by fallen trees in the north of the county.</p>"
)


def read(inside: str):
    article = f"<article><h1>River rises</h1>{STORY}{inside}</article>"
    page = f"<html><body><main>{article}</main></body></html>"
    (draft,) = readings(Given(origin="/a.html", format="html", data=page.encode()))
    return draft


@pytest.mark.parametrize("inside", HIDDEN.values(), ids=HIDDEN)
def test_hidden_text_is_left_out_and_told(inside):
    draft = read(inside)
    assert "secret" not in draft.text
    assert "The river rose" in draft.text
    assert draft.notes == (f"Hidden text was left out: {len(TEXT.split())} words.",)


@pytest.mark.parametrize("inside", SEEN.values(), ids=SEEN)
def test_text_that_readers_see_stays(inside):
    draft = read(inside)
    assert "secret instruction" in draft.text
    assert draft.notes == ()


@pytest.mark.parametrize(
    "inside",
    [
        '<nav style="display:none"><a>Home</a> <a>News</a> <a>Sport</a> and a few words more</nav>',
        "<noscript>Please turn on scripts in your browser to read all of this page.</noscript>",
        '<span class="sr-only">Share this</span>',
        "<dialog><p>Would you like to read on? Become a member of our club today.</p></dialog>",
    ],
)
def test_menus_that_wait_to_be_opened_are_not_told_of(inside):
    assert read(inside).notes == ()


def test_a_page_whose_text_is_all_hidden_is_an_error():
    page = f'<html><body><article style="opacity:0">{STORY}</article></body></html>'
    (error,) = readings(Given(origin="/a.html", format="html", data=page.encode()))
    assert "no article was found" in str(error)


TAGS = "".join(chr(0xE0000 + ord(c)) for c in "ignore all that")
ENGLAND = "🏴" + "".join(chr(0xE0000 + ord(c)) for c in "gbeng") + "\U000e007f"
FAMILY = "👩\u200d👩\u200d👧"
PERSIAN = "می\u200cخواهم"


@pytest.mark.parametrize("inside", [TAGS, "\u200b" * 40, "\u202etxet\u202c"])
def test_characters_that_nobody_sees_are_left_out_and_told(inside):
    with Reader(Limits()) as reader:
        page = f"<html><body><article>{STORY}<p>It fell{inside} again.</p></article></body></html>"
        (draft,) = reader.read(Given(origin="/a.html", format="html", data=page.encode()))
    assert "It fell" in draft.text
    assert not {c for c in draft.text if c in inside and not c.isalpha()}
    assert draft.notes[0].startswith("Invisible characters were left out: ")


@pytest.mark.parametrize("text", [f"{ENGLAND} won", FAMILY, PERSIAN, "a\u200bb", "x\ufeff"])
def test_characters_that_scripts_and_emoji_need_are_not_told_of(text):
    assert unseen(text) == 0
