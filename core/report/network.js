// The network without Keras: each operation reads arrays and gives one. Arrays are float64 or float32 where Keras's are; sums are taken
// in float64.

const erf = (x) => {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x, sum = x; // 2/sqrt(pi) exp(-x^2) times a series of terms of one sign: nothing cancels.
  for (let n = 1; n < 120 && Math.abs(term) > 1e-17; n++) sum += term *= (2 * x * x) / (2 * n + 1);
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
};
const clip = (x, low, high) => Math.min(high, Math.max(low, x));
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const elu = (x, alpha = 1) => (x > 0 ? x : alpha * Math.expm1(x));
const each = (one) => (x) => x.map((value) => one(value));

function logShares(x) {
  const top = x.reduce((most, value) => Math.max(most, value), -Infinity);
  const rest = Math.log(x.reduce((sum, value) => sum + Math.exp(value - top), 0));
  return Float64Array.from(x, (value) => value - top - rest);
}

// One row for each activation of the catalog.
const ACTIVATIONS = {
  linear: (x) => x,
  relu: each((x) => Math.max(x, 0)),
  tanh: each(Math.tanh),
  sigmoid: each(sigmoid),
  softmax: (x) => Float32Array.from(logShares(x), Math.exp),
  gelu: each((x) => 0.5 * x * (1 + erf(x / Math.SQRT2))),
  elu: each((x) => elu(x)),
  selu: each((x) => 1.0507009873554805 * elu(x, 1.6732632423543772)),
  leaky_relu: each((x) => (x > 0 ? x : 0.2 * x)),
  silu: each((x) => x * sigmoid(x)),
  mish: each((x) => x * Math.tanh(softplus(x))),
  softplus: each(softplus),
  softsign: each((x) => x / (1 + Math.abs(x))),
  exponential: each(Math.exp),
  relu6: each((x) => clip(x, 0, 6)),
  celu: each((x) => elu(x)),
  hard_sigmoid: each((x) => clip(x + 3, 0, 6) / 6),
  hard_silu: each((x) => (x * clip(x + 3, 0, 6)) / 6),
  hard_tanh: each((x) => clip(x, -1, 1)),
  hard_shrink: each((x) => (Math.abs(x) > 0.5 ? x : 0)),
  soft_shrink: each((x) => Math.sign(x) * Math.max(Math.abs(x) - 0.5, 0)),
  tanh_shrink: each((x) => x - Math.tanh(x)),
  squareplus: each((x) => (x + Math.sqrt(x * x + 4)) / 2),
  sparse_plus: each((x) => (x <= -1 ? 0 : x < 1 ? (x + 1) ** 2 / 4 : x)),
  sparse_sigmoid: each((x) => clip(0.5 * (x + 1), 0, 1)),
  log_sigmoid: each((x) => -softplus(-x)),
  log_softmax: (x) => Float32Array.from(logShares(x)),
};

const mean = (x) => x.reduce((sum, value) => sum + value, 0) / x.length;
const meanOfSquares = (x) => mean(Float64Array.from(x, (value) => value * value));
const scaled = (x, factor, shift = [0]) => x.map((value, at) => value * factor[at % factor.length] + shift[at % shift.length]);

// The type of what comes of several arrays: float64 where one of them is.
const kind = (...arrays) => (arrays.some((one) => one instanceof Float64Array) ? Float64Array : Float32Array);

// Two arrays of one length, or one of them a single number for all.
const pairs = (one) => ([a, b]) =>
  kind(a, b).from({ length: Math.max(a.length, b.length) }, (_, at) => one(a[at % a.length], b[at % b.length]));

// The words of a text as Keras's TextVectorization takes them: lower case and without punctuation, both of ASCII, parted by white space.
const tokens = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()).replace(/[!-/:-@[-`{-~]/g, "")
  .split(/[ \t\n\v\f\r]+/).filter(Boolean);

// (arrays of the steps it reads, the step) => array. One row for each step that `core/inspect/graph.py` writes.
const operations = {
  constant: (_, { value }) => value,
  dense([x], { kernel, bias, activation }) {
    const units = kernel.shape[1], sums = new Float64Array(units);
    if (bias) sums.set(bias);
    for (let row = 0; row < x.length; row++) {
      const value = x[row], from = row * units;
      if (value !== 0) for (let unit = 0; unit < units; unit++) sums[unit] += value * kernel[from + unit];
    }
    return ACTIVATIONS[activation](Float32Array.from(sums));
  },
  embed: ([x], { table }) => table.subarray(x[0] * table.shape[1], (x[0] + 1) * table.shape[1]),
  activation: ([x], { activation }) => ACTIVATIONS[activation](x),
  affine: ([x], { factor, shift }) => scaled(x, factor, shift),
  center([x], { gamma = [1], beta = [0], epsilon }) {
    const middle = mean(x), apart = Float64Array.from(x, (value) => value - middle);
    const factor = 1 / Math.sqrt(meanOfSquares(apart) + epsilon);
    return Float32Array.from(scaled(apart.map((value) => value * factor), gamma, beta));
  },
  mean_square: ([x], { gamma, epsilon }) => scaled(x, gamma.map((one) => one / Math.sqrt(meanOfSquares(x) + epsilon))),
  unit: ([x]) => scaled(x, [Math.min(1 / Math.sqrt(meanOfSquares(x) * x.length), 1e12)]),
  rectify: ([x], { most, slope, threshold }) =>
    x.map((value) => (value > threshold ? Math.min(value, most ?? Infinity) : Math.min(slope * (value - threshold), 0))),
  slopes: ([x], { slopes }) => x.map((value, at) => (value > 0 ? value : slopes[at] * value)),
  elu: ([x], { alpha }) => x.map((value) => elu(value, alpha)),
  words([[word]], { known, hot }) {
    const place = known.indexOf(word) + 1; // 0 is what is not known.
    return hot ? Float32Array.from({ length: known.length + 1 }, (_, at) => +(at === place)) : Float32Array.of(place);
  },
  text([[text]], step) {
    const { known, rarity } = step, found = new Float32Array(known.length + 1); // 0 is for words that are not known.
    step.places ??= new Map(known.map((word, at) => [word, at + 1]));
    for (const word of tokens(text)) {
      const place = step.places.get(word) ?? 0;
      found[place] = rarity ? found[place] + (place ? rarity[place - 1] : 0) : 1;
    }
    return found;
  },
  join(arrays) {
    const joined = new (kind(...arrays))(arrays.reduce((length, array) => length + array.length, 0));
    arrays.reduce((at, array) => (joined.set(array, at), at + array.length), 0);
    return joined;
  },
  take: ([x], { at }) => kind(x).from(at, (one) => x[one]),
  cast: ([x]) => Float32Array.from(x),
  missing: ([x]) => x.map((value) => +Number.isNaN(value)),
  choose: ([which, yes, no]) => which.map((value, at) => (value ? yes[at % yes.length] : no[at % no.length])),
  add: pairs((a, b) => a + b),
  subtract: pairs((a, b) => a - b),
  divide: pairs((a, b) => a / b),
  least: pairs(Math.min),
  most: pairs(Math.max),
  multiply: pairs((a, b) => a * b),
  greater: pairs((a, b) => +(a > b)),
  at_least: pairs((a, b) => +(a >= b)),
  sign: each(Math.sign),
  absolute: each(Math.abs),
  log1p: each(Math.log1p),
  sine: each(Math.sin),
  cosine: each(Math.cos),
};

// Arrays were written as base64 of float32 or float64, little-endian.
function decoded(value) {
  const text = value?.float32 ?? value?.float64;
  if (typeof text !== "string") return value;
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), view = new DataView(bytes.buffer);
  const array = value.float32 === text
    ? Float32Array.from({ length: bytes.length / 4 }, (_, at) => view.getFloat32(4 * at, true))
    : Float64Array.from({ length: bytes.length / 8 }, (_, at) => view.getFloat64(8 * at, true));
  return Object.assign(array, { shape: value.shape });
}

// The steps with their arrays as numbers.
const readied = (steps) => steps.map((step) => Object.fromEntries(Object.entries(step).map(([name, value]) => [name, decoded(value)])));

// What each step gives for raw values by feature, a number or text; of the steps that are not wanted nothing.
function walked(steps, raw, wanted = () => true) {
  const found = [];
  steps.forEach((step, at) => {
    const value = step.do === "input" ? raw.get(step.name) : null;
    if (!wanted(at)) found.push(null);
    else if (step.do !== "input") found.push(operations[step.do](step.of.map((from) => found[from]), step));
    else found.push(typeof value === "number" ? Float64Array.of(value) : [value]);
  });
  return found;
}

// (raw values by feature) => (output -> its array), for a network of such steps.
function network(steps, outputs) {
  const ready = readied(steps);
  return (raw) => {
    const found = walked(ready, new Map(Object.entries(raw)));
    return Object.fromEntries(Object.entries(outputs).map(([name, at]) => [name, found[at]]));
  };
}
