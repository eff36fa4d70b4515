"""The English catalogue holds the sentences of code and pages, with their placeholders, and is compiled."""

import re

import polib

from anlan.wiring.catalogue import CATALOGUE, sentences

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")


def test_the_catalogue_holds_every_sentence_and_no_other() -> None:
    listed = [entry.msgid for entry in polib.pofile(str(CATALOGUE))]

    assert sorted(listed) == sorted(sentences()), "run scripts/catalogue"


def test_a_translation_keeps_the_placeholders_of_its_sentence() -> None:
    entries = [entry for entry in polib.pofile(str(CATALOGUE)) if entry.msgstr]
    assert entries

    differing = [
        entry.msgid
        for entry in entries
        if sorted(PLACEHOLDER.findall(entry.msgid)) != sorted(PLACEHOLDER.findall(entry.msgstr))
    ]

    assert differing == []


def test_the_compiled_catalogue_is_what_the_written_one_compiles_to() -> None:
    assert CATALOGUE.with_suffix(".mo").read_bytes() == polib.pofile(str(CATALOGUE)).to_binary()


def test_every_sentence_has_its_english() -> None:
    assert [entry.msgid for entry in polib.pofile(str(CATALOGUE)) if not entry.msgstr] == []
