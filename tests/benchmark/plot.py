"""Draws the figures of a run as SVG, with gnuplot: plot.py FIGURES DIRECTORY.

    rates.svg      calls a second by the number in flight, a line for each kind of call
    latencies.svg  p50, p99 and p99.9 of durable writes and of empty calls, by the number in flight
    goals.svg      every figure that has something to reach, as a share of it
    growth.svg     memory and bytes on disk while a store grew, where growth_samples.txt lies beside the figures
"""

import json
import pathlib
import re
import subprocess
import sys

SHAPE = re.compile(r"(?P<call>\w+)\.in_flight_(?P<in_flight>\d+)\.(?P<what>rate|p50|p99|p99\.9)")
HEAD = """set terminal svg noenhanced size {width},{height} dynamic background rgb 'white' font 'sans-serif,12'
set output '{output}'
set grid
set border 3
set tics nomirror
"""


def read(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def quoted(text):
    """As a text of gnuplot's."""
    return "'" + text.replace("'", "''") + "'"


def block(name, rows):
    return f"${name} << END\n" + "\n".join(" ".join(str(cell) for cell in row) for row in rows) + "\nEND\n"


def series(figures, what):
    """The values of a kind by call, each as rows of in flight and value."""
    found = {}
    for figure in figures:
        match = SHAPE.fullmatch(figure["name"])
        if match and match["what"] == what:
            found.setdefault(match["call"], []).append((int(match["in_flight"]), figure["value"]))
    return {call: sorted(rows) for call, rows in found.items()}


def lines(titles_and_rows, x, y, output, logarithmic=False):
    blocks, plots = [], []
    for number, (title, rows) in enumerate(titles_and_rows):
        blocks.append(block(f"d{number}", rows))
        plots.append(f"$d{number} using 1:2 with linespoints linewidth 2 title {quoted(title)}")
    scale = "set logscale y\n" if logarithmic else "set yrange [0:*]\n"
    return (HEAD.format(width=900, height=560, output=output) + "".join(blocks) + scale +
            f"set logscale x 2\nset xlabel {quoted(x)}\nset ylabel {quoted(y)}\nset key outside right top\n" +
            "plot " + ", \\\n  ".join(plots) + "\n")


def growth(samples, output):
    """Memory of the server and its bytes on disk by the time."""
    rows = [line.split() for line in samples.read_text(encoding="ascii").splitlines()]
    return rows and (HEAD.format(width=900, height=560, output=output) + block("d", ((s, mib, int(size) / 2**20) for s, mib, size in rows)) +
                     f"set xlabel 'seconds'\nset ylabel {quoted('MiB resident')}\nset y2label {quoted('MiB on disk')}\n"
                     "set yrange [0:*]\nset y2range [0:*]\nset y2tics\nset key top left\n"
                     f"plot $d using 1:2 with lines title {quoted('resident memory')}, \\\n"
                     f"  $d using 1:3 axes x1y2 with lines title {quoted('bytes on disk')}\n")


def goals(figures, output):
    """One bar a figure; at 1 its goal is reached. Of a latency less is more."""
    rows = []
    for figure in figures:
        if "goal" not in figure:
            continue
        reached = figure.get("ratio", figure["value"])
        less_is_more = figure["unit"] in ("us", "ms", "s", "bytes", "MiB")
        rows.append((figure["name"], figure["goal"] / reached if less_is_more else reached / figure["goal"]))
    data = block("d", ((len(rows) - 1 - place, f"{share:.4f}") for place, (_, share) in enumerate(rows)))
    names = ", ".join(f"{quoted(name)} {len(rows) - 1 - place}" for place, (name, _) in enumerate(rows))
    height = 120 + 26 * max(len(rows), 1)
    return rows and (HEAD.format(width=1000, height=height, output=output) + data +
                     f"set ytics ({names})\nset yrange [-0.6:{len(rows) - 0.4}]\nset xrange [0:1.2<*]\n"
                     f"set xlabel {quoted('share of what is to be reached')}\nset boxwidth 0.6\nset style fill solid 0.7\nunset key\n"
                     "set arrow from 1, graph 0 to 1, graph 1 nohead linewidth 2 linecolor rgb '#b00020' front\n"
                     "plot $d using ($2/2):1:($2/2):(0.3) with boxxyerrorbars linecolor rgb '#3366aa'\n")


def main():
    figures, directory = read(sys.argv[1]), pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    latencies = [(f"{call} {what}", series(figures, what)[call]) for call in ("record_evidence", "empty_rpc")
                 for what in ("p50", "p99", "p99.9") if call in series(figures, what)]
    samples = pathlib.Path(sys.argv[1]).with_name("growth_samples.txt")
    plots = {
        "rates.svg": series(figures, "rate") and lines(sorted(series(figures, "rate").items()), "calls in flight", "calls a second", directory / "rates.svg"),
        "latencies.svg": latencies and lines(latencies, "calls in flight", "microseconds", directory / "latencies.svg", logarithmic=True),
        "goals.svg": goals(figures, directory / "goals.svg"),
        "growth.svg": samples.exists() and growth(samples, directory / "growth.svg"),
    }
    for name, commands in plots.items():
        if not commands:
            continue
        outcome = subprocess.run(["gnuplot"], input=commands, capture_output=True, text=True, check=False)
        if outcome.returncode or not (directory / name).stat().st_size:
            sys.exit(f"plot.py: gnuplot did not draw {name}:\n{outcome.stderr}")
        print(directory / name, file=sys.stderr)


if __name__ == "__main__":
    main()
