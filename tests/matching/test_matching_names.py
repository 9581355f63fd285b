"""Two names say: same, nearly, an initial, one family, or different, whichever stands first."""

from __future__ import annotations

import pytest

from sheetcrm.matching.names import NameLevel, name_level
from sheetcrm.matching.normalise import name_words

PAIRS = [
    ("Jessica Kent", "KENT, Jessica", NameLevel.SAME),
    ("Jess Kent", "Jessica Kent", NameLevel.SAME),
    ("Bill Müller", "William Mueller", NameLevel.SAME),
    ("JessicaKent", "Jessica Kent", NameLevel.SAME),
    ("Jessica Kent", "Jessica Ketn", NameLevel.CLOSE),
    ("Victoria Yates", "Victoria Yaes", NameLevel.CLOSE),
    ("J. Kent", "Jessica Kent", NameLevel.INITIAL),
    ("Kent, J.", "Jessica Kent", NameLevel.INITIAL),
    ("Kent", "Jessica Kent", NameLevel.SURNAME),
    ("", "Jessica Kent", NameLevel.NONE),
    ("Hugo Kent", "Jessica Kent", NameLevel.FAMILY),
    ("Jan Kent", "Jon Kent", NameLevel.FAMILY),
    ("Jessica Kent", "Jessica Marlowe", NameLevel.FIRST_ONLY),
    ("Hugo Brothwell", "Jessica Kent", NameLevel.DIFFERENT),
]


@pytest.mark.parametrize(("one", "other", "level"), PAIRS)
def test_two_names_say(one, other, level):
    assert name_level(name_words(one), name_words(other)) is level
    assert name_level(name_words(other), name_words(one)) is level
