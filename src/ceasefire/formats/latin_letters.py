"""How text is spelled with the letters of ASCII, for programs that know no others."""

import unicodedata

# Ukrainian and Russian as in BGN/PCGN and the Ukrainian national system, without apostrophes.
_CYRILLIC_LETTERS = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэёъђѓѕјљњћќўџ"
_CYRILLIC_SPELLINGS = (
    "a b v h g d e ie zh z y i i i k l m n o p r s t u f kh ts ch sh shch - iu ia y e e - "
    "dj g dz j lj nj c k u dz"
)
_GREEK_LETTERS = "αβγδεζηθικλμνξοπρσςτυφχψω"
_GREEK_SPELLINGS = "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
_OTHER = {
    "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i",
    "–": "-", "—": "-", "−": "-", "‘": "'", "’": "'", "“": "'", "”": "'", "„": "'", "«": "'",
    "»": "'", "…": "...", "×": "x", "€": "EUR", "№": "No.",
}  # fmt: skip
_SPELLING = {
    **dict(zip(_CYRILLIC_LETTERS, _CYRILLIC_SPELLINGS.split(" "), strict=True)),
    **dict(zip(_GREEK_LETTERS, _GREEK_SPELLINGS.split(" "), strict=True)),
    **_OTHER,
}


def spell_in_ascii(text: str) -> str:
    """A text in ASCII: accents dropped, Cyrillic and Greek letters spelled, any other a `?`.

    >>> spell_in_ascii("Україна — État, Київ; łódź"), spell_in_ascii("停火")
    ('Ukraina - Etat, Kyiv; lodz', '??')
    """
    return "".join(map(_spell, unicodedata.normalize("NFC", text)))


def _spell(letter: str) -> str:
    if letter.isascii():
        return letter
    found = _SPELLING.get(letter.lower())
    if found is None:
        parts = unicodedata.normalize("NFKD", letter)
        kept = "".join(part for part in parts if not unicodedata.combining(part))
        return "?" if kept in ("", letter) else spell_in_ascii(kept)
    found = found.replace("-", "") if letter.lower() in "ьъ" else found
    return found.capitalize() if letter.isupper() else found
