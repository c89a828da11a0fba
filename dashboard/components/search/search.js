// A search while it goes on. Polls one route of the same server, which answers with what is new of its trials.
//
//   data:    {search, url, run, dimensions, title, state, trials, larger, share, unit, height, table, lib}    see __init__.py
//   trigger: changed = the search's state, once for each that differs from the one the page was drawn with
//            opened  = the number of the trial that a person opens as the experiment
//   tests:   .ld-search[data-search][data-state][data-trials][data-best], .ld-search-row[data-number]

const OVER = new Set(['finished', 'stopped', 'failed']), PACE = 700, HIDDEN = 3000;   // ms
const WORDS = { running: 'Searching', stopping: 'Stopping', confirming: 'Training the best again', finished: 'Finished', stopped: 'Stopped', failed: 'Failed' };

export default lasting(mount, take, unmount);

const el = elements('ld-search');

function mount(parent) {
  const s = { parent, trials: new Map(), life: new AbortController(), errors: 0 };
  s.root = document.createElement('div');
  s.root.className = 'ld-search';
  parent.append(s.root);
  headline(el, s, 'Trials of the search');
  s.advice = el('ul', 'advice', s.root);
  const grid = el('div', 'grid', s.root);
  for (const name of ['curves', 'bests']) s[name] = card(s, grid, 'Waiting for the first epoch…');
  s.key = el('div', 'key', s.root);
  s.keys = {};
  for (const name of ['best', 'start', 'other', 'pruned']) {
    const item = s.keys[name] = el('span', 'keyitem', s.key);
    el('span', `swatch ${name}`, item);
    el('span', 'keyword', item);
  }
  s.importance = el('section', 'card', s.root);
  el('header', 'title', s.importance, 'Importance of the settings');
  s.shares = el('div', 'shares', s.importance);
  s.slicesBox = el('div', 'slices', s.root);
  s.table = el('div', 'table', s.root);
  drawOnRelease(s, draw);
  followWidth(s, grid, () => charts(s));
  return s;
}

/** A framed chart with a title. */
function card(s, into, note = '') {
  const box = el('section', 'card', into), c = { box, title: el('header', 'title', box), frame: el('div', 'chart', box) };
  c.host = el('div', 'plot', c.frame);
  c.note = el('div', 'note', c.frame, note);
  c.frame.setAttribute('role', 'img');
  c.frame.addEventListener('pointerdown', () => { s.held = true; }, true);
  return c;
}

const charts = s => [s.curves, s.bests, ...(s.slices ?? [])];

function unmount(s) {
  s.life.abort();
  clearTimeout(s.timer);
  s.sizes.disconnect();
  for (const c of charts(s)) if (c.gd) s.P.purge(c.gd);
  s.root.remove();
}

function take(s, data) {
  const other = data.search !== s.data?.search;
  s.data = data;
  if (other) start(s);
  for (const c of [s.curves, s.bests]) c.frame.style.height = `${data.height}px`;
  put(s.curves.title, `${data.title} by epoch, validation`);
  put(s.bests.title, `${data.title} of each trial, best so far`);
  s.fresh = true;
  draw(s);
}

function start(s) {
  clearTimeout(s.timer);
  s.asking?.abort();
  s.asking = new AbortController();
  for (const c of s.slices ?? []) if (c.gd) s.P.purge(c.gd);
  s.slicesBox.replaceChildren();
  Object.assign(s, { trials: new Map(), told: null, slices: null, all: false, errors: 0, fresh: true, announced: null });
  s.root.dataset.search = s.data.search;
  library(s);
  poll(s, s.asking.signal);
}

async function library(s) {
  try {
    s.P = await plotly(s.data.lib);
    draw(s);
  } catch {
    if (!s.life.signal.aborted) for (const c of [s.curves, s.bests]) put(c.note, 'The chart library did not load: reload the page.');
  }
}

async function poll(s, signal) {
  const url = new URL(s.data.url, location.origin), open = [...s.trials.values()].filter(t => !t.over);
  url.searchParams.set('known', Math.max(0, ...s.trials.keys()));
  url.searchParams.set('open', open.map(t => `${t.number}:${t.curve.at(-1)?.[0] ?? 0}`).join(','));
  let lost = false;
  try {
    const reply = await fetch(url, { signal: AbortSignal.any([signal, s.life.signal, AbortSignal.timeout(20000)]), cache: 'no-store' });
    if (reply.status === 404) { put(s.word, 'This search was deleted'); return; }
    if (!reply.ok) throw new Error(reply.status);
    learn(s, await reply.json());
  } catch { lost = true; }
  if (signal.aborted || s.life.signal.aborted) return;
  s.errors = lost ? s.errors + 1 : 0;
  status(s);
  const over = s.told && OVER.has(s.told.state);
  if (!document.hidden || over) await draw(s);
  if (signal.aborted || s.life.signal.aborted) return;
  if (s.told && s.told.state !== s.data.state && s.told.state !== s.announced) s.trigger('changed', s.announced = s.told.state);
  if (!over || lost) s.timer = setTimeout(poll, lost ? Math.min(500 * 2 ** (s.errors - 1), 10000) : document.hidden ? HIDDEN : PACE, s, signal);
}

function learn(s, told) {
  for (const t of told.trials) {
    const before = s.trials.get(t.number), last = before?.curve.at(-1)?.[0] ?? 0, added = (told.curves[t.number] ?? []).filter(point => point[0] > last);
    s.trials.set(t.number, { ...t, curve: [...(before?.curve ?? []), ...added] });
    s.fresh ||= added.length > 0 || !before || t.over !== before.over;
    s.ended ||= t.over && !before?.over;
  }
  s.fresh ||= told.best !== s.told?.best;
  s.told = told;
}

// ---------------------------------------------------------------- words

/** 0.00312 -> 0.0031, 256 -> 256; of a choice its words. */
function setting(dimension, value) {
  if (value === undefined) return '–';
  if (dimension.choices.length) return dimension.choices[value];
  return dimension.kind === 'int' ? fourDigits.format(value) : String(Number(value.toPrecision(2)));
}

/** 75 s -> "about 1 min left": until the best trials are trained again, too. */
function left(seconds) {
  if (seconds === null || seconds === undefined) return '';
  if (seconds < 60) return 'less than a minute left';
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${minutes} min left` : `about ${Math.round(minutes / 60)} h left`;
}

const ordered = s => [...s.trials.values()].sort((a, b) => a.number - b.number);
const ranked = s => ordered(s).filter(t => t.ranked && Number.isFinite(t.best)).sort((a, b) => (s.data.larger ? b.best - a.best : a.best - b.best) || a.number - b.number);

function status(s) {
  const told = s.told, all = ordered(s), done = all.filter(t => t.over), going = all.filter(t => !t.over && t.state !== 'queued'), pruned = done.filter(t => t.pruned).length;
  if (!told) { put(s.word, s.errors ? 'Connection lost' : 'Opening'); return; }
  const facts = [], best = s.trials.get(told.best), of = s.data.trials ? ` of ${s.data.trials}` : '';
  facts.push(OVER.has(told.state) || told.state === 'confirming' ? counted(done.length, 'trial') : `${done.length}${of} ${s.data.trials === 1 || !of && done.length === 1 ? 'trial' : 'trials'} ended`);
  if (pruned) facts.push(`${pruned} pruned`);
  if (best) facts.push(`best ${scoreText(s.data, best.best)} in trial ${best.number}`);
  if (told.state === 'running' && going.length) facts.push(going.slice(0, 3).map(t => t.epoch ? `trial ${t.number} at epoch ${t.epoch}` : `trial ${t.number} is starting`).join(', '));
  if (told.state === 'confirming' && told.again) facts.push(told.again[0] < told.again[1] ? `${told.again[0]} of ${told.again[1]} runs with new seeds ended` : 'scoring them on the test rows');
  if (told.state === 'running' && left(told.left)) facts.push(left(told.left));
  put(s.word, s.errors ? 'Connection lost' : WORDS[told.state] ?? told.state);
  put(s.facts, s.errors ? 'trying again' : facts.join(' · '));
  const share = told.state === 'confirming' && told.again ? told.again[0] / told.again[1] : OVER.has(told.state) ? 1 : s.data.trials ? (done.length + going.reduce((sum, t) => sum + (t.epochs ? t.epoch / t.epochs : 0), 0)) / s.data.trials : 0;
  s.fill.style.transform = `scaleX(${Math.min(1, share)})`;
  s.bar.hidden = !s.data.trials && told.state === 'running';
  s.bar.setAttribute('aria-valuemax', 100);
  s.bar.setAttribute('aria-valuenow', Math.round(100 * Math.min(1, share)));
  const says = [...(told.says ? [told.says] : []), ...told.advice];
  if (says.join('\n') !== s.said) {
    s.said = says.join('\n');
    s.advice.replaceChildren(...says.map(text => el('li', 'word-of-advice', null, text)));
  }
  Object.assign(s.root.dataset, { state: told.state, trials: done.length, best: told.best ?? '', points: all.reduce((sum, t) => sum + t.curve.length, 0) });
}
