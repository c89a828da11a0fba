// The test rows: predicted against actual amounts, or which class was taken for which.

function testRows({ targets, figures }) {
  const one = (target) => {
    const found = figures[target.target];
    return found.confusion ? confusion(found.confusion, target) : found.mistakes ? mistakes(found, target) : scatter(found, target);
  };
  if (targets.length === 1) return one(targets[0]);
  const place = element("div", {}, one(targets[0]));
  return element("div", {}, choice("Target", targets.map((target) => [target, target.target]), (target) => place.replaceChildren(one(target))), place);
}

function confusion(counts, { classes }) {
  const name = (at) => element("span", { title: classes[at] }, short(classes[at], 16));
  const cells = (row, actual) => {
    const all = row.reduce((sum, many) => sum + many, 0);
    return row.map((many, predicted) => {
      const says = `${count(many, "row")} of ${classes[actual]} predicted as ${classes[predicted]}, ${percent(all ? many / all : 0)} of the class`;
      const cell = element(actual === predicted ? "td.right" : many ? "td.wrong" : "td.none", { title: says }, grouped(many, 0));
      cell.style.setProperty("--share", all ? many / all : 0);
      return cell;
    });
  };
  return element("figure", {},
    element("figcaption", {}, "Confusion matrix: rows are actual classes, columns predicted ones"),
    element("div.scroll", {}, element(classes.length < 6 ? "table.confusion.few" : "table.confusion", {},
      element("thead", {}, element("tr", {}, element("th", {}, ""), classes.map((_, at) => element("th", { scope: "col" }, name(at))))),
      element("tbody", {}, counts.map((row, actual) => element("tr", {}, element("th", { scope: "row" }, name(actual)), cells(row, actual)))))));
}

function mistakes({ mistakes: found, right, rows }, { classes }) {
  return element("figure", {},
    element("figcaption", {}, `${grouped(right, 0)} of ${count(rows, "row")} correct${found.length ? "; most frequent errors:" : ""}`),
    element("ul", {}, found.map(([actual, predicted, many]) =>
      element("li", {}, element("strong", {}, classes[actual]), " predicted as ", element("strong", {}, classes[predicted]), `: ${count(many, "row")}`))));
}

function scatter({ actual, predicted }, { target, unit, low: least, high: most }) {
  const ends = [least, most], near = most - least < Math.max(Math.abs(least), Math.abs(most)) / 100;
  const sign = unit === "$" ? "$" : "", tick = (value) => (near ? `${value < 0 ? "-" : ""}${sign}${amount(Math.abs(value), ...ends)}` : brief(value, unit));
  const points = actual.map((value, at) => [value, predicted[at]]).filter((pair) => pair.every(Number.isFinite));
  const all = points.flat(), size = 400, room = { left: 62, bottom: 42, top: 8, right: 12 };
  let low = all.reduce((least, value) => Math.min(least, value), Infinity), high = all.reduce((most, value) => Math.max(most, value), -Infinity);
  const around = 0.05 * (high - low) || 1;
  [low, high] = points.length ? [low - around, high + around] : [0, 1];
  const marks = ticks(low, high);
  if (near) room.left = 24 + 7.2 * Math.max(...marks.map((value) => tick(value).length)); // Long numbers: across, every second finds room.
  const tall = size - room.top - room.bottom, across = size - room.left - room.right;
  const x = (value) => room.left + ((value - low) / (high - low)) * across, y = (value) => room.top + ((high - value) / (high - low)) * tall;
  const svg = drawn("svg.scatter", { viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": `Predicted against actual ${target}` },
    drawn("g.grid", {}, marks.map((value, at) => [
      drawn("line", { x1: room.left, x2: size - room.right, y1: y(value), y2: y(value) }),
      drawn("text", { x: room.left - 8, y: y(value) + 4, "text-anchor": "end" }, tick(value)),
      near && at % 2 ? null : drawn("text", { x: x(value), y: size - room.bottom + 18, "text-anchor": "middle" }, tick(value)),
    ]).flat()),
    drawn("text.small", { x: room.left + across / 2, y: size - 6, "text-anchor": "middle" }, `actual ${short(target, 40)}`),
    drawn("text.small", { transform: `translate(12 ${room.top + tall / 2}) rotate(-90)`, "text-anchor": "middle" }, `predicted ${short(target, 40)}`),
    drawn("line.simple", { x1: x(low), y1: y(low), x2: x(high), y2: y(high) }),
    points.map(([real, said]) => drawn("circle.point", { cx: x(real).toFixed(1), cy: y(said).toFixed(1), r: 3.5 },
      drawn("title", {}, `actual ${number(real, unit, ...ends)}, predicted ${number(said, unit, ...ends)}`))));
  return element("figure", {}, element("figcaption", {}, "Predicted against actual; a perfect prediction is on the line"),
    saveable(svg, () => [[`Predicted against actual ${target}`, ""]]));
}
