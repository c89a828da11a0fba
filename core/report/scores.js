// What came of it: the heading, a tile for each of the first scores, and all of them in a table.

function heading({ title, asked, made, ended }) {
  return element("header", {},
    element("h1", {}, title),
    element("p.asked", {}, asked),
    element("p.note", {}, [made, ended].filter(Boolean).join(" · ")));
}

function summary({ summary: told }) {
  const targets = Object.entries(told ?? {});
  return targets.map(([target, sentences]) => element("p.summary", {},
    targets.length > 1 ? element("strong", {}, `${target}: `) : "", sentences.join(" ")));
}

const linear = (baselines) => Object.keys(baselines)[1] ?? Object.keys(baselines)[0];

function tiles({ metrics, scores, baselines }) {
  const shown = metrics.filter((metric) => !metric.loss).slice(0, 4), simple = linear(baselines);
  return element("div.tiles", {}, (shown.length ? shown : metrics.slice(0, 1)).map((metric) => {
    const value = scores.test[metric.name], other = baselines[simple]?.test[metric.name];
    return element("div.tile", {},
      element("span.note", {}, `${metric.score_title}, test rows`), element("strong", {}, score(metric, value)),
      metric.interval ? element("span.note", {}, metric.interval) : null,
      ...(metric.compared ? metric.compared.map(verdict) : [compared(metric, value, other, simple)]));
  }));
}

const verdict = ([words, which]) =>
  element({ better: "span.better", worse: "span.worse" }[which] ?? "span.note", {}, words[0].toUpperCase() + words.slice(1));

function compared(metric, value, other, simple) {
  if (!Number.isFinite(value) || !Number.isFinite(other)) return null;
  const better = (value - other) * (metric.larger ? 1 : -1);
  if (Math.abs(better) < 1e-9) return element("span.note", {}, `the same as the ${simple}`);
  const much = metric.share ? `${(100 * Math.abs(better)).toFixed(1)} points` : score(metric, Math.abs(better));
  return element(better > 0 ? "span.better" : "span.worse", {}, `${much} ${better > 0 ? "better" : "worse"} than the ${simple}`);
}

// "Loss (MeanSquaredError)" may be broken between its words.
const breakable = (title) => title.replace(/([a-z])(?=[A-Z])/g, "$1\u200b");

function scoreTable({ metrics: all, scores, baselines }) {
  const metrics = [...all.filter((metric) => !metric.loss), ...all.filter((metric) => metric.loss)];
  const rows = [
    ["This network", "test", scores.test], ...(scores.validation ? [["", "validation", scores.validation]] : []), ["", "training", scores.train],
    ...Object.entries(baselines).map(([name, parts]) => [name[0].toUpperCase() + name.slice(1), "test", parts.test]),
  ];
  return element("div.scroll", {}, element("table.scores", {},
    element("thead", {}, element("tr", {}, element("th", { scope: "col" }, ""), element("th", { scope: "col" }, "rows"),
      metrics.map((metric) => element("th", { scope: "col" }, breakable(metric.score_title))))),
    element("tbody", {}, rows.map(([name, part, found], at) => element(at ? "tr" : "tr.first", {}, element("th", { scope: "row" }, name),
      element("td.part", {}, part), metrics.map((metric) => element("td", {}, score(metric, found?.[metric.name]))))))));
}
