"""Pumps in several plants: what their sensors read, and which of them fail within a week. Made up, and repeatable.

The physics, the same in every plant. A pump has a hidden wear between 0 and 1, which grows with the hours since its last
service and faster with a soft impeller. Wear makes the pump vibrate, warms its bearing and costs pressure; load makes it
draw current and warms it as well. The chance of failing within a week is logistic in wear, load and heat:

    logit P = 12 (wear - 0.55) + 5 (load - 0.55) + 0.6 (bearing heat - 61)

The sensors add noise, which a model can never explain away. Plants A, B and C have sensors of series K100. Plant D has series K200:
its accelerometer sits on the casing and reads 1.5 times the vibration plus 0.8 mm/s, and its thermometer sits on the bearing itself and
reads 14 degrees more. The pumps of plant D fail no more often than the others; only their readings differ.
"""

import numpy
import pandas

PLANTS = ("A", "B", "C", "D")
FEATURES = ["vibration_mm_s", "temperature_c", "pressure_bar", "current_a", "hours_since_service", "material", "sensor_series"]
LABEL = "label"

# Shares of impeller materials, and how fast each wears compared with steel.
MATERIALS = {"steel": (0.5, 1.0), "bronze": (0.3, 1.25), "polymer": (0.2, 1.6)}


def rows(plant, count, seed):
    """`count` rows of one plant as a data frame: FEATURES, and LABEL as 0 or 1. The same arguments give the same rows."""
    if plant not in PLANTS:
        raise ValueError(f"There is no plant {plant}: only {', '.join(PLANTS)}.")
    random = numpy.random.default_rng([PLANTS.index(plant), seed])
    names = list(MATERIALS)
    material = random.choice(names, count, p=[MATERIALS[name][0] for name in names])
    pace = numpy.array([MATERIALS[name][1] for name in material])
    hours = random.uniform(0, 4000, count)
    wear = numpy.clip(hours / 6000 * pace + random.normal(0, 0.06, count), 0, 1)
    load = random.beta(4, 3, count)
    ambient = random.normal(22, 4, count)
    heat = ambient + 20 + 18 * load + 22 * wear**2 + random.normal(0, 1, count)
    vibration = 1.2 + 6.5 * wear**1.5 + 0.8 * load + random.normal(0, 0.25, count)
    chance = 1 / (1 + numpy.exp(-(12 * (wear - 0.55) + 5 * (load - 0.55) + 0.6 * (heat - 61))))
    label = (random.random(count) < chance).astype(int)

    if plant == "D":
        vibration, heat, series = 1.5 * vibration + 0.8, heat + 14, "K200"
    else:
        series = "K100"
    return pandas.DataFrame(
        {
            "vibration_mm_s": vibration + random.normal(0, 0.1, count),
            "temperature_c": heat + random.normal(0, 0.5, count),
            "pressure_bar": 6 - 1.5 * wear + 0.4 * load + random.normal(0, 0.15, count),
            "current_a": 8 + 9 * load + 1.5 * wear + random.normal(0, 0.3, count),
            "hours_since_service": hours,
            "material": material,
            "sensor_series": series,
            LABEL: label,
        }
    )


def mix(plants, count, seed):
    """`count` rows in all, evenly from several plants, in random order."""
    each = -(-count // len(plants))
    frame = pandas.concat([rows(plant, each, seed) for plant in plants])
    return frame.sample(count, random_state=seed).reset_index(drop=True)
