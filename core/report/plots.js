// Axes, bars and legends of the figures.

const PLOT = { width: 420, height: 270, left: 62, right: 14, top: 10, bottom: 44 };

// A figure with axes; `inside(x, y)` gives what is drawn, at places in the units of the axes. Each axis is {low, high, title}, with
// {tick(value)} or with {marks: [[place, text]]}. `legend` are [words, name of a colour or ""] that a saved picture has above it.
function plot(says, across, up, inside, height = PLOT.height, legend = []) {
  const wide = PLOT.width - PLOT.left - PLOT.right, tall = height - PLOT.top - PLOT.bottom;
  const x = (value) => PLOT.left + ((value - across.low) / (across.high - across.low)) * wide;
  const y = (value) => PLOT.top + ((up.high - value) / (up.high - up.low)) * tall;
  const marks = ({ low, high, tick, marks: own }) => own ?? ticks(low, high).map((value) => [value, tick(value)]);
  const within = (place, text) => Math.min(place, PLOT.width - 3.6 * text.length); // The end of a long one is not cut off.
  const middle = PLOT.top + tall / 2;
  const svg = drawn("svg.plot", { viewBox: `0 0 ${PLOT.width} ${height}`, role: "img", "aria-label": says },
    drawn("g.grid", {},
      marks(up).map(([at, text]) => [
        drawn("line", { x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: y(at), y2: y(at) }),
        drawn("text", { x: PLOT.left - 8, y: y(at) + 4, "text-anchor": "end" }, text),
      ]),
      marks(across).map(([at, text]) => drawn("text", { x: within(x(at), text), y: height - PLOT.bottom + 17, "text-anchor": "middle" }, text))),
    drawn("text.small", { x: PLOT.left + wide / 2, y: height - 6, "text-anchor": "middle" }, short(across.title, 52)),
    up.title ? drawn("text.small", { transform: `translate(12 ${middle}) rotate(-90)`, "text-anchor": "middle" }, short(up.title, 34)) : null,
    inside(x, y));
  return saveable(svg, () => [[says, ""]], legend);
}

// "M1 2L3 4": a line through pairs, broken where one is no number.
function path(pairs, x, y) {
  let pen = "M";
  return pairs.map(([across, up]) => {
    if (!Number.isFinite(across) || !Number.isFinite(up)) {
      pen = "M";
      return "";
    }
    const step = `${pen}${x(across).toFixed(1)} ${y(up).toFixed(1)}`;
    pen = "L";
    return step;
  }).join("");
}

const paired = ([across, up]) => across.map((value, at) => [value, up[at]]);

// The ends of an axis that holds these values, with a little room; with `zero` that, too.
function ends(values, zero = false) {
  const found = [...values.filter(Number.isFinite), ...(zero ? [0] : [])];
  const low = found.reduce((least, value) => Math.min(least, value), Infinity), high = found.reduce((most, value) => Math.max(most, value), -Infinity);
  if (!found.length) return { low: 0, high: 1 };
  const around = 0.05 * (high - low) || Math.abs(high) / 20 || 1;
  return { low: zero && low === 0 ? 0 : low - around, high: zero && high === 0 ? 0 : high + around };
}

// Bars below each other, of which each has its words, its place as shares of the width, and its number in words.
function bars(rows, zero = null) {
  return element("ul.bars", {}, rows.map(({ label, from, to, text, kind = "up", spread = null }) => {
    const bar = element(`i.${kind}`), track = element("div.track", {}, bar);
    const width = Math.max(0.4, 100 * Math.abs(to - from));
    bar.style.left = `${Math.min(100 - width, 100 * Math.min(from, to))}%`;
    bar.style.width = `${width}%`;
    if (zero !== null) {
      const line = element("i.zero");
      line.style.left = `${100 * zero}%`;
      track.append(line);
    }
    if (spread) {
      const whisker = element("i.whisker");
      whisker.style.left = `${100 * spread[0]}%`;
      whisker.style.width = `${100 * (spread[1] - spread[0])}%`;
      track.append(whisker);
    }
    return element("li", {}, element("span.name", { title: label }, label), track, element("span.much", {}, text));
  }));
}

// Lines by their looks and names.
const key = (lines) => element("p.legend", {}, lines.map(([kind, text]) => element("span", {}, element(`i.${kind}`), ` ${text}`)));

// What is drawn of a target: of several the one that is chosen.
function byTarget(targets, one) {
  const drawable = targets.map((target) => [target, one(target)]).filter(([, made]) => made);
  if (drawable.length < 2) return drawable[0]?.[1] ?? null;
  const place = element("div", {}, drawable[0][1]);
  return element("div", {}, choice("Target", drawable.map(([target, made]) => [made, target.target]), (made) => place.replaceChildren(made)), place);
}
