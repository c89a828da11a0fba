// Why a row is predicted as it is: Shapley values against training rows, as `core/evaluation/shapley.py` computes them.

const SLICE = 16, MOST_STEPS = 12; // Milliseconds between two looks at what else the page has to do; bars.

const breath = () => new Promise((resolve) => { setTimeout(resolve); });

// The network asked for mixtures of a row and a background row, feature by feature. What reads a single feature is computed once for
// each of both; what reads several, for each mixture.
function mixing(steps, features, background, raw) {
  const place = new Map(features.map((feature, at) => [feature.name, at])), reads = [];
  for (const step of steps) {
    const own = step.do === "input" ? [place.get(step.name)] : step.of.flatMap((at) => reads[at]);
    reads.push([...new Set(own)].slice(0, 2)); // None, one, or several.
  }
  const alone = reads.map((of) => of.length < 2), only = reads.map((of) => of[0] ?? 0);
  const single = (row) => walked(steps, row, (at) => alone[at]);
  const ofRow = single(raw), of = background.map(single);
  // Which features are the row's, and the number of the background row => what each step gives.
  return (inside, number) => {
    const found = new Array(steps.length), others = of[number];
    for (let at = 0; at < steps.length; at++) {
      if (alone[at]) found[at] = inside[only[at]] ? ofRow[at] : others[at];
      else found[at] = operations[steps[at].do](steps[at].of.map((from) => found[from]), steps[at]);
    }
    return found;
  };
}

// (row of the form, whether it is stale) => target -> {base, prediction, class, values (by feature), error}, once it is computed; null
// where the row has become stale. null without background rows.
function explainer({ features, targets, steps, outputs, background }, predict) {
  if (!background) return null;
  const ready = readied(steps), count = features.length, { rows, orders } = background;
  const others = Array.from({ length: rows }, (_, row) =>
    new Map(features.map((feature, at) => [feature.name, background.raw[at][row] ?? (feature.words || feature.kind === "text" ? "" : NaN)])));
  return async (row, stale = () => false) => {
    const mixed = mixing(ready, features, others, new Map(features.map((feature) => [feature.name, rawValue(feature, row[feature.name])])));
    const answers = predict(row), chosen = targets.map((target) => {
      const many = target.classes.length > 2, { outputs: given } = answers[target.target];
      return many ? given.reduce((best, value, at) => (value > given[best] ? at : best), 0) : 0;
    });
    let until = performance.now() + SLICE;
    // The outputs that are explained, one a target.
    const asked = async (inside, number) => {
      if (performance.now() > until) {
        await breath();
        until = performance.now() + SLICE;
      }
      const found = mixed(inside, number);
      return targets.map((target, at) => found[outputs[target.target]][chosen[at]]);
    };
    const made = orders ? await sampled(asked, count, orders, targets.length, stale) : await exact(asked, count, rows, targets.length, stale);
    return made && Object.fromEntries(targets.map(({ target, classes }, at) => [target, {
      ...made[at], prediction: answers[target].outputs[chosen[at]], background: rows,
      class: classes.length === 2 ? classes[1] : classes[chosen[at]] ?? null,
    }]));
  };
}

// Over all coalitions: a feature's mean gain, by how many coalitions of each size there are.
async function exact(asked, count, rows, targets, stale) {
  const coalitions = 2 ** count, worth = Array.from({ length: targets }, () => new Float64Array(coalitions));
  for (let coalition = 0; coalition < coalitions; coalition++) {
    const inside = Array.from({ length: count }, (_, at) => (coalition >> at) & 1);
    for (let row = 0; row < rows; row++) (await asked(inside, row)).forEach((value, at) => { worth[at][coalition] += value / rows; });
    if (stale()) return null;
  }
  const factorial = (n) => (n < 2 ? 1 : n * factorial(n - 1));
  const weight = Array.from({ length: count }, (_, size) => (factorial(size) * factorial(count - size - 1)) / factorial(count));
  const size = (coalition) => coalition.toString(2).replaceAll("0", "").length;
  return worth.map((of) => ({
    base: of[0], error: 0,
    values: Array.from({ length: count }, (_, feature) => of.reduce((sum, value, coalition) =>
      ((coalition >> feature) & 1 ? sum : sum + weight[size(coalition)] * (of[coalition | (1 << feature)] - value)), 0)),
  }));
}

// Along one order of the features and its reverse for each background row.
async function sampled(asked, count, orders, targets, stale) {
  const gains = Array.from({ length: targets }, () => []), base = new Array(targets).fill(0);
  for (const [row, order] of orders.entries()) {
    const of = gains.map(() => new Float64Array(count));
    for (const path of [order, [...order].reverse()]) {
      const inside = new Array(count).fill(0);
      let before = await asked(inside, row);
      if (path === order) before.forEach((value, at) => { base[at] += value / orders.length; });
      for (const feature of path) {
        inside[feature] = 1;
        const now = await asked(inside, row);
        now.forEach((value, at) => { of[at][feature] += (value - before[at]) / 2; });
        before = now;
      }
      if (stale()) return null;
    }
    of.forEach((values, at) => gains[at].push(values));
  }
  const many = orders.length;
  return gains.map((of, at) => {
    const values = Array.from({ length: count }, (_, feature) => of.reduce((sum, gain) => sum + gain[feature], 0) / many);
    const errors = values.map((middle, feature) =>
      Math.sqrt(of.reduce((sum, gain) => sum + (gain[feature] - middle) ** 2, 0) / (many - 1) / many));
    return { base: base[at], values, error: errors.reduce((most, value) => Math.max(most, value), 0) };
  });
}

// What a field holds, beside its feature's name.
function cell(feature, value) {
  if (value === null || value === undefined || value === "") return "missing";
  if (feature.kind === "boolean") return value ? "yes" : "no";
  return short(typeof value === "number" ? written(feature, value) : feature.kind === "date" ? String(value).replace("T", " ") : String(value), 24);
}

// From the mean prediction to this one, a bar a feature, the largest contribution first.
function waterfall(target, features, row, of) {
  const { unit, margin, low, high } = target, likely = of.class !== null && !margin;
  const say = (value) => (likely ? percent(value) : number(value, of.class === null ? unit : "", ...(of.class === null ? [low, high] : [])));
  const size = (value) => (likely ? `${(100 * value).toFixed(1)} points` : number(value, of.class === null ? unit : ""));
  const added = (value) => `${value < 0 ? "" : "+"}${size(value)}`;
  const what = of.class === null ? `predicted ${target.target}` : margin ? `score of ${target.target} ${of.class}` : `probability that ${target.target} is ${of.class}`;
  let steps = features.map((feature, at) => [`${feature.name} = ${cell(feature, row[feature.name])}`, of.values[at]]).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  if (steps.length > MOST_STEPS) {
    const rest = steps.slice(MOST_STEPS - 1);
    steps = [...steps.slice(0, MOST_STEPS - 1), [`${rest.length} other features`, rest.reduce((sum, [, value]) => sum + value, 0)]];
  }
  let at = of.base;
  const reached = steps.map(([, value]) => (at += value)), axis = ends([of.base, ...reached]);
  const share = (value) => (value - axis.low) / (axis.high - axis.low);
  const rows = [
    { label: "mean", from: 0, to: share(of.base), text: say(of.base), kind: "whole" },
    ...steps.map(([label, value], step) => ({
      label, from: share(step ? reached[step - 1] : of.base), to: share(reached[step]), text: added(value), kind: value < 0 ? "down" : "up",
    })),
    { label: what, from: 0, to: share(of.prediction), text: say(of.prediction), kind: "whole" },
  ];
  const how = of.error ? `sampled, standard error at most ${size(of.error)}` : "exact";
  return element("figure.why", {},
    element("figcaption", {}, `From the mean of ${count(of.background, "training row")}, ${say(of.base)}, to the ${what}, ${say(of.prediction)}. Shapley values, ${how}.`),
    bars(rows));
}
