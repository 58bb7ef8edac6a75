// Draws the charts of a report into their frames, with D3, from the data block of the page. Every chart is said by a table
// beside it, too; without this script the page lacks the pictures alone.
//
// The data, of a partnership: {first, last, directions: [{name, held: [step], hindsight: [step], scores: [{date, facets:
// [[score, deviation]]}]}], evidence: [{row, date, bearing, record, words, retracted}], promises: [{row, made, date, outcome,
// record, words}]}; of a portfolio: {counts: [{stage, name, count}], paths: [{partnership, name, last, held: [step]}]}. A step
// is {date, stage, stageName, cause, events}. Scores are basis points.
(function () {
  "use strict";

  const data = JSON.parse(document.getElementById("report-data").textContent);
  const STAGES = ["initial contact", "building rapport", "establishing reliability", "maintaining commitment"];
  const FACETS = ["credibility", "rapport", "reliability", "nurture"];
  const PRINTED_WIDTH = 700;
  const NARROW = 560;
  const SLOT = 13;
  const HEIGHT_MAX = 700;
  const day = d3.utcParse("%Y-%m-%d");

  // A new picture in the frame: the only one, or that part of several.
  function svgIn(frame, width, height, part) {
    if (!part) frame.textContent = "";
    frame.hidden = false;
    const name = frame.dataset.chart + (part ? `-${part}` : "");
    const svg = d3.select(frame).append("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img")
      .attr("aria-labelledby", `${name}-title ${name}-words`);
    svg.append("title").attr("id", `${name}-title`).text(frame.dataset.description);
    svg.append("desc").attr("id", `${name}-words`).text("The tables of this part have the same.");
    return svg;
  }

  // What a pointer is shown; who reads the table has it anyway.
  function tell(selection, words) {
    selection.append("title").text(words);
  }

  function timeScale(dates, left, right) {
    const days = dates.filter(Boolean).map(day);
    const [first, last] = d3.extent(days);
    return d3.scaleUtc().domain([first, last > first ? last : d3.utcDay.offset(first, 30)]).range([left, right]);
  }

  function drawTimeAxis(svg, x, y) {
    const [left, right] = x.range();
    svg.append("g").attr("transform", `translate(0,${y})`)
      .call(d3.axisBottom(x).ticks(Math.max(2, Math.floor((right - left) / 90))).tickSizeOuter(0))
      .attr("font-family", null).attr("font-size", null);
  }

  // Entries with a mark before each, in as many lines as they need; the height of all.
  function drawLegend(svg, entries, width, top) {
    let x = 0;
    let y = top + 12;
    entries.forEach(function (entry) {
      const room = 34 + entry.words.length * 6.6;
      if (x > 0 && x + room > width) {
        x = 0;
        y += 20;
      }
      const place = svg.append("g").attr("transform", `translate(${x},${y})`);
      entry.draw(place.append("g").attr("transform", "translate(10,-4)"));
      place.append("text").attr("x", 24).text(entry.words);
      x += room;
    });
    return y + 8 - top;
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Stages over time.

  function stepLine(x, y) {
    return d3.line().x((point) => x(point.at)).y((point) => y(point.stage)).curve(d3.curveStepAfter);
  }

  // The steps with a last point that carries the line to its end.
  function pointsOf(steps, last) {
    const points = steps.map((step) => ({at: day(step.date), stage: step.stage}));
    if (points.length > 0 && points[points.length - 1].at < last) points.push({at: last, stage: points[points.length - 1].stage});
    return points;
  }

  function samePath(one, other) {
    return one.length === other.length && one.every((step, i) => step.date === other[i].date && step.stage === other[i].stage);
  }

  function drawStages(frame, width, direction) {
    const narrow = width < NARROW;
    const left = narrow ? 24 : 172;
    const top = 34;
    const gap = 44;
    const bottom = top + 3 * gap + 18;
    const svg = svgIn(frame, width, bottom + 28);
    const x = timeScale([data.first, data.last].concat(direction.held.map((s) => s.date), direction.hindsight.map((s) => s.date)),
                        left + 8, width - 18);
    const y = (stage) => top + (4 - stage) * gap;
    const rows = svg.append("g").attr("class", "grid").selectAll("g").data([1, 2, 3, 4]).join("g");
    rows.append("line").attr("x1", left).attr("x2", width).attr("y1", y).attr("y2", y);
    rows.append("text").attr("x", 0).attr("y", (stage) => y(stage) + 4).text((stage) => narrow ? stage : `${stage} ${STAGES[stage - 1]}`);
    drawTimeAxis(svg, x, bottom);
    const last = x.domain()[1];
    const differs = !samePath(direction.held, direction.hindsight);
    if (differs) {
      // A little lower, so that neither line hides the other.
      svg.append("path").attr("class", "hindsight").attr("transform", "translate(0,4)")
        .attr("d", stepLine(x, y)(pointsOf(direction.hindsight, last)));
    }
    svg.append("path").attr("class", "held").attr("d", stepLine(x, y)(pointsOf(direction.held, last)));
    const line = (name) => (g) => g.append("path").attr("class", name).attr("d", "M-10,0H10");
    drawLegend(svg, differs ? [{words: "held view", draw: line("held")}, {words: "hindsight", draw: line("hindsight")}]
                            : [{words: "held view, and hindsight: they are the same", draw: line("held")}], width, -2);
    const taken = [];
    direction.held.forEach(function (step, place) {
      const at = {x: x(day(step.date)), y: y(step.stage)};
      const mark = svg.append("path").attr("data-mark", "change").attr("transform", `translate(${at.x},${at.y})`);
      if (step.cause === "silence") {
        mark.attr("class", "silence").attr("d", "M-5,-5L5,5M-5,5L5,-5");
      } else {
        mark.attr("class", "change").attr("d", d3.symbol().type(d3.symbolCircle).size(60)());
      }
      tell(mark, `${step.date}: ${step.stageName}, ${step.cause === "event" ? `by event ${step.events}` : step.cause}`);
      if (step.cause !== "event") return;
      const label = step.events.split(" and ")[0];
      const length = 6 + label.length * 6.8;
      // Above a rise; beside a fall, whose line comes from above.
      const falls = place > 0 && direction.held[place - 1].stage > step.stage;
      const from = falls ? at.x + 7 : at.x - length / 2;
      const box = {left: from, right: from + length, y: at.y};
      if (box.right > width || taken.some((other) => other.y === box.y && other.left < box.right && box.left < other.right)) return;
      taken.push(box);
      svg.append("text").attr("class", "halo").attr("x", falls ? from : at.x).attr("y", at.y - 9)
        .attr("text-anchor", falls ? "start" : "middle").text(label);
    });
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Facet scores: a panel each, all with the same axes.

  function drawScores(frame, width, direction) {
    const columns = width < 700 ? 1 : 2;
    const room = width / columns;
    const height = 118;
    const panelTop = 26;
    const svg = svgIn(frame, width, Math.ceil(4 / columns) * (height + 30));
    FACETS.forEach(function (name, facet) {
      const origin = {x: (facet % columns) * room, y: Math.floor(facet / columns) * (height + 30)};
      const panel = svg.append("g").attr("transform", `translate(${origin.x},${origin.y})`);
      const x = timeScale(direction.scores.map((point) => point.date), 44, room - 18);
      const y = d3.scaleLinear().domain([0, 10000]).range([height, panelTop]).clamp(true);
      panel.append("text").attr("class", "strong").attr("x", 44).attr("y", 16).text(name);
      const grid = panel.append("g").attr("class", "grid").selectAll("g").data([0, 5000, 10000]).join("g");
      grid.append("line").attr("x1", 44).attr("x2", room - 18).attr("y1", y).attr("y2", y)
        .attr("class", (value) => value === 5000 ? "middle" : null);
      grid.append("text").attr("class", "quiet").attr("x", 38).attr("y", (value) => y(value) + 4).attr("text-anchor", "end")
        .text((value) => `${value / 100}%`);
      drawTimeAxis(panel, x, height);
      const points = direction.scores.map((point) => ({at: day(point.date), score: point.facets[facet][0], band: point.facets[facet][1]}));
      panel.append("path").attr("class", "band").attr("data-mark", "band")
        .attr("d", d3.area().x((p) => x(p.at)).y0((p) => y(p.score - p.band)).y1((p) => y(p.score + p.band))(points));
      panel.append("path").attr("class", "score").attr("data-mark", "score")
        .attr("d", d3.line().x((p) => x(p.at)).y((p) => y(p.score))(points));
    });
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Marks on a time line, a row each, stacked where they would hide one another.

  const BEARINGS = {
    "for": {type: d3.symbolTriangle, turn: 0, tone: "for", side: -1},
    "against": {type: d3.symbolTriangle, turn: 180, tone: "against", side: 1},
    "both ways": {type: d3.symbolDiamond, turn: 0, tone: "neutral", side: -1},
    "no weight": {type: d3.symbolSquare, turn: 0, tone: "neutral", side: -1},
  };
  const OUTCOMES = {
    "exceeded": {type: d3.symbolStar, turn: 0, tone: "for"},
    "on time": {type: d3.symbolCircle, turn: 0, tone: "for"},
    "late": {type: d3.symbolSquare, turn: 0, tone: "neutral"},
    "missed": {type: d3.symbolCross, turn: 45, tone: "against"},
    "waived": {type: d3.symbolDiamond, turn: 0, tone: "neutral"},
    "overdue": {type: d3.symbolTriangle, turn: 180, tone: "against"},
    "open": {type: d3.symbolWye, turn: 0, tone: "neutral"},
  };

  // slot: the room of the mark.
  function drawMark(place, look, record, slot) {
    const part = (slot || SLOT) / SLOT;
    const shape = place.append("path").attr("d", d3.symbol().type(look.type).size(58 * part * part)()).attr("transform", `rotate(${look.turn})`)
      .attr("class", `mark ${look.tone}${record === "synthetic" ? " synthetic" : ""}`);
    if (record === "imported") place.append("circle").attr("class", "eye").attr("r", 1.8 * part);
    return shape;
  }

  // The marks of a row on both sides of its line, none of which hides another.
  function layOut(row, entries, x, slot) {
    const placed = [];
    const deepest = {up: 0, down: 0};
    const marks = entries.filter((entry) => entry.row === row).map(function (entry) {
      const side = entry.look.side || -1;
      const at = x(entry.at);
      const hides = (level) => placed.some((other) => other.side === side && other.level === level && Math.abs(other.at - at) < slot);
      let level = 0;
      while (hides(level)) level += 1;
      placed.push({side, level, at});
      const key = side < 0 ? "up" : "down";
      deepest[key] = Math.max(deepest[key], level + 1);
      return {entry, x: at, offset: side * (level + 0.6) * slot};
    });
    return {row, marks, up: deepest.up * slot + 6, down: deepest.down * slot + 6};
  }

  // entries: [{row, at: Date, from: Date or null, look, record, words}]; legend: as drawLegend takes it.
  function drawRows(frame, width, entries, legend) {
    const rows = Array.from(new Set(entries.map((entry) => entry.row))).sort();
    const dates = [data.first, data.last].map(day).concat(entries.map((entry) => entry.at), entries.map((entry) => entry.from));
    const format = d3.utcFormat("%Y-%m-%d");
    const x = timeScale(dates.filter(Boolean).map(format), 18, width - 18);
    // Many marks are small ones, so that the chart still fits on a page.
    let slot;
    let layouts;
    for (slot of [SLOT, 9, 6, 4, 2.5]) {
      layouts = rows.map((row) => layOut(row, entries, x, slot));
      if (layouts.reduce((sum, layout) => sum + layout.up + layout.down, 0) < HEIGHT_MAX) break;
    }
    let top = 0;
    layouts.forEach(function (layout) {
      layout.base = top + 20 + layout.up;
      top = layout.base + layout.down + 6;
    });
    const axisAt = top;
    const svg = svgIn(frame, width, axisAt + 30 + 20 * Math.ceil(legend.reduce((sum, e) => sum + 34 + e.words.length * 6.6, 0) / (width - 120) + 0.5));
    drawTimeAxis(svg, x, axisAt);
    drawLegend(svg, legend, width, axisAt + 28);
    layouts.forEach(function (layout) {
      svg.append("text").attr("class", "strong").attr("x", 0).attr("y", layout.base - layout.up - 4).text(layout.row);
      svg.append("g").attr("class", "grid").append("line").attr("x1", 0).attr("x2", width).attr("y1", layout.base).attr("y2", layout.base);
      layout.marks.forEach(function (mark) {
        if (mark.entry.from) {
          svg.append("line").attr("class", "stem").attr("x1", x(mark.entry.from)).attr("x2", mark.x)
            .attr("y1", layout.base + mark.offset).attr("y2", layout.base + mark.offset);
        }
        const place = svg.append("g").attr("data-mark", "entry").attr("transform", `translate(${mark.x},${layout.base + mark.offset})`);
        tell(drawMark(place, mark.entry.look, mark.entry.record, slot), mark.entry.words);
      });
    });
  }

  function legendOf(looks, used) {
    return Object.keys(looks).filter((name) => used.has(name)).map((name) => ({words: name, draw: (g) => drawMark(g, looks[name], "recorded")}));
  }

  function drawEvidence(frame, width) {
    const entries = data.evidence.map((mark) => ({
      row: mark.row, at: day(mark.date), from: null, look: BEARINGS[mark.bearing], record: mark.record, words: mark.words}));
    const legend = legendOf(BEARINGS, new Set(data.evidence.map((mark) => mark.bearing)));
    const records = new Set(data.evidence.map((mark) => mark.record));
    ["recorded", "imported", "synthetic"].filter((record) => records.has(record)).forEach((record) => legend.push({
      words: record, draw: (g) => drawMark(g, {type: d3.symbolCircle, turn: 0, tone: "neutral"}, record)}));
    drawRows(frame, width, entries, legend);
  }

  function drawPromises(frame, width) {
    const entries = data.promises.map((mark) => ({
      row: mark.row, at: day(mark.date), from: mark.made ? day(mark.made) : null, look: OUTCOMES[mark.outcome], record: mark.record,
      words: mark.words}));
    const legend = legendOf(OUTCOMES, new Set(data.promises.map((mark) => mark.outcome)));
    if (data.promises.some((mark) => mark.record)) {
      legend.push({words: "hollow: synthetic", draw: (g) => drawMark(g, {type: d3.symbolCircle, turn: 0, tone: "neutral"}, "synthetic")});
    }
    drawRows(frame, width, entries, legend);
  }

  // ---------------------------------------------------------------------------------------------------------------
  // A portfolio.

  function drawCounts(frame, width) {
    const left = width < NARROW ? 24 : 172;
    const gap = 30;
    const svg = svgIn(frame, width, 4 * gap + 4);
    const x = d3.scaleLinear().domain([0, d3.max(data.counts, (bar) => bar.count) || 1]).range([left, width - 48]);
    const rows = svg.selectAll("g.row").data(data.counts).join("g").attr("class", "row").attr("transform", (bar) => `translate(0,${(4 - bar.stage) * gap})`);
    rows.append("text").attr("y", 19).text((bar) => width < NARROW ? bar.stage : `${bar.stage} ${bar.name}`);
    rows.append("rect").attr("class", "bar").attr("data-mark", "count").attr("x", left).attr("y", 4).attr("height", gap - 8)
      .attr("width", (bar) => x(bar.count) - left);
    rows.append("text").attr("x", (bar) => x(bar.count) + 6).attr("y", 19).text((bar) => bar.count);
  }

  // In parts that fit on paper, all with the same axis.
  function drawPaths(frame, width) {
    const GAP = 52;
    const ROWS = 10;
    const x = timeScale(data.paths.reduce((all, path) => all.concat(path.last, path.held.map((step) => step.date)), []), 18, width - 18);
    for (let first = 0; first < data.paths.length; first += ROWS) {
      const paths = data.paths.slice(first, first + ROWS);
      const svg = svgIn(frame, width, paths.length * GAP + 32, first / ROWS);
      paths.forEach((path, row) => drawPath(svg, x, path, row * GAP + 50));
      drawTimeAxis(svg, x, paths.length * GAP + 4);
    }
  }

  function drawPath(svg, x, path, base) {
    svg.append("text").attr("x", 0).attr("y", base - 37).text(`${path.partnership}: ${path.name}`);
    path.held.forEach(function (step, place) {
      const next = path.held[place + 1];
      const from = x(day(step.date));
      const to = x(day(next ? next.date : path.last));
      const height = step.stage * 5;
      const bar = svg.append("rect").attr("class", "path").attr("data-mark", "step").attr("x", from).attr("y", base - height)
        .attr("width", Math.max(1, to - from)).attr("height", height);
      tell(bar, `${step.date}: ${step.stageName}`);
      if (to - from > 14) {
        svg.append("text").attr("class", "halo").attr("x", (from + to) / 2).attr("y", base - height - 4).attr("text-anchor", "middle").text(step.stage);
      }
    });
  }

  // ---------------------------------------------------------------------------------------------------------------

  function drawOne(frame, width) {
    const [kind, number] = frame.dataset.chart.split("-");
    const direction = number === undefined ? null : data.directions[Number(number)];
    if (kind === "stages" && direction.held.length > 0) drawStages(frame, width, direction);
    if (kind === "scores" && direction.scores.length > 0) drawScores(frame, width, direction);
    if (kind === "evidence" && data.evidence.length > 0) drawEvidence(frame, width);
    if (kind === "promises" && data.promises.length > 0) drawPromises(frame, width);
    if (kind === "counts") drawCounts(frame, width);
    if (kind === "paths" && data.paths.length > 0) drawPaths(frame, width);
  }

  const print = window.matchMedia("print");
  let drawnWidth = 0;
  function draw() {
    const width = print.matches ? PRINTED_WIDTH : Math.max(280, Math.round(document.getElementById("main").clientWidth));
    if (width === drawnWidth) return;
    drawnWidth = width;
    document.querySelectorAll("[data-chart]").forEach((frame) => drawOne(frame, width));
  }

  // Paper has no summary to click on: what is closed is opened for it, and closed again.
  const opened = [];
  function turnToPaper() {
    document.querySelectorAll("details:not([open])").forEach(function (part) {
      part.open = true;
      opened.push(part);
    });
    draw();
  }
  function turnToScreen() {
    opened.splice(0).forEach((part) => { part.open = false; });
    draw();
  }
  print.addEventListener("change", () => print.matches ? turnToPaper() : turnToScreen());
  window.addEventListener("resize", draw);
  draw();
  if (print.matches) turnToPaper();
})();
