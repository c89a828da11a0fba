// The network: a column for each layer, lines coloured by sign and thick by weight, a word about the unit that is pointed at.

const GAP = 25, TOP = 14, LONG = 22;

function networkPicture({ columns, edges }) {
  if (!columns.length) return null;
  const tallest = Math.max(...columns.map((column) => column.drawn.length));
  const side = (column) => 26 + 7.2 * Math.max(...column.drawn.map((unit) => short(unit.name, LONG).length));
  const left = Math.max(70, side(columns[0])), right = Math.max(70, side(columns.at(-1)));
  const height = TOP + Math.max(3, tallest) * GAP + (columns.some((column) => column.notes.length) ? 58 : 40);
  const width = Math.max(960, left + right + 132 * (columns.length - 1));
  const step = (width - left - right) / Math.max(1, columns.length - 1);
  const x = (column) => left + column * step;
  const y = (column, unit) => TOP + (Math.max(3, tallest) * GAP) / 2 + (unit - (columns[column].drawn.length - 1) / 2) * GAP;

  const lines = edges.map((between, column) => {
    const most = Math.max(...between.map(([, , weight]) => Math.abs(weight ?? 0)), 1e-12);
    return between.map(([from, to, weight]) => {
      const share = Math.abs(weight ?? 0) / most;
      const line = drawn(`line.${weight < 0 ? "down" : "up"}`, {
        x1: x(column), y1: y(column, from), x2: x(column + 1), y2: y(column + 1, to),
        "stroke-width": (0.5 + 3 * share).toFixed(2), "stroke-opacity": (0.05 + 0.75 * share ** 1.5).toFixed(2),
      });
      return { line, from: `${column}/${from}`, to: `${column + 1}/${to}` };
    });
  }).flat();

  const told = element("p.told", { "aria-live": "polite" });
  const legend = () => told.replaceChildren(
    element("span.up", {}, "blue"), " pushes up, ", element("span.down", {}, "orange"),
    " pushes down; the thicker, the stronger. Point at a unit to read its weights.");
  legend();

  const svg = drawn("svg.network", { viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "The network, a column a layer" });
  svg.style.minWidth = `${0.9 * width}px`; // A deep one is scrolled, not shrunk.
  svg.append(drawn("g.lines", {}, lines.map(({ line }) => line)));
  columns.forEach((column, at) => {
    const first = at === 0, last = at === columns.length - 1;
    column.drawn.forEach((unit, place) => {
      const dot = drawn("circle", { cx: x(at), cy: y(at, place), r: 6.5 });
      const hit = drawn("circle.hit", { cx: x(at), cy: y(at, place), r: 12 });
      const words = first || last ? drawn("text", {
        x: x(at) + (first ? -14 : 14), y: y(at, place) + 4, "text-anchor": first ? "end" : "start",
      }, short(unit.name, LONG)) : null;
      const name = `${column.title}: ${unit.name}`;
      const show = () => { pointed(`${at}/${place}`); told.replaceChildren(...said(unit, first)); };
      svg.append(drawn("g.unit", {
        tabindex: 0, role: "img", "aria-label": name, pointerenter: show, focus: show, click: show,
        pointerleave: rest, blur: rest,
      }, dot, words, hit));
    });
    const under = TOP + Math.max(3, tallest) * GAP + 14;
    const many = column.drawn.length < column.units ? `${column.drawn.length} of ${grouped(column.units, 0)} drawn` : count(column.units, first ? "column" : "unit");
    svg.append(drawn("text.title", { x: x(at), y: under, "text-anchor": "middle" }, short(column.title, 24)));
    svg.append(drawn("text.small", { x: x(at), y: under + 17, "text-anchor": "middle" }, many));
    if (column.notes.length) {
      const notes = `+ ${column.notes.join(", ")}`;
      svg.append(drawn("text.small", { x: x(at), y: under + 34, "text-anchor": "middle" }, drawn("title", {}, notes), short(notes, Math.floor(step / 6.8))));
    }
  });

  function pointed(key) {
    svg.classList.add("pointed");
    for (const { line, from, to } of lines) line.classList.toggle("lit", from === key || to === key);
  }
  function rest() {
    svg.classList.remove("pointed");
    legend();
  }
  return element("div", {}, saveable(svg, () => [["The network:", ""], ["blue pushes up,", "--blue"], ["orange pushes down", "--orange"]]), told);
}

function said(unit, first) {
  const weights = unit.strongest.map(([name, weight], at) => [
    at ? ", " : "", `${short(name, 32)} `, element(weight < 0 ? "span.down" : "span.up", {}, signed(weight)),
  ]);
  const bias = unit.bias === null ? [] : [`bias ${signed(unit.bias)}`, weights.length ? "; " : ""];
  const strongest = weights.length ? [first ? "strongest to " : "strongest ", ...weights.flat()] : [];
  return [element("strong", {}, short(unit.name, 60)), ": ", ...bias, ...strongest];
}

const signed = (value) => (value === null ? "NaN" : `${value < 0 ? "−" : "+"}${+Math.abs(value).toPrecision(3)}`);
