// Live curves of one run. Polls the run's epochs from a route of the same server and extends its own Plotly charts, so that
// Python is not rerun while a network trains.
//
//   data:    {run, url, lib, plots: [{title, key, unit, share, file}], height, over, faint: [{run, url, name}]}    see __init__.py
//   trigger: ended = the end state, once, for a run that was seen running, or whose page was drawn before its end
//   tests:   .ld-live[data-state][data-epoch][data-run], .ld-live-chart[data-key][data-points][data-faint]

const ENDED = new Set(['finished', 'stopped', 'failed', 'interrupted', 'missing']);
const WORDS = { connecting: 'Connecting', queued: 'Queued', preparing: 'Preparing', training: 'Training', paused: 'Paused', stopping: 'Stopping', scoring: 'Scoring',
  finished: 'Finished', stopped: 'Stopped', failed: 'Failed', interrupted: 'Interrupted', missing: 'Not found' };
const FAST = 80, SLOW = 1000, HIDDEN = 2000, FULL_ANSWER = 2000;   // ms, ms, ms, rows

const SMOOTHING = [0, 0.6, 0.9];   // how much of a point is those before it

export default lasting(mount, take, unmount);

// ---------------------------------------------------------------- the page's elements

const el = elements('ld-live');

function button(parent, text, click) {
  const b = el('button', 'button', parent, text);
  b.type = 'button';
  b.addEventListener('click', click);
  return b;
}

function mount(parent) {
  const s = { parent, charts: [], held: false, smoothing: 0, others: [], life: new AbortController() };
  s.root = document.createElement('div');
  s.root.className = 'ld-live';
  parent.append(s.root);
  const line = el('div', 'line', s.root);
  s.word = el('span', 'word', line);
  s.facts = el('span', 'facts', line);
  const tools = el('span', 'tools', line);
  s.unzoom = button(tools, 'Reset zoom', () => { for (const c of s.charts) c.zoom = {}; redraw(s); });
  s.smooth = button(tools, 'Smooth', () => { s.smoothing = (s.smoothing + 1) % SMOOTHING.length; redraw(s); });
  s.smooth.title = 'Moving average over epochs: off, weak, strong';
  s.scale = button(tools, 'Log scale', () => { s.log = !s.log; for (const c of s.charts) c.zoom.y = c.range = null; redraw(s); });
  s.scale.title = 'Logarithmic axis';
  const bar = s.bar = el('div', 'bar', s.root);
  bar.setAttribute('role', 'progressbar');
  bar.setAttribute('aria-label', 'Epochs');
  s.fill = el('div', 'fill', bar);
  const under = el('div', 'under', s.root);
  s.says = el('div', 'says', under);
  s.simple = el('span', 'simple', under);
  s.simple.setAttribute('role', 'group');
  s.simple.setAttribute('aria-label', 'Baselines');
  s.spoken = el('span', 'spoken', s.root);
  s.spoken.setAttribute('role', 'status');
  s.spoken.setAttribute('aria-live', 'polite');
  s.grid = el('div', 'grid', s.root);
  const on = { signal: s.life.signal };
  floating(s);
  drawOnRelease(s, redraw);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) { redraw(s); wake(s); } }, on);
  addEventListener('layerdeck-epoch', ({ detail }) => {   // The component `playback` plays this run: its curves grow with it.
    if (detail.run !== s.data?.run || !ENDED.has(s.answer.state)) return;
    s.whole ??= s.rows;
    s.rows = s.whole.slice(0, seek(s.whole, detail.epoch) + 1);
    redraw(s);
  }, on);
  s.sizes = new ResizeObserver(() => resize(s));
  s.sizes.observe(s.grid);
  s.sight = new IntersectionObserver(seen => {
    for (const { target, isIntersecting } of seen) { const c = s.charts.find(c => c.box === target); if (c) c.seen = isIntersecting; }
    drawAll(s);
  }, { rootMargin: '150px' });
  return s;
}

function unmount(s) {
  s.life.abort();
  s.run?.abort();
  clearTimeout(s.timer);
  s.sizes.disconnect();
  s.sight.disconnect();
  for (const c of s.charts) if (c.gd) s.P.purge(c.gd);
  s.root.remove();
}

function take(s, data) {
  const colours = theme(s), look = JSON.stringify(colours), plots = JSON.stringify([data.plots, data.height]);
  const other = plots !== s.plots, recolour = look !== s.look, run = data.url !== s.data?.url, faint = JSON.stringify(data.faint) !== JSON.stringify(s.data?.faint);
  Object.assign(s, { data, plots, look, colours });
  if (other) build(s);
  if (run) start(s);
  else if (other || recolour) { status(s); redraw(s); }
  if (faint) compare(s);
}

/** Fetches the runs whose curves are drawn faintly behind this one's, each once. */
async function compare(s) {
  const wanted = s.data.faint, known = new Map(s.others.map(one => [one.run, one]));
  const found = await Promise.all(wanted.map(async one => {
    if (known.has(one.run)) return { ...known.get(one.run), ...one };
    try {
      let rows = [], names = [], last = 0, answer;
      do {
        const url = new URL(one.url, location.origin);
        url.searchParams.set('since', last);
        const reply = await fetch(url, { signal: s.life.signal, cache: 'no-store' });
        if (!reply.ok) return null;
        answer = await reply.json();
        ({ names } = answer);
        rows = rows.concat(answer.rows);
        last = rows.at(-1)?.[0] ?? 0;
      } while (answer.rows.length >= FULL_ANSWER);
      return { ...one, rows, names };
    } catch { return null; }
  }));
  if (s.life.signal.aborted || s.data.faint !== wanted) return;
  s.others = found.filter(Boolean);
  for (const c of s.charts) c.range = null;
  redraw(s);
}

/** Names of the baselines that are not drawn, on whatever page the curves are. */
const without = () => window.ldLiveWithout ??= new Set();

/** A button for each baseline that shows or hides its line in all charts. */
function choices(s) {
  const names = Object.keys(s.answer.baselines), known = JSON.stringify(names);
  if (s.choices === known) return;
  s.choices = known;
  s.simple.replaceChildren(...names.map(name => {
    const chip = el('button', 'chip baseline', null, name);
    chip.type = 'button';
    chip.title = `Show or hide ${name}`;
    tell(chip, 'aria-pressed', !without().has(name));
    chip.addEventListener('click', () => {
      if (!without().delete(name)) without().add(name);
      tell(chip, 'aria-pressed', !without().has(name));
      for (const c of s.charts) c.range = null;
      redraw(s);
    });
    return chip;
  }));
}

function build(s) {
  for (const c of s.charts) { if (c.gd) s.P.purge(c.gd); s.sight.unobserve(c.box); }
  s.grid.replaceChildren();
  s.grid.classList.toggle('ld-live-single', s.data.plots.length === 1);
  s.charts = s.data.plots.map(plot => {
    const c = { ...plot, keys: [plot.key, 'val_' + plot.key], hidden: [false, false], words: [], zoom: {}, drawn: 0, plotted: 0 };
    const card = el('section', 'card', s.grid), head = el('header', 'head', card);
    el('span', 'title', head, plot.title);
    const legend = el('span', 'legend', head);
    c.chips = ['training', 'validation'].map((name, i) => {
      const chip = el('button', `chip ${name}`, legend);
      chip.type = 'button';
      chip.title = `Show or hide ${name}`;
      chip.setAttribute('aria-pressed', 'true');
      c.words[i] = el('span', '', chip, name);
      chip.addEventListener('click', () => {
        c.hidden[i] = !c.hidden[i];
        chip.setAttribute('aria-pressed', String(!c.hidden[i]));
        c.range = null;
        redraw(s);
      });
      return el('span', 'value', chip);
    });
    c.box = el('div', 'chart', card);
    c.box.style.height = `${s.data.height}px`;
    c.box.dataset.key = plot.key;
    c.box.dataset.points = 0;
    c.box.setAttribute('role', 'img');
    c.host = el('div', 'plot', c.box);
    c.note = el('div', 'note', c.box);
    c.pictures = pictureButtons(card, plot.title, () => picture(s, c));
    c.pictures.hidden = true;
    c.box.addEventListener('pointerdown', () => { s.held = true; }, true);
    c.width = c.host.clientWidth;
    s.sight.observe(c.box);
    return c;
  });
}

// ---------------------------------------------------------------- the run's numbers

/** Begin at the run's first epoch, in the boxes that are there already. */
function start(s) {
  s.run?.abort();
  clearTimeout(s.timer);
  Object.assign(s, { run: new AbortController(), rows: [], whole: null, low: [], high: [], frame: '', names: [], last: 0, idle: 0, errors: 0, misses: 0, running: !s.data.over, news: !s.data.over, lost: '',
    since: performance.now(), answer: { state: 'connecting', baselines: {} }, announced: '' });
  s.root.dataset.run = s.data.run;
  for (const c of s.charts) {
    if (c.gd) s.P.purge(c.gd);
    c.pictures.hidden = true;
    Object.assign(c, { gd: null, drawn: 0, plotted: 0, lines: null, zoom: {}, range: null });
    c.box.dataset.points = 0;
    for (const value of c.chips) value.textContent = '';
  }
  status(s);
  library(s);
  poll(s, s.run.signal);
}

async function library(s) {
  try {
    s.broken = false;
    s.P = await plotly(s.data.lib);
  } catch {
    s.broken = true;
  }
  if (!s.life.signal.aborted) { status(s); drawAll(s); }
}

async function poll(s, signal) {
  const began = performance.now();
  let wait, rows = [];
  try {
    const url = new URL(s.data.url, location.origin);
    url.searchParams.set('since', s.last);
    const reply = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(10000)]), cache: 'no-store' });
    if (reply.status >= 500) throw new Error(reply.status);
    const answer = await reply.json();
    if (signal.aborted) return;
    Object.assign(s, { errors: 0, lost: '' });
    if (reply.ok) rows = learn(s, answer);
    // A run that was handed in a moment ago may not be known yet.
    else s.answer = { ...s.answer, says: answer.says || `The server refused this run (${reply.status}).`, state: ++s.misses > 3 ? 'missing' : s.answer.state };
  } catch {
    if (signal.aborted) return;
    s.errors += 1;
    s.lost = 'Connection lost. Trying again.';
    wait = Math.min(500 * 2 ** (s.errors - 1), 10000);
  }
  const { state } = s.answer, ended = ENDED.has(state) && rows.length < FULL_ANSWER;
  const answered = performance.now();
  status(s);
  while (ended && s.held && !signal.aborted) await new Promise(done => setTimeout(done, 50));
  if (!document.hidden || ended) await drawAll(s, ended);
  if (signal.aborted) return;
  if (ended && wait === undefined) {
    if (s.running && state !== 'missing') s.trigger('ended', state);
    s.running = false;
    return;
  }
  if (wait === undefined) wait = pause(s, rows, performance.now() - began, performance.now() - answered);
  s.timer = setTimeout(poll, wait, s, signal);
}

/** Keep an answer; returns its new rows. */
function learn(s, answer) {
  const rows = answer.rows.filter(row => row[0] > s.last);
  if (answer.state !== s.answer.state) s.since = performance.now();
  Object.assign(s, { answer: { ...answer, baselines: answer.baselines ?? {} }, names: answer.names ?? s.names, misses: 0 });
  for (const row of rows) { s.rows.push(row); widen(s, row); }
  s.frame = JSON.stringify([s.names, s.answer.baselines, s.answer.marks, s.answer.epochs, ENDED.has(answer.state)]);
  s.last = s.rows.at(-1)?.[0] ?? 0;
  s.idle = rows.length ? 0 : s.idle + 1;
  if (!ENDED.has(answer.state)) s.running = true;
  return rows;
}

/** Milliseconds to the next question; `took` ms went to the last answer and its drawing, `drew` of them to drawing. */
function pause(s, rows, took, drew) {
  const { state } = s.answer;
  if (rows.length >= FULL_ANSWER) return 0;
  if (document.hidden) return HIDDEN;
  if (s.misses || state === 'queued' || s.idle >= 10 || state === 'preparing' && performance.now() - s.since > 2000) return SLOW;
  return Math.max(FAST - took, Math.min(drew, 400) / 3, 10);   // leaves the page a quarter of its time on a slow machine
}

function wake(s) {
  if (ENDED.has(s.answer.state)) return;
  clearTimeout(s.timer);
  s.run.abort();
  s.run = new AbortController();
  poll(s, s.run.signal);
}

// ---------------------------------------------------------------- words

const many = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

/** 5012345678 -> 5.012B, 0.123456 -> 0.1235, 0.00001234 -> 1.23e-5, null -> – */
function short(v) {
  if (!Number.isFinite(v)) return '–';
  const size = Math.abs(v);
  return size >= 1e15 || size && size < 1e-4 ? v.toExponential(2) : size >= 1e4 ? many.format(v) : plain.format(v);
}

/** 4.21 -> 4.2 s, 130 -> 2 min 10 s, 3900 -> 1 h 5 min */
function time(seconds) {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const s = Math.round(seconds);
  return s < 60 ? `${s} s` : s < 3600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor(s % 3600 / 60)} min`;
}

/** Seconds to the last epoch, and to early stopping if nothing improves: 30, 12, true -> 12 s to 30 s left; 30, null, true -> at most 30 s left */
function left(last, early, stopsEarly) {
  const most = time(last), least = early == null ? most : time(early);
  return least !== most ? `${least} to ${most} left` : stopsEarly && early == null ? `at most ${most} left` : `${most} left`;
}

const pace = rate => rate >= 1 ? `${rate >= 10 ? whole.format(rate) : rate.toFixed(1)} epochs/s` : `${time(1 / rate)} an epoch`;

/** Only what changed is written. */
function tell(e, name, value) { if (e.getAttribute(name) !== String(value)) e.setAttribute(name, value); }

function status(s) {
  const a = s.answer, { state } = a, ended = ENDED.has(state), epoch = a.epoch ?? 0, facts = [];
  if (ended && epoch) facts.push(`${whole.format(epoch)} of ${counted(a.epochs, 'epoch')}`, a.seconds && `in ${time(a.seconds)} after compiling`);
  else if (epoch) facts.push(`epoch ${whole.format(epoch)} of ${whole.format(a.epochs)}`);
  else if (state === 'queued') facts.push(behind(a));
  if (!ended && epoch && a.epochs_per_second > 0) facts.push(pace(a.epochs_per_second));
  if (state === 'training' && epoch && a.seconds_left != null) facts.push(left(a.seconds_left, a.seconds_to_early_stop, a.stops_early));
  const unvalidated = a.validated === false;
  if (ended && a.best && !a.says?.includes('best epoch')) facts.push(unvalidated ? 'no validation rows' : `best epoch ${whole.format(a.best)}`);
  for (const c of s.charts) {
    put(c.words[1], unvalidated ? 'no validation rows' : 'validation');
    c.chips[1].hidden = c.chips[1].parentElement.disabled = unvalidated;
  }
  choices(s);
  tell(s.root, 'data-state', state);
  tell(s.root, 'data-epoch', epoch);
  put(s.word, WORDS[state] ?? state);
  put(s.facts, facts.filter(Boolean).join(' · '));
  put(s.says, s.broken ? 'The chart library did not load. ' : s.lost || capital(a.says));
  if (s.broken && !s.says.querySelector('button')) button(s.says, 'Try again', () => library(s));
  float(s);
  const filled = `scaleX(${a.epochs ? Math.min(epoch / a.epochs, 1).toFixed(3) : 0})`;   // in steps of about a pixel
  if (s.filled !== filled) s.fill.style.transform = s.filled = filled;
  tell(s.bar, 'aria-valuemax', a.epochs ?? 0);
  tell(s.bar, 'aria-valuenow', epoch);
  tell(s.scale, 'aria-pressed', !!s.log);
  tell(s.smooth, 'aria-pressed', !!s.smoothing);
  s.unzoom.hidden = !s.charts.some(c => c.zoom.x || c.zoom.y);
  for (const c of s.charts) {
    if (c.gd && s.rows.length) continue;
    c.note.hidden = false;
    put(c.note, placeholder(s));
    tell(c.box, 'aria-label', spoken(s, c));
  }
  if (state !== s.announced && state !== 'connecting') {
    if (s.announced || !ended) put(s.spoken, ended && epoch ? `${WORDS[state]} after ${counted(epoch, 'epoch')}` : WORDS[state] ?? state);
    s.announced = state;
  }
}

const behind = a => a.ahead ? `behind ${a.ahead} ${a.ahead === 1 ? 'training' : 'trainings'}` : 'starts next';

/** preparing the table -> Preparing the table */
const capital = text => text ? text[0].toUpperCase() + text.slice(1) : '';

function placeholder(s) {
  const { state } = s.answer;
  if (s.rows.length) return s.broken ? 'No chart yet' : 'Drawing…';
  return { connecting: 'Loading the run…', queued: `Queued, ${behind(s.answer)}`, preparing: `${capital(s.answer.says) || 'Preparing'}…`,
    training: 'Waiting for the first epoch…', paused: 'Paused in the first epoch', stopping: 'Stopping…' }[state] ?? 'No epoch was completed';
}

function spoken(s, c) {
  if (!s.rows.length) return `${c.title}: no epochs yet`;
  const [train, val] = c.keys.map((_, i) => latest(s, c, i));
  return `${c.title} at epoch ${s.last}: training ${scoreText(c, train)}, ${s.answer.validated === false ? 'no validation rows' : `validation ${scoreText(c, val)}`}`;
}
