// How it learned: two charts over the epochs, walked through by a button and a slider.

const PLAY = 6000, TALL = 230, ROOM = { left: 58, right: 14, top: 24, bottom: 26 };

function learning({ history, metrics, baselines, epoch, best_epoch }) {
  const { epochs } = history, last = epochs.length - 1;
  if (last < 0) return null;
  const place = (number) => epochs.reduce((near, one, at) => (Math.abs(one - number) < Math.abs(epochs[near] - number) ? at : near), 0);
  let now = place(epoch ?? best_epoch), frame = 0, chosen = false; // Play goes on from an epoch that was chosen, else it begins with the first.
  const others = metrics.filter((metric) => !metric.loss), losses = metrics.filter((metric) => metric.loss);
  const shown = new Map(Object.entries(baselines)); // Without those that are hidden.
  const charts = [losses, others].filter((group) => group.length).map((group) => curve(group, history, shown, best_epoch, seek));
  const levels = element("p.levels", { role: "group", "aria-label": "Baselines" }, Object.keys(baselines).map((name) => {
    const button = element("button", { type: "button", "aria-pressed": "true", title: `Show or hide ${name}`, click: () => {
      if (!shown.delete(name)) shown.set(name, baselines[name]);
      button.setAttribute("aria-pressed", String(shown.has(name)));
      charts.forEach((chart) => chart.fit(now));
    } }, element("i.simple"), ` ${name}`);
    return button;
  }));

  const slider = element("input", {
    type: "range", min: 0, max: last, step: 1, value: now, "aria-label": "Epoch",
    input: () => seek(+slider.value),
  });
  const words = element("span.epoch");
  const play = element("button.play", { type: "button", click: () => (frame ? seek(now) : start()) }, "Play");
  const toBest = validated(history) ? element("button", { type: "button", click: () => seek(place(best_epoch)) }, "Best epoch") : "";

  function go(at) {
    now = at;
    slider.value = at;
    words.textContent = `Epoch ${grouped(epochs[at], 0)} of ${grouped(epochs[last], 0)}`;
    slider.setAttribute("aria-valuetext", words.textContent);
    charts.forEach((chart) => chart.draw(at));
  }
  function seek(at) {
    pause();
    chosen = true;
    go(at);
  }
  function pause() {
    cancelAnimationFrame(frame);
    frame = 0;
    play.textContent = "Play";
  }
  function start() {
    play.textContent = "Pause";
    const from = chosen && now < last ? now : 0, begun = performance.now(), whole = Math.min(PLAY, 400 * last);
    frame = requestAnimationFrame(function tick(time) {
      const at = Math.min(last, from + Math.floor((Math.max(0, time - begun) / whole) * last));
      if (at !== now) go(at);
      if (at < last) frame = requestAnimationFrame(tick);
      else pause();
    });
  }
  const parts = element("div.charts", {}, charts.map((chart) => chart.box));
  new ResizeObserver(() => charts.forEach((chart) => chart.fit(now))).observe(parts);
  go(now);
  return element("div", {}, element("div.walk", {}, play, slider, words, toBest), parts, levels);
}

// Without validation rows no epoch is called the best.
const validated = (history) => Object.keys(history.validation).length > 0;

// One chart, of one metric at a time where there are several.
function curve(group, history, baselines, best, seek) {
  let metric = group[0], scale = null;
  const svg = drawn("svg.curve", { role: "img", height: TALL }), legend = element("p.legend");
  const several = group.length < 2 ? element("h3", {}, metric.title)
    : group.reduce((sum, one) => sum + one.title.length, 0) < 45 ? choice("Metric", group.map((one) => [one, one.title]), take)
    : element("select", { "aria-label": "Metric", change: (event) => take(group[event.target.selectedIndex]) },
      group.map((one) => element("option", {}, one.title)));
  const box = element("div.chart", {}, several, saveable(svg, title), legend);
  let at = 0;

  function title() {
    return [[`${metric.title} over the epochs:`, ""], ...lines().map(([kind, words]) => [words, kind === "train" ? "--blue" : "--orange"])];
  }
  function take(one) {
    metric = one;
    fit(at);
  }
  const lines = () => [["train", "training", history.train[metric.name]], ["valid", "validation", history.validation[metric.name]]]
    .filter(([, , values]) => values && values.some(Number.isFinite));
  const simple = () => [...baselines].map(([name, parts]) => [name, (parts.validation ?? parts.train)?.[metric.name]])
    .filter(([, value]) => Number.isFinite(value));

  function fit(now) {
    const width = Math.max(260, box.clientWidth || 480);
    scale = scales(lines().flatMap(([, , values]) => values).filter(Number.isFinite), simple().map(([, value]) => value), history.epochs, width);
    svg.setAttribute("viewBox", `0 0 ${width} ${TALL}`);
    svg.setAttribute("aria-label", `${metric.title} over the epochs${scale.log ? ", on a logarithmic scale" : ""}`);
    draw(now);
  }
  function draw(now) {
    at = now;
    if (!scale) return;
    const { x, y, width } = scale, { epochs } = history, path = (values, to) => {
      let pen = "M";
      return values.slice(0, to + 1).map((value, place) => {
        if (!Number.isFinite(value)) return "";
        const point = `${pen}${x(epochs[place]).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = "L";
        return point;
      }).join("");
    };
    let above = Infinity;
    const level = simple().filter(([, value]) => y(value) >= 0 && y(value) <= TALL - ROOM.bottom).sort((a, b) => y(b[1]) - y(a[1])).map(([name, value]) => {
      const high = Math.min(y(value) - 4, above - 15);
      above = high;
      return [drawn("line.simple", { x1: ROOM.left, x2: width - ROOM.right, y1: y(value), y2: y(value) }),
        drawn("text.small", { x: width - ROOM.right, y: high, "text-anchor": "end" }, name)];
    });
    const bestX = x(best);
    svg.replaceChildren(
      drawn("g.grid", {}, scale.marks.map((value) => [
        drawn("line", { x1: ROOM.left, x2: width - ROOM.right, y1: y(value), y2: y(value) }),
        drawn("text", { x: ROOM.left - 8, y: y(value) + 4, "text-anchor": "end" }, metric.share ? `${+(100 * value).toFixed(1)}%` : brief(value, metric.unit)),
      ])),
      drawn("g.grid", {}, scale.epochs.map((value) => drawn("text", { x: x(value), y: TALL - 8, "text-anchor": "middle" }, grouped(value, 0)))),
      ...level.map(([line]) => line),
      ...(!validated(history) ? [] : [
        drawn("line.best", { x1: bestX, x2: bestX, y1: ROOM.top - 6, y2: TALL - ROOM.bottom }, drawn("title", {}, `best epoch, ${best}`)),
        drawn("text.small", { x: clip(bestX, 76, width - 54), y: 12, "text-anchor": "middle" }, `best, epoch ${grouped(best, 0)}`)]),
      ...lines().map(([kind, , values]) => drawn(`path.ghost.${kind}`, { d: path(values, values.length) })),
      ...lines().map(([kind, , values]) => drawn(`path.${kind}`, { d: path(values, now) })),
      ...lines().map(([kind, , values]) => [kind, values, latest(values, now)]).filter(([, , place]) => place >= 0).map(([kind, values, place]) =>
        drawn(`circle.${kind}`, { cx: x(epochs[place]), cy: y(values[place]), r: 4 })),
      ...level.map(([, name]) => name), // Last, with a halo: a line of another baseline may lie behind a name, not across it.
    );
    legend.replaceChildren(...lines().map(([kind, words, values]) =>
      element("span", {}, element(`i.${kind}`), ` ${words} `, element("strong", {}, score(metric, values[latest(values, now)])))));
  }
  const pointed = (event) => {
    const box = svg.getBoundingClientRect(), along = ((event.clientX - box.left) / box.width) * scale.width;
    seek(history.epochs.reduce((near, one, place) =>
      (Math.abs(scale.x(one) - along) < Math.abs(scale.x(history.epochs[near]) - along) ? place : near), 0));
  };
  svg.addEventListener("pointerdown", pointed);
  svg.addEventListener("pointermove", (event) => event.buttons && pointed(event));
  return { box, draw, fit };
}

// The last epoch until then whose number is known: validation may be looked at now and then.
const latest = (values, now) => values.slice(0, now + 1).findLastIndex(Number.isFinite);

// Where epochs and values lie; powers of ten where a few values dwarf the others.
function scales(values, simple, epochs, width) {
  const sorted = [...values].sort((a, b) => a - b), middle = sorted[sorted.length >> 1] ?? 0;
  const log = sorted[0] > 0 && sorted.at(-1) > 20 * middle;
  const turn = log ? Math.log10 : (value) => value, within = [sorted[0] ?? 0, sorted.at(-1) ?? 1];
  const wide = within[1] - within[0] || Math.abs(within[0]) || 1;
  const near = simple.filter((value) => (log ? value > 0 : value > within[0] - wide && value < within[1] + wide));
  let [low, high] = [Math.min(...near, within[0]), Math.max(...near, within[1])].map(turn);
  const room = 0.06 * (high - low) || 0.5 * Math.abs(high) || 0.5;
  [low, high] = [!log && low >= 0 && low - room < 0 ? 0 : low - room, high + room];
  const tall = TALL - ROOM.top - ROOM.bottom, across = width - ROOM.left - ROOM.right, [first, final] = [epochs[0], epochs.at(-1)];
  const powers = log && Math.floor(high) > Math.ceil(low) ? ticks(Math.ceil(low), Math.floor(high), 3).filter(Number.isInteger) : [];
  const marks = powers.length ? powers.map((power) => 10 ** power) : log ? ticks(10 ** low, 10 ** high) : ticks(low, high);
  return {
    log, width, marks,
    x: (epoch) => ROOM.left + (final > first ? (epoch - first) / (final - first) : 0.5) * across,
    y: (value) => ROOM.top + ((high - turn(value)) / (high - low)) * tall,
    epochs: final > first ? ticks(first, final, Math.max(2, width / 110)).filter(Number.isInteger) : [first],
  };
}
