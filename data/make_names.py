"""Make names.tsv, the names of territories in twelve languages, from Unicode CLDR.

Needs Babel (``pip install babel==2.18.0``), which carries CLDR; the course itself does not:

    python data/make_names.py

The same release of Babel gives the same checksum, which helpers/datasets verifies on every load.
"""

import hashlib
import re
import unicodedata
from pathlib import Path

import babel

TARGET = Path(__file__).with_name("names.tsv")
LICENCE = Path(__file__).with_name("LICENSE.unicode")
RELEASE = "2.18.0"
# Their alphabets are all Latin; some are close relatives, some have none here.
LANGUAGES = ("cs", "de", "en", "es", "fi", "fr", "hu", "it", "nl", "pl", "pt", "tr")
# Two letters, and yet no territory: unions, the rest of Oceania, tests, "unknown".
NO_TERRITORY = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


def main() -> None:
    """Write names.tsv and the licence beside this file, and print the checksums."""
    if babel.__version__ != RELEASE:
        raise SystemExit(
            f"this needs Babel {RELEASE}, whose names are CLDR 47's; not {babel.__version__}"
        )
    told = {language: babel.Locale(language).territories for language in LANGUAGES}
    every = set.intersection(*(set(names) for names in told.values()))
    codes = sorted(code for code in every - NO_TERRITORY if re.fullmatch("[A-Z]{2}", code))
    rows = [("territory", *LANGUAGES)]
    rows += [(code, *(told[language][code] for language in LANGUAGES)) for code in codes]
    text = "".join("\t".join(row) + "\n" for row in rows)
    TARGET.write_bytes(unicodedata.normalize("NFC", text).encode())
    licence = Path(babel.__file__).parent / "locale-data" / "LICENSE.unicode"
    LICENCE.write_bytes(licence.read_bytes())
    for file in (TARGET, LICENCE):
        print(f"{file.name}  sha256 {hashlib.sha256(file.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
