// Plays the kept epochs of a run: fetches their scenes once, and hands one after the other to the network and the curves of the page, as
// an event of the window, `layerdeck-epoch`: {run, epoch, number, of, scene, still}.
//
//   data:   {run, url, words: {epoch: sentence}}    see __init__.py
//   tests:  .ld-play[data-run][data-state][data-epoch]

const PACE = 300, REST = 4000, ASK = 800, TICK = 100;   // ms an epoch, at the end, between two questions for scenes, between two looks

const still = matchMedia('(prefers-reduced-motion: reduce)');

export default lasting(mount, take, s => { s.life.abort(); s.asking?.abort(); clearInterval(s.timer); clearTimeout(s.later); s.root.remove(); });

const el = elements('ld-play');

function mount(parent) {
  const s = { life: new AbortController() };
  s.root = document.createElement('section');
  s.root.className = 'ld-play';
  parent.append(s.root);
  s.root.setAttribute('aria-label', 'Replay');
  s.words = el('p', 'words', s.root);
  const bar = s.bar = el('div', 'bar', s.root);
  s.button = el('button', 'button', bar, 'Pause');
  s.button.type = 'button';
  s.button.addEventListener('click', () => s.playing ? pause(s) : play(s));
  s.slider = el('input', 'slider', bar);
  Object.assign(s.slider, { type: 'range', min: 0 });
  s.slider.setAttribute('aria-label', 'Epoch');
  s.slider.addEventListener('input', () => { pause(s); show(s, Number(s.slider.value)); });
  s.at = el('span', 'epoch', bar);
  s.timer = setInterval(() => { if (s.playing && s.frames && !document.hidden) show(s, place(s)); }, TICK);
  return s;
}

function take(s, data) {
  const other = data.url !== s.data?.url;
  s.data = data;
  if (!other) { if (s.frames) s.words.textContent = said(s, s.frames[s.shown]); return; }
  s.asking?.abort();
  clearTimeout(s.later);
  Object.assign(s, { frames: null, shown: -1, offset: 0, playing: !still.matches, asking: new AbortController() });
  s.root.dataset.run = data.run;
  s.root.dataset.state = 'preparing';
  s.bar.hidden = true;
  put(s.words, 'The epochs are being rendered, once for all viewers.');
  ask(s, s.asking.signal);
}

async function ask(s, signal) {
  let wait = ASK;
  try {
    const reply = await fetch(new URL(s.data.url, location.origin), { signal });
    if (reply.status === 200) return begin(s, await reply.json());
    if (reply.status === 404) {
      s.root.dataset.state = 'none';
      put(s.words, (await reply.json()).says);
      return;
    }
    if (reply.status >= 500) wait = 4 * ASK;
  } catch {
    wait = 4 * ASK;
  }
  if (!signal.aborted) s.later = setTimeout(ask, wait, s, signal);
}

function begin(s, { key, still, scenes }) {
  Object.assign(s, { key, still, frames: scenes });
  s.slider.max = scenes.length - 1;
  s.bar.hidden = false;
  s.playing ? play(s) : pause(s);
  show(s, s.playing ? place(s) : scenes.length - 1);
}

/** The frame of this moment: told by the clock alone, so that all who look see the same one. */
function place(s) {
  const whole = s.frames.length * PACE + REST;
  return Math.min(Math.floor(((Date.now() + s.offset) % whole + whole) % whole / PACE), s.frames.length - 1);
}

/** Goes on from where it was paused; at the end from the beginning. */
function play(s) {
  if (s.root.dataset.state === 'paused') s.offset = (s.shown === s.frames.length - 1 ? 0 : s.shown) * PACE - Date.now();
  s.playing = true;
  s.root.dataset.state = 'playing';
  put(s.button, 'Pause');
}

function pause(s) {
  s.playing = false;
  s.root.dataset.state = 'paused';
  put(s.button, 'Play');
}

function said(s, scene) { return s.data.words[scene.epoch] ?? `Epoch ${scene.epoch}`; }

function show(s, index) {
  if (index === s.shown) return;
  const scene = s.frames[index];
  s.shown = index;
  s.root.dataset.epoch = scene.epoch;
  put(s.words, said(s, scene));
  put(s.at, `Epoch ${scene.epoch.toLocaleString('en')}`);
  s.slider.value = index;
  s.slider.setAttribute('aria-valuetext', `Epoch ${scene.epoch}`);
  dispatchEvent(new CustomEvent('layerdeck-epoch', { detail: { run: s.data.run, epoch: scene.epoch, number: index + 1, of: s.key, scene, still: s.still } }));
}
