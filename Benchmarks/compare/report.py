"""What was measured, as a table in Markdown and as JSON."""

import json
import os
import statistics

HEADS = ("server", "requests/s", "p50 ms", "p99 ms", "CPU µs a request", "MiB", "requests/s, Martlet's to its", "CPU, its to Martlet's")


def spread(values, digits):
    form = f"{{:,.{digits}f}}"
    least, middle, most = (form.format(one) for one in (min(values), statistics.median(values), max(values)))
    return middle if least == most else f"{middle} ({least}–{most})"


def digits(value):
    return 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 0.1 else 3


def tables(rounds):
    """One table a case and transport: medians of the rounds (least–most); ratios are of the same round."""
    groups, base = {}, {}
    for one in rounds:
        if one["peer"] == "martlet":
            base[one["round"], one["case"], one["transport"], one["connections"]] = one
        groups.setdefault((one["case"], one["transport"]), {}).setdefault((one["connections"], one["peer"]), []).append(one)
    lines, alone = [], {case: found for (case, transport), found in groups.items() if transport == "in process"}
    for (case, transport), found in groups.items():
        if transport == "in process":
            continue
        lines += [f"### {case}, {transport}", "", "| conn. | " + " | ".join(HEADS) + " |", "|---" * (len(HEADS) + 1) + "|"]
        shown = None
        for (connections, peer), these in [*alone.get(case, {}).items(), *sorted(found.items(), key=lambda one: one[0][0])]:
            def column(key, scale=1):
                values = [one[key] * scale for one in these]
                return spread(values, digits(statistics.median(values)))

            pairs = [(one, base.get((one["round"], one["case"], one["transport"], one["connections"]))) for one in these]
            pairs = [(one, other) for one, other in pairs if other and peer != "martlet" and one["cpu_us"] and other["cpu_us"]]
            rate = spread([other["rate"] / one["rate"] for one, other in pairs], 2) if pairs else ""
            cpu = spread([one["cpu_us"] / other["cpu_us"] for one, other in pairs], 2) if pairs else ""
            first = "–" if peer == "onnxruntime" else "" if connections == shown else str(connections)
            shown = None if peer == "onnxruntime" else connections
            cells = [first, "ONNX Runtime alone" if peer == "onnxruntime" else peer, column("rate"), column("p50_us", 0.001), column("p99_us", 0.001)]
            lines.append("| " + " | ".join([*cells, column("cpu_us"), f"{max(one['memory'] for one in these):.0f}", rate, cpu]) + " |")
        lines.append("")
    return lines


def write(output, title, comparison):
    lines = [title, "", "Median of the rounds (least–most). Ratios are of the same round: above 1, Martlet is ahead. Memory is the proportional set size of all processes after the load.", ""]
    lines += tables(comparison.rounds)
    if comparison.idle:
        lines += ["### Memory with the model, idle, MiB", "", *(f"- {model}, {peer}: {value:.0f}" for (model, peer), value in comparison.idle.items()), ""]
    if comparison.missing:
        lines += ["### Left out", "", *(f"- {one['peer']}, of {one['where']}: {one['reason']}" for one in comparison.missing), ""]
    os.makedirs(os.path.dirname(output) or ".", exist_ok=True)
    with open(output + ".md", "w") as file:
        file.write("\n".join(lines))
    with open(output + ".json", "w") as file:
        idle = [{"model": model, "peer": peer, "memory": value} for (model, peer), value in comparison.idle.items()]
        json.dump({"title": title, "rounds": comparison.rounds, "idle": idle, "left_out": comparison.missing}, file, indent=1)
    print("\n" + "\n".join(lines) + f"\nwritten to {output}.md and {output}.json")
