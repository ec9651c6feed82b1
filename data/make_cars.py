"""Make cars.csv from the copy of the table that the package vega_datasets carries.

Needs vega_datasets (``pip install vega_datasets``), which the course itself does not:

    python data/make_cars.py

Writing the same rows gives the same checksum, which helpers/datasets verifies on every load.

That copy differs from the one at UCI in two ways, found by comparing them line by line; both are
mended here. Cars of 1981 are dated 1982: the table is in the order of the years, and the first car
of 1982 is the first Chevrolet Cavalier. And "acc" inside a name has become "Acceleration".
"""

import csv
import hashlib
import json
from importlib import resources
from pathlib import Path

TARGET = Path(__file__).with_name("cars.csv")
COLUMNS = {
    "mpg": "Miles_per_Gallon",
    "cylinders": "Cylinders",
    "displacement": "Displacement",
    "horsepower": "Horsepower",
    "weight": "Weight_in_lbs",
    "acceleration": "Acceleration",
}
FIRST_OF_1982 = "chevrolet cavalier"


def main() -> None:
    """Write cars.csv beside this file and print its checksum."""
    source = resources.files("vega_datasets") / "_data" / "cars.json"
    cars = json.loads(source.read_text(encoding="utf-8"))
    first = next(place for place, car in enumerate(cars) if car["Name"] == FIRST_OF_1982)
    lines = []
    for place, car in enumerate(cars):
        year = int(car["Year"][:4])
        if year == 1982 and place < first:
            year = 1981
        numbers = [car[name] for name in COLUMNS.values()]
        if None not in numbers:
            name = car["Name"].replace("Accelerationord", "accord")
            lines.append([*numbers, year, car["Origin"], name])
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*COLUMNS, "year", "origin", "name"])
        writer.writerows(lines)
    checksum = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{TARGET.name}  {len(lines)} of {len(cars)} rows  sha256 {checksum}")


if __name__ == "__main__":
    main()
