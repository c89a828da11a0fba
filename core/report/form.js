// Predict: a field for each feature, and the prediction at every change.

const USUAL_LEVEL = 90, ON_SIGHT = 24, MOST_WORDS = 100, UNCUT = 1000, DAY = 86400000;

// A value as the model is given it: text with "" where it is missing, or a number with NaN.
function rawValue(feature, value) {
  const missing = value === null || value === undefined || value === "";
  if (feature.kind === "text") return missing ? "" : String(value);
  if (feature.words) {
    const whole = feature.kind === "code" && !missing && Number.isSafeInteger(Number(value)) && String(value).trim() !== "";
    return missing ? "" : whole ? String(Number(value)) : String(value);
  }
  if (missing) return NaN;
  if (feature.kind === "date" && typeof value === "string") return Date.parse(value.includes("T") ? `${value}Z` : `${value}T00:00Z`) / DAY;
  return Math.abs(Number(value)) < 3e38 ? Number(value) : NaN;
}

// What a person should know of a row: missing cells, unknown words, values far outside the training range.
function notes(features, row) {
  return features.flatMap((feature) => {
    const { name } = feature, value = rawValue(feature, row[name]);
    if (feature.kind === "text") {
      if (value === "") return [`${name} is missing: treated as a text without known words`];
      return tokens(value).some((word) => feature.vocabulary.includes(word)) ? [] : [`${name} has none of the words that were kept from the training texts`];
    }
    if (feature.words) {
      if (feature.words.includes(value) || (value === "" && feature.missing)) return [];
      if (value === "") return [`${name} is missing: treated as an unknown category`];
      if (!feature.cut && feature.words.length >= UNCUT) return []; // Of an earlier version: not all its words are listed.
      const kept = `is not among the ${feature.words.length.toLocaleString("en")} most frequent words that are known`;
      return [feature.cut?.includes(value) ? `${name} "${value}" ${kept}: treated as an unknown category` : `${name} "${value}" was not seen in training`];
    }
    if (Number.isNaN(value)) return [`${name} is missing: filled with the training median`];
    const margin = 1e-6 * Math.max(1, Math.abs(feature.high - feature.low)), say = feature.kind === "date" ? (days) => dateText(feature, days)
      : (one) => (feature.clock && clockText(feature.clock, one)) || compact(one, feature.low, feature.high);
    if (value >= feature.low - margin && value <= feature.high + margin) return [];
    return [`${name} ${say(value)} is outside the training range ${say(feature.low)} to ${say(feature.high)}`];
  });
}

const dayText = (days) => {
  const day = new Date(Math.round(days) * DAY);
  return Number.isNaN(day.getTime()) ? "" : day.toISOString().slice(0, 10);
};

// The same with the time of day, to the minute, as a field of such values takes it.
const momentText = (days) => {
  const moment = new Date(Math.round(days * 1440) * 60000);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString().slice(0, 16);
};

// A time as a table writes it: 18.75 hours -> "18:45", of a duration 75 seconds -> "00:01:15"; "" for what is none.
function clockText(clock, value) {
  const seconds = Math.round(value * (clock === "time" ? 3600 : 1)), two = (part) => String(Math.floor(part)).padStart(2, "0");
  if (!(seconds >= 0 && seconds < (clock === "time" ? 86400 : 360000))) return "";
  return `${two(seconds / 3600)}:${two(seconds / 60 % 60)}${clock === "duration" || seconds % 60 ? `:${two(seconds % 60)}` : ""}`;
}

// A number of a feature as its table writes it.
const written = ({ clock, low, high }, value) => (clock && clockText(clock, value)) || amount(value, low, high);

const dateText = ({ timed }, days) => (timed ? momentText(days).replace("T", " ") : dayText(days));

// The usual size of the error at a predicted amount: a line through knots, constant beyond the outer ones.
function usualError({ predicted, size }, amount) {
  const next = predicted.findIndex((knot) => amount < knot);
  if (next === 0 || next < 0) return size.at(next);
  const share = (amount - predicted[next - 1]) / (predicted[next] - predicted[next - 1]);
  return size[next - 1] + share * (size[next] - size[next - 1]);
}

// The answers for one target: {answer, outputs}, and for classes {shares}, or {scores} where they are no probabilities;
// with {interval} [low, high] of an amount or {set} of classes at a level in percent, where the run has them.
function answerOf(target, outputs, level) {
  const found = plainAnswer(target, outputs), { interval, classes, margin } = target;
  const error = interval?.errors[interval.levels.indexOf(level)] ?? null; // Too few validation rows, or none.
  if (error === null) return found;
  if (!classes.length) {
    const half = error * usualError(interval, found.answer);
    return { ...found, interval: [found.answer - half, found.answer + half] };
  }
  const yes = outputs[0], each = classes.length === 2 ? [margin ? -yes : 1 - yes, yes] : outputs;
  return { ...found, set: classes.filter((label, at) => label === found.answer || 1 - each[at] <= error) };
}

function plainAnswer({ classes, decision, margin }, outputs) {
  if (!classes.length) return { answer: outputs[0], outputs };
  const yes = outputs[0], two = classes.length === 2;
  const place = two ? +(yes > decision) : outputs.reduce((best, value, at) => (value > outputs[best] ? at : best), 0);
  if (two && margin) return { answer: classes[place], outputs, scores: { margin: yes } };
  const found = Object.fromEntries(classes.map((label, at) => [label, two ? (at ? yes : 1 - yes) : outputs[at]]));
  return { answer: classes[place], outputs, [margin ? "scores" : "shares"]: found };
}

function predictor({ features, targets, steps, outputs }) {
  const run = network(steps, outputs);
  return (row, level = USUAL_LEVEL) => {
    const found = run(Object.fromEntries(features.map((feature) => [feature.name, rawValue(feature, row[feature.name])])));
    return Object.fromEntries(targets.map((target) => [target.target, answerOf(target, found[target.target], level)]));
  };
}

function form(value, predict, explain) {
  const { features, targets } = value, row = Object.create(null); // A column may be called "__proto__".
  const said = element("div.says", { "aria-live": "polite" });
  const why = element("div.whys", {}, element("p.note", {}, "Computing the contributions to this prediction…"));
  let ready = false, level = USUAL_LEVEL, asks = 0;
  const sure = targets.find(({ interval }) => interval)?.interval;
  const answer = element("div.answer", {}, said, sure ? levelField(sure.levels, (chosen) => {
    level = chosen;
    answerRow();
  }) : null);
  const fields = features.map((feature) => field(feature, (given) => {
    row[feature.name] = given;
    if (ready) ask();
  }));
  const answerRow = () => {
    const found = predict(row, level), strange = notes(features, row);
    said.replaceChildren(...targets.map((target) => shown(target, found[target.target], level)),
      ...(strange.length ? [element("p.note", {}, strange.slice(0, 6).join("; "), strange.length > 6 ? `; and ${strange.length - 6} more` : "")] : []));
  };
  // The prediction is there at once; what explains it follows, unless another row is asked before.
  const ask = () => {
    answerRow();
    if (!explain) return;
    const number = ++asks, now = Object.assign(Object.create(null), row);
    why.setAttribute("aria-busy", "true");
    explain(now, () => number !== asks).then((found) => {
      if (!found || number !== asks) return;
      why.replaceChildren(...targets.map((target) => waterfall(target, features, now, found[target.target])));
      why.removeAttribute("aria-busy");
    });
  };
  const rest = fields.slice(ON_SIGHT), grid = fields.length > 12 ? "div.fields.many" : "div.fields";
  const box = element("div.ask", {}, element("form", { submit: (event) => event.preventDefault() },
    element(grid, {}, fields.slice(0, ON_SIGHT)),
    rest.length ? element("details", {}, element("summary", {}, counted(rest.length, "more feature")), element(grid, {}, rest)) : null), answer);
  ready = true;
  ask();
  return element("div", {}, box, explain ? [element("h3.contributions", {}, "Contributions"), why] : null);
}

// The slider of the confidence level, in percent.
function levelField(levels, tell) {
  const words = element("output", {}, `${USUAL_LEVEL}%`), slider = element("input", {
    id: "level", type: "range", min: levels[0], max: levels.at(-1), step: 1, value: USUAL_LEVEL, "aria-valuetext": `${USUAL_LEVEL}%`,
    input: () => {
      words.textContent = `${slider.value}%`;
      slider.setAttribute("aria-valuetext", words.textContent);
      tell(+slider.value);
    },
  });
  return element("div.level", {}, element("div.pair", {}, element("label", { for: "level" }, "Confidence level"), words), slider);
}

let ids = 0;

// One feature's field; `tell` is given its value at once and at every change, null when it is not known.
function field(feature, tell) {
  const id = `field-${ids++}`, name = feature.clock === "duration" ? `${feature.name} (seconds)` : feature.name;
  const label = element("label", { for: id, title: feature.name }, name);
  if (feature.words?.length > MOST_WORDS) {
    const list = `${id}-words`, box = element("input", { id, type: "text", list, value: feature.usual, placeholder: "missing", input: () => tell(box.value || null) });
    tell(feature.usual || null);
    return element("div.field", {}, label, box, element("datalist", { id: list }, feature.words.map((word) => element("option", { value: word }))));
  }
  if (feature.words) {
    const choose = element("select", { id, change: () => tell(values[choose.selectedIndex]) },
      feature.words.map((word) => element("option", {}, word)), element("option", {}, "(other)"), element("option", {}, "(missing)"));
    const values = [...feature.words, "(other)", null], usual = feature.words.indexOf(feature.usual);
    choose.selectedIndex = usual < 0 ? 0 : usual;
    tell(values[choose.selectedIndex]);
    return element("div.field", {}, label, choose);
  }
  if (feature.kind === "text") {
    const text = element("textarea", { id, rows: 3, input: () => tell(text.value || null) }, feature.usual);
    tell(text.value || null);
    return element("div.field", {}, label, text);
  }
  if (feature.kind === "boolean") {
    const usual = +(feature.usual > 0.5), words = [[usual, usual ? "yes" : "no"], [1 - usual, usual ? "no" : "yes"], [null, "missing"]];
    tell(usual);
    return element("div.field", {}, element("span.label", { title: feature.name }, feature.name), choice(feature.name, words, tell));
  }
  if (feature.kind === "date") {
    const [type, usual] = feature.timed ? ["datetime-local", momentText(feature.usual)] : ["date", dayText(feature.usual)];
    const day = element("input", { id, type, value: usual, input: () => tell(day.value || null) });
    tell(day.value || null);
    const ends = [feature.low, feature.high].map((end) => dateText(feature, end));
    return element("div.field", {}, label, day, element("span.range", {}, `training range ${ends.join(" to ")}`));
  }
  return amountField(feature, id, label, tell);
}

// A slider over the training range, and a box for exact amounts and for those beyond; an empty box is a value that is not known.
function amountField(feature, id, label, tell) {
  const { name, low, high, usual, whole, clock } = feature;
  const step = whole && Math.max(Math.abs(low), Math.abs(high)) < 2 ** 53 ? 1 : "any";
  // A time of day has a field of its kind, a slider of minutes.
  const daily = clock === "time" && low >= 0 && high < 24, typed = () => (daily ? box.valueAsNumber / 3.6e6 : +box.value);
  const text = (value) => (daily ? clockText(clock, value) : step === 1 ? String(value) : compact(value, low, high));
  const box = element("input", { id, type: daily ? "time" : "number", step, value: text(usual), placeholder: "missing", input: fromBox });
  const slider = low === high ? element("span.range", {}, "constant in the training set") : element("input", {
    type: "range", min: low, max: high, step, value: usual, "aria-label": `${name}, slider`,
    input: () => { box.value = text(daily ? Math.round(60 * slider.value) / 60 : +slider.value); tell(typed()); },
  });
  function fromBox() {
    if (box.value !== "") slider.value = typed();
    tell(box.value === "" ? null : typed());
  }
  tell(usual);
  const ends = low === high ? null : element("span.ends", {}, element("span", {}, written(feature, low)), element("span", {}, written(feature, high)));
  return element("div.field", {}, element("div.pair", {}, label, box), slider, ends);
}

// How sure a prediction is, in words, and for how many test rows that held.
function sureness({ interval, unit, low, high }, found, level) {
  if (!interval) return null;
  const ends = found.interval?.map((end) => number(end, unit, low, high)), says = element("span.note", {}, interval.says[interval.levels.indexOf(level)]);
  if (!ends && !found.set) return [says];
  return [element("span.interval", {}, ends ? `${level}% interval: ${ends[0]} to ${ends[1]}` : `${level}% set: ${found.set.join(", ")}`), says];
}

function shown(target, found, level) {
  const sure = sureness(target, found, level), { classes, unit, low, high } = target, label = element("span.note", {}, `Predicted ${target.target}`);
  if (!classes.length) {
    const share = high > low ? Math.min(1, Math.max(0, (found.answer - low) / (high - low))) : 0.5;
    const scale = element("div.scale", { title: "Position in the range of the training targets" }, element("i", {}));
    scale.firstChild.style.left = `${100 * share}%`;
    return element("div.said", {}, label, element("strong", {}, number(found.answer, unit, low, high)), scale,
      element("span.ends", {}, element("span", {}, number(low, unit, low, high)), element("span", {}, number(high, unit, low, high))), sure);
  }
  const order = found.shares ? Object.entries(found.shares).sort((a, b) => b[1] - a[1]).slice(0, 10) : [];
  return element("div.said", {}, label, element("strong", {}, found.answer), order.map(([name, share]) => {
    const bar = element("div.bar", {}, element("i", {}));
    bar.firstChild.style.width = `${100 * share}%`;
    return element("div.share", {}, element("span", { title: name }, name), bar, element("span", {}, percent(share)));
  }), sure);
}
