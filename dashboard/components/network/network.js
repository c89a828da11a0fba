// The network of a run, alive: polls its scenes from a route of the same server and draws them, so that Python is not rerun while it trains.
//
//   data:    {run, url, sketch, pins, plane, unit, height, name, file}    see __init__.py
//   trigger: asked = {do: "plane", features: [a, b] | null} or {do: "unpin", at}
//   tests:   .ld-net[data-run][data-epoch][data-scenes], .ld-net-node[data-column][data-unit], .ld-net-picture[data-kind]

const PACE = 100, QUIET = 1000, HIDDEN = 2000;   // ms between two questions: while it moves, while it does not, out of sight
const IDLE = 20;                                 // questions without an answer before it asks more rarely
const PAST = 160;                                // epochs of which histograms and pinned answers are remembered

export default lasting(mount, take, unmount);

const el = elements('ld-net');

function mount(parent) {
  const s = { parent, life: new AbortController(), scene: null, still: null, past: [], open: null };
  s.ask = what => s.trigger('asked', { ...what, at_once: Date.now() });
  s.root = document.createElement('section');
  s.root.className = 'ld-net';
  s.root.setAttribute('aria-label', 'The network');
  parent.append(s.root);
  s.board = el('div', 'board', s.root);
  s.drawing = el('div', 'drawing', s.board);
  s.side = el('div', 'side', s.board);
  pictureButtons(s.board, 'The network', () => boardPicture(s));
  s.tip = el('div', 'tip', s.root);
  s.tip.setAttribute('role', 'status');
  s.tip.hidden = true;
  s.pinned = el('div', 'pins', s.root);
  s.sizes = new ResizeObserver(() => redraw(s));
  s.sizes.observe(s.root);
  addEventListener('layerdeck-epoch', ({ detail }) => {   // The component `playback` plays this run.
    if (detail.run !== s.data?.run || s.data.url) return;
    learn(s, { ...detail, still: detail.of === s.of ? null : detail.still });
  }, { signal: s.life.signal });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) wake(s); }, { signal: s.life.signal });
  return s;
}

function unmount(s) {
  s.life.abort();
  s.run?.abort();
  clearTimeout(s.timer);
  s.sizes.disconnect();
  s.root.remove();
}

function take(s, data) {
  const before = s.data, sketch = JSON.stringify(data.sketch), other = data.url !== before?.url;
  s.data = data;
  if (other) Object.assign(s, { scene: null, still: null, number: 0, of: 0, past: [], scenes: 0 });
  if (other || sketch !== s.sketch) { s.sketch = sketch; s.open = null; s.built = null; }
  s.root.dataset.run = data.run;
  redraw(s);
  if (other) wake(s);
  else if (JSON.stringify([data.pins, data.plane]) !== JSON.stringify([before?.pins, before?.plane])) wake(s);
}

function wake(s) {
  s.run?.abort();
  clearTimeout(s.timer);
  s.idle = 0;
  if (!s.data?.url) return;
  s.run = new AbortController();
  poll(s, s.run.signal);
}

async function poll(s, signal) {
  let wait = PACE;
  const began = performance.now();
  try {
    const url = new URL(s.data.url, location.origin);
    url.searchParams.set('since', s.number);
    url.searchParams.set('still', s.of);
    const reply = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(10000)]), cache: 'no-store' });
    if (signal.aborted) return;
    if (reply.status === 200) learn(s, await reply.json());
    else if (reply.status === 204) s.idle += 1;
    else throw new Error(reply.status);
    if (signal.aborted) return;
  } catch {
    if (signal.aborted) return;
    s.idle += 1;
    wait = QUIET;
  }
  if (document.hidden) wait = HIDDEN;
  else if (s.idle > IDLE) wait = QUIET;
  s.timer = setTimeout(poll, Math.max(wait - (performance.now() - began), 10), s, signal);
}

function learn(s, { number, of, scene, still }) {
  Object.assign(s, { number, of, scene, idle: 0, scenes: s.scenes + 1 });
  if (still) { s.still = still; s.built = null; }
  const last = s.past.at(-1);
  if (last && last.epoch >= scene.epoch) s.past = s.past.filter(one => one.epoch < scene.epoch);
  s.past.push({ epoch: scene.epoch, pins: scene.pins, columns: scene.columns.map(c => [c.weights, c.outputs]) });
  if (s.past.length > PAST) s.past = s.past.filter((_, i) => i % 2 === 0 || i === s.past.length - 1);
  s.root.dataset.epoch = scene.epoch;
  s.root.dataset.scenes = s.scenes;
  if (!document.hidden) redraw(s);
}

function redraw(s) {
  if (s.queued || !s.data) return;
  s.queued = requestAnimationFrame(() => {
    s.queued = null;
    if (s.life.signal.aborted) return;
    draw(s);
    side(s);
    pins(s);
  });
}

// ---------------------------------------------------------------- words and colours

const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** 270553 -> 270,553; 0.0012 -> 0.0012 */
function short(v) { return v == null ? '–' : Math.abs(v) >= 1000 ? whole.format(v) : Math.abs(v) > 0 && Math.abs(v) < 1e-4 ? v.toExponential(1) : plain.format(v); }

const amount = (s, v) => inUnit(s.data.unit, v, x => digits(s.data.unit, x, short));

/** A number among amounts from `low` to `high`, with four digits of what varies where that is small beside their size: 1,000,000,003.5 */
function among([low, high], v, unit = '') {
  const size = Math.max(Math.abs(low), Math.abs(high)), spread = high - low, power = of => Math.floor(Math.log10(of));
  if (size < 100 * spread || !(Math.abs(v) < 10 * size)) return digits(unit, v, short);
  const decimals = Math.max(0, Math.min(3 - power(spread), 14 - power(size)));
  return decimals === 1 && CURRENCY.test(unit) ? cents.format(v) : v.toLocaleString('en', { maximumFractionDigits: decimals });
}

/** The colours of Streamlit's theme as they are now, as [r, g, b] and as text. */
function theme(s) {
  const css = getComputedStyle(s.parent), of = (name, other) => css.getPropertyValue(`--st-${name}`).trim() || other;
  return { text: of('text-color', '#31333f'), ground: of('background-color', '#ffffff'), high: rgb(of('blue-color', '#1c83e1')), low: rgb(of('orange-color', '#f59322')), font: of('font', 'sans-serif') };
}

/** A colour as [r, g, b]; what shines through it is the ground. */
function rgb(colour, ground = '#000') {
  const c = rgb.canvas ??= document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  c.fillStyle = '#000';
  for (const layer of [ground, colour]) {
    c.fillStyle = layer;
    c.fillRect(0, 0, 1, 1);
  }
  return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3);
}

const CLASSES = ['#4c8bf5', '#f28e2b', '#2ca58d', '#d65f8a', '#8d6cd1', '#b7a11b', '#43b5d6', '#a8704f', '#7f8c9b', '#e2574c'];

/** 0 low, 0.5 the ground, 1 high. */
function mixed(colours, ground, share) {
  const end = share < 0.5 ? colours.low : colours.high, part = Math.min(1, Math.abs(share - 0.5) * 2);
  return end.map((c, i) => ground[i] + (c - ground[i]) * part);
}

function bytes(text) { const raw = atob(text), out = new Uint8Array(raw.length); for (let i = 0; i < raw.length; i++) out[i] = raw.charCodeAt(i); return out; }
