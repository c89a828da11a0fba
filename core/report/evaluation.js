// How good and why: importance of the features, partial dependence, errors of amounts, curves of classes.

// "up" bars, the largest first, with the deviation over the shuffles as a whisker.
function importanceBars({ importance, target }) {
  if (!importance) return null;
  const { features, says, share, unit, more } = importance;
  const axis = ends(features.flatMap(([, mean, sd]) => [mean - sd, mean + sd]), true), at = (value) => (value - axis.low) / (axis.high - axis.low);
  const words = (value) => (share ? `${((Math.round(1000 * value) || 0) / 10).toFixed(1)} points` : number(value, unit));
  const rows = features.map(([label, mean, sd]) => ({
    label, from: at(0), to: at(mean), text: `${words(mean)} ± ${share ? (100 * sd).toFixed(1) : number(sd, CURRENCY.test(unit) ? unit : "")}`, kind: mean < 0 ? "down" : "up", spread: [at(mean - sd), at(mean + sd)],
  }));
  return element("figure", {}, element("figcaption", {}, `${says}${more ? ` ${count(more, "more feature")} are no more important.` : ""}`),
    element("div.importance", { role: "group", "aria-label": `Importance of the features for ${target}` }, bars(rows, at(0))));
}

// How predictions follow the most important features: a small curve each, of many classes that of the chosen one.
function dependences(target) {
  const { dependence, classes, margin, target: name } = target;
  if (!dependence?.length) return null;
  const output = margin ? "score" : "probability", place = element("div.charts"), [first] = dependence;
  const show = (at, what) => place.replaceChildren(...dependence.map((of) => dependenceCurve(target, of, at, what)));
  const many = classes.length > 2;
  show(0, classes.length ? `${output} of ${many ? classes[0] : classes[1]}` : `predicted ${name}`);
  const choose = many ? element("label.pick", {}, "Class ", element("select", { change: (event) => show(event.target.selectedIndex, `${output} of ${classes[event.target.selectedIndex]}`) },
    classes.map((label) => element("option", {}, label)))) : null;
  const ghosts = dependence.some(({ lines }) => lines.length) ? " Faint lines are single rows (ICE)." : "";
  return element("div", {}, element("h3", {}, "Partial dependence"),
    element("p.note", {}, `The mean prediction for ${count(first.rows, "test row")}${first.rows < first.of ? `, a random sample of ${grouped(first.of, 0)}` : ""} when the feature is set to a value in all of them.${ghosts} Gray bars: the share of training rows; where there are few, a prediction is a guess.`),
    choose, place);
}

function dependenceCurve({ unit, classes, margin, low, high }, { feature, kind, grid, at, share, means, lines }, output, what) {
  const values = means[output], likely = classes.length > 0 && !margin, listed = ["category", "code", "boolean"].includes(kind);
  const shown = lines.length ? lines.flat() : values, up = ends([...values, ...(listed ? [] : shown)]);
  up.low -= 0.18 * (up.high - up.low); // Room for the training rows.
  const near = high > low && high - low < Math.max(Math.abs(low), Math.abs(high)) / 100;
  up.tick = (value) => (likely ? `${+(100 * value).toFixed(1)}%` : near ? amount(value, low, high) : brief(value, classes.length ? "" : unit));
  up.title = what;
  const words = grid.map((value) => (kind === "boolean" ? (value ? "yes" : "no") : value === "" ? "missing" : String(value)));
  const across = { title: feature };
  if (listed) {
    const room = Math.max(1, Math.ceil(grid.length / 6));
    Object.assign(across, { low: -0.6, high: grid.length - 0.4, marks: words.map((word, place) => [place, place % room ? "" : short(word, Math.max(4, Math.floor(52 / Math.min(grid.length, 6))))]) });
  } else {
    const [first, last] = [grid[0], grid.at(-1)], around = 0.02 * (last - first) || 1;
    Object.assign(across, { low: first - around, high: last + around, tick: (value) => (kind === "date" ? dayText(value) : kind === "time" ? clockText(kind, value) : Math.abs(value) >= 1e4 ? brief(value) : amount(value, first, last)) });
    if (kind === "date") across.marks = [[first, dayText(first)], [last, dayText(last)]];
    if (kind === "time") across.marks = [[first, clockText(kind, first)], [last, clockText(kind, last)]];
  }
  const most = Math.max(...share, 1e-12), base = up.low, tall = 0.14 * (up.high - up.low);
  const places = listed ? grid.map((_, place) => place) : at, wide = listed ? 0.6 : at.length > 1 ? 0.8 * (at[1] - at[0]) : 1;
  const told = (place) => `${listed ? words[place] : kind === "date" ? dayText(grid[place]) : kind === "time" ? clockText(kind, grid[place]) : compact(grid[place], grid[0], grid.at(-1))}: ${likely ? percent(values[place]) : classes.length ? number(values[place]) : number(values[place], unit, low, high)}`;
  const svg = plot(`${what} along ${feature}`, across, up, (x, y) => [
    drawn("g.rows", {}, places.map((place, number) => drawn("rect", {
      x: (x(place - wide / 2)).toFixed(1), width: Math.max(0.5, x(place + wide / 2) - x(place - wide / 2)).toFixed(1),
      y: y(base + (tall * share[number]) / most).toFixed(1), height: (y(base) - y(base + (tall * share[number]) / most)).toFixed(1),
    }))),
    listed ? [] : lines.map((line) => drawn("path.ghost", { d: path(paired([grid, line]), x, y) })),
    listed ? [] : drawn("path.train", { d: path(paired([grid, values]), x, y) }),
    values.map((value, place) => drawn("circle.train", { cx: x(listed ? place : grid[place]).toFixed(1), cy: y(value).toFixed(1), r: listed ? 5 : 2.5 }, drawn("title", {}, told(place)))),
  ], 230);
  return element("figure.dependence", {}, svg);
}

// Errors of amounts: against the prediction, their distribution, by tenth of the actual value.
function errorFigures({ target, unit, errors, low, high }, { actual, predicted }) {
  if (!errors) return null;
  const points = actual.map((value, at) => [predicted[at], predicted[at] - value]).filter((pair) => pair.every(Number.isFinite));
  const say = (value) => number(value, unit), tick = (value) => brief(value, unit), { bars: many, edges, tenths } = errors;
  const along = { ...ends(points.map(([value]) => value)), title: `predicted ${target}`, tick }, up = { ...ends(points.map(([, value]) => value), true), title: "predicted − actual", tick };
  const most = Math.max(...many, 1e-12), rows = errors.weighted ? "weight" : "rows";
  const against = plot(`Errors against predicted ${target}`, along, up, (x, y) => [
    drawn("line.simple", { x1: x(along.low), x2: x(along.high), y1: y(0), y2: y(0) }),
    points.map(([said, error]) => drawn("circle.point", { cx: x(said).toFixed(1), cy: y(error).toFixed(1), r: 3 }, drawn("title", {}, `predicted ${number(said, unit, low, high)}, error ${say(error)}`))),
  ]);
  const counts = plot(`Distribution of the errors of ${target}`, { low: edges[0], high: edges.at(-1), title: "predicted − actual", tick }, { low: 0, high: 1.05 * most, title: rows, tick: (value) => brief(value) },
    (x, y) => drawn("g.columns", {}, many.map((of, at) => drawn("rect", {
      x: (x(edges[at]) + 0.5).toFixed(1), width: Math.max(0.5, x(edges[at + 1]) - x(edges[at]) - 1).toFixed(1), y: y(of).toFixed(1), height: (y(0) - y(of)).toFixed(1),
    }, drawn("title", {}, `${say(edges[at])} to ${say(edges[at + 1])}: ${brief(of)} ${rows}`)))));
  const largest = Math.max(...tenths.map(({ error }) => error), 1e-12);
  return element("div", {},
    element("p.note.errors", {}, `R² ${number(errors.r2)}. Mean error ${say(errors.mean)}. Half of the errors are at most ${say(errors.half)}, nine in ten at most ${say(errors.nine_tenths)}.${errors.weighted ? " Rows count by their weights." : ""}`),
    element("div.charts", {},
      element("figure", {}, element("figcaption", {}, "Errors against the prediction"), against),
      element("figure", {}, element("figcaption", {}, "Distribution of the errors"), counts),
      element("figure.tenths", {}, element("figcaption", {}, `Mean absolute error by tenth of the actual ${target}`), bars(tenths.map(({ from, to, error }) => ({
        label: `${number(from, unit, low, high)} to ${number(to, unit, low, high)}`, from: 0, to: error / largest, text: say(error),
      }))))));
}

const PREDICTORS = ["train", "simple", "second", "third"], COLOURS = ["--blue", "--grey", "--orange", "--green"];

// Curves of classes, each against the rest: ROC, precision and recall, calibration.
function classFigures({ target, curves }) {
  if (!curves?.classes.length) return null;
  const { classes, likeliest, weighted } = curves, place = element("div");
  const show = (at) => place.replaceChildren(...classCurves(classes[at], likeliest, target, weighted));
  show(0);
  return element("div", {}, classes.length > 1 ? element("label.pick", {}, "Class ", element("select", { change: (event) => show(event.target.selectedIndex) },
    classes.map((of) => element("option", {}, of.class)))) : null, place);
}

function classCurves({ class: label, share, predictors, calibration }, likeliest, target, weighted) {
  const unit = (title) => ({ low: -0.02, high: 1.02, title, marks: [0, 0.25, 0.5, 0.75, 1].map((value) => [value, `${100 * value}%`]) });
  const lines = (name, shape = (pairs) => pairs) => (x, y) => [...predictors].reverse().map((of) => drawn(`path.${PREDICTORS[predictors.indexOf(of)]}`, { d: path(shape(paired(of[name])), x, y) }));
  // Between two thresholds the precision is that of the lower one, which has the higher recall and comes first.
  const steps = (pairs) => pairs.flatMap(([x, y], at) => at ? [[x, pairs[at - 1][1]], [x, y]] : [[x, y]]);
  const diagonal = (x, y) => drawn("line.even", { x1: x(0), y1: y(0), x2: x(1), y2: y(1) });
  const words = (name, what) => predictors.map((of) => `${of.name} ${what} ${of[name].toFixed(3)}`);
  const legend = (name, what) => key(words(name, what).map((text, at) => [PREDICTORS[at], text]));
  const saved = (name, what) => words(name, what).map((text, at) => [text, COLOURS[at]]);
  const figure = (title, ...inside) => element("figure", {}, element("figcaption", {}, title), ...inside);
  const named = (of, title, x, y) => {
    const size = Math.max(...of.rows), error = `Expected calibration error ${of.error.toFixed(3)}`;
    return [figure(title, plot(title, unit(x), unit(y), (across, up) => [
      diagonal(across, up), drawn("path.train", { d: path(paired([of.predicted, of.actual]), across, up) }),
      of.predicted.map((value, at) => drawn("circle.train", { cx: across(value).toFixed(1), cy: up(of.actual[at]).toFixed(1), r: (3 + 4 * Math.sqrt(of.rows[at] / size)).toFixed(1) },
        drawn("title", {}, `predicted ${percent(value)}, actual ${percent(of.actual[at])}, ${count(of.rows[at], "row")}`))),
    ], PLOT.height, [[error, ""]]), element("p.legend", {}, error))];
  };
  return [
    element("p.note", {}, `${target} = ${label}, ${percent(share)} of the test rows${weighted ? " by weight" : ""}, against the rest.`),
    element("div.charts", {},
      figure("ROC curve", plot(`ROC curve of ${label}`, unit("false positive rate"), unit("true positive rate"), (x, y) => [diagonal(x, y), lines("roc")(x, y)], PLOT.height, saved("auc", "AUC")), legend("auc", "AUC")),
      figure("Precision and recall", plot(`Precision and recall of ${label}`, unit("recall"), unit("precision"), lines("pr", steps), PLOT.height, saved("ap", "average precision")), legend("ap", "average precision")),
      ...(calibration ? named(calibration, `Calibration of ${label}`, "predicted probability", "actual share") : []),
      ...(likeliest ? named(likeliest, "Calibration of the predicted class", "predicted probability", "share that is right") : [])),
  ];
}
