// The stack of layers: cards that are dragged, moved by keyboard and edited in place. Every change is an operation of
// core/experiment/edits.py; those that Python has not acknowledged are kept and sent again with the next one, so none is lost.
//
//   data:    {cards, aside, palette, head, total, ack, shown}    see __init__.py
//   trigger: operations = [{seq, op, ...}]
//   tests:   .ld-stack[data-waiting], .ld-stack-card[data-at], .ld-stack-aside

const calm = matchMedia('(prefers-reduced-motion: reduce)');

export default lasting(mount, take, s => { s.life.abort(); s.root.remove(); });

const PICTURES = {
  grip: 'M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01', more: 'M3.5 8h.01M8 8h.01M12.5 8h.01', double: 'M6 6h7v7H6zM10 3H3v7', off: 'M8 2v6M4.6 4.4a5 5 0 1 0 6.8 0',
  remove: 'M4 4l8 8M12 4l-8 8', plus: 'M8 3v10M3 8h10',
};

const el = elements('ld-stack');

function icon(parent, name, label, click, more = '') {
  const b = el('button', `icon${more}`, parent), picture = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), path = document.createElementNS(picture.namespaceURI, 'path');
  b.type = 'button';
  picture.setAttribute('viewBox', '0 0 16 16');
  picture.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', PICTURES[name]);
  picture.append(path);
  b.append(picture);
  named(b, label);
  if (click) b.addEventListener('click', click);
  return b;
}

function named(b, label) { if (b.title !== label) { b.title = label; b.setAttribute('aria-label', label); } }

function mount(parent) {
  const s = { parent, life: new AbortController(), queue: [], last: 0, cards: [], keys: [], next: 1, built: new Map() };
  s.root = document.createElement('section');
  s.root.className = 'ld-stack';
  s.root.setAttribute('aria-label', 'Layers');
  parent.append(s.root);
  s.head = el('div', 'head', s.root);
  el('b', '', s.head, 'Input');
  s.inputs = el('span', 'quiet', s.head);
  s.list = el('ol', 'list', s.root);
  palette(s);
  s.total = el('div', 'total', s.root);
  s.total.dataset.testid = 'total-parameters';
  s.spoken = el('span', 'spoken', s.root);
  s.spoken.setAttribute('role', 'status');
  return s;
}

function take(s, data) {
  s.data = data;
  s.last = Math.max(s.last, data.ack);
  s.queue = s.queue.filter(one => one.seq > data.ack);
  s.root.dataset.waiting = s.queue.length;
  put(s.inputs, data.head);
  put(s.total, data.total);
  if (s.queue.length) return;   // What the person did since is newer than what Python knows.
  const same = data.cards.length === s.cards.length;
  const old = new Map(s.cards.map((card, i) => [JSON.stringify(card), s.keys[i]]));
  s.keys = data.cards.map((card, i) => same ? s.keys[i] : old.get(JSON.stringify(card)) ?? s.next++);
  if (new Set(s.keys).size < s.keys.length) s.keys = s.keys.map((key, i) => s.keys.indexOf(key) === i ? key : s.next++);
  s.cards = structuredClone(data.cards);
  render(s);
}

/** Hands an operation over and shows what it will do. */
function operate(s, operation, says) {
  s.last += 1;
  s.queue.push({ seq: s.last, ...operation });
  s.root.dataset.waiting = s.queue.length;
  s.trigger('operations', s.queue);
  if (says) put(s.spoken, says);
}

function place(s, key) { return s.keys.indexOf(key); }

function move(s, key, to) {
  const at = place(s, key);
  to = Math.max(0, Math.min(s.cards.length - 1, to));
  if (to === at) return;
  s.cards.splice(to, 0, ...s.cards.splice(at, 1));
  s.keys.splice(to, 0, ...s.keys.splice(at, 1));
  operate(s, { op: 'move', at, to }, `${s.cards[to].title} moved to place ${to + 1} of ${s.cards.length}`);
  render(s);
}

function remove(s, key) {
  const at = place(s, key), [card] = s.cards.splice(at, 1);
  s.keys.splice(at, 1);
  operate(s, { op: 'delete', at }, `${card.title} deleted`);
  render(s);
  (s.built.get(s.keys[Math.min(at, s.keys.length - 1)])?.grip ?? s.add).focus();
}

function double(s, key) {
  const at = place(s, key);
  s.cards.splice(at + 1, 0, structuredClone(s.cards[at]));
  s.keys.splice(at + 1, 0, s.next++);
  operate(s, { op: 'duplicate', at }, `${s.cards[at].title} duplicated`);
  render(s);
}

/** What is wrong with a value, as a sentence with the field's label; "" when nothing is. Python checks it again. */
function wrong(s, key, field, input) {
  if (field.kind !== 'whole' && field.kind !== 'number') return '';
  const { low = -Infinity, high = Infinity, above = -Infinity, below = Infinity } = field.limits, value = Number(input.value);
  if (input.value === '' && !input.validity.badInput && field.optional) return '';
  const right = input.value !== '' && value >= low && value <= high && value > above && value < below && (field.kind !== 'whole' || Number.isInteger(value));
  if (right) return '';
  const asked = field.kind === 'whole' && value > high ? field.limits.most : field.limits.asked;
  return `${field.label[0].toUpperCase()}${field.label.slice(1)} of layer ${place(s, key) + 1}: enter ${asked}${field.optional ? ', or leave it empty' : ''}.`;
}

/** The value of a field that Python knows, as text. */
const good = (s, key, field) => String(s.cards[place(s, key)].fields.find(one => one.name === field.name).value ?? '');

/** Says at the field what is wrong with it, over what stands below: nothing moves. */
function refuse(s, label, input, says) {
  let line = label.querySelector('.ld-stack-wrong');
  if (!says) { line?.remove(); input.removeAttribute('aria-invalid'); delete input.dataset.good; return; }
  line ??= el('span', 'wrong', label);
  put(line, says);
  put(s.spoken, says);
  input.setAttribute('aria-invalid', 'true');
}

function change(s, key, field, value) {
  const at = place(s, key);
  s.cards[at].fields.find(one => one.name === field).value = value;
  operate(s, { op: 'set', path: `layers.${at}.${field}`, value });
}

// ---------------------------------------------------------------- drawing

function render(s) {
  const before = new Map([...s.list.children].map(li => [li, li.getBoundingClientRect().top]));
  const focus = s.parent.getRootNode().activeElement;
  const rows = [];
  s.cards.forEach((card, at) => {
    s.data.aside.forEach((one, i) => { if (one.at === at) rows.push(aside(s, one, i)); });
    let built = s.built.get(s.keys[at]);
    const form = JSON.stringify([card.layer, card.fields.map(one => [one.name, one.kind, one.options])]);
    if (!built || built.form !== form) { built = build(s, s.keys[at], card); built.form = form; s.built.set(s.keys[at], built); }
    fill(s, built, card, at);
    rows.push(built.li);
  });
  s.data.aside.forEach((one, i) => { if (one.at >= s.cards.length) rows.push(aside(s, one, i)); });
  for (const key of s.built.keys()) if (!s.keys.includes(key)) s.built.delete(key);
  if (rows.length !== s.list.children.length || rows.some((li, i) => li !== s.list.children[i])) {
    s.list.replaceChildren(...rows);
    if (focus && s.list.contains(focus)) focus.focus();
  }
  if (calm.matches) return;
  for (const [li, top] of before) {
    if (!li.isConnected || li.classList.contains('ld-stack-drag')) continue;
    const by = top - li.getBoundingClientRect().top;
    if (by) li.animate([{ transform: `translateY(${by}px)` }, { transform: 'none' }], { duration: 160, easing: 'ease-out' });
  }
}

function build(s, key, card) {
  const li = el('li', 'card'), top = el('div', 'top', li), built = { li, inputs: new Map() };
  built.grip = icon(top, 'grip', '', null, ' grip');
  const words = el('div', 'words', top);
  built.title = el('b', '', words);
  built.shape = el('span', 'quiet', words);
  const tools = el('div', 'tools', top);
  built.more = icon(tools, 'more', '', () => operate(s, { op: 'open', at: place(s, key) }));
  built.double = icon(tools, 'double', '', () => double(s, key));
  built.off = icon(tools, 'off', '', () => operate(s, { op: 'disable', at: place(s, key) }, `${card.title} disabled`));
  built.remove = icon(tools, 'remove', '', () => remove(s, key));
  const fields = el('div', 'fields', li);
  for (const field of card.fields) {
    const label = el('label', 'field', fields);
    el('span', 'quiet', label, field.label);
    const input = document.createElement(field.kind === 'choice' ? 'select' : 'input');
    if (field.kind === 'choice') for (const option of field.options) input.append(new Option(option, option));
    else { input.type = field.kind === 'flag' ? 'checkbox' : 'number'; if (field.kind !== 'flag') input.step = field.kind === 'whole' ? 1 : 'any'; }
    input.title = field.help;
    input.addEventListener('input', () => { input.dataset.typing = '1'; });   // What is being typed is not written over.
    input.addEventListener('change', () => {
      const says = wrong(s, key, field, input);
      refuse(s, label, input, says);
      if (says) { input.dataset.good = good(s, key, field); return; }   // The last good value stands until something right is typed.
      delete input.dataset.typing;
      const value = field.kind === 'flag' ? input.checked : field.kind === 'choice' ? input.value : input.value === '' ? null : Number(input.value);
      change(s, key, field.name, value);
    });
    label.append(input);
    built.inputs.set(field.name, input);
  }
  drag(s, key, built);
  return built;
}

function fill(s, built, card, at) {
  const name = `${card.title}, layer ${at + 1}`;
  built.li.dataset.at = at;
  built.li.classList.toggle('ld-stack-open', s.data.shown === at);
  put(built.title, card.title);
  put(built.shape, card.shape);
  built.shape.title = card.note;
  named(built.grip, `Move ${name}: drag, or arrow keys`);
  named(built.more, `Edit ${name}`);
  named(built.double, `Duplicate ${name}`);
  named(built.off, `Disable ${name}`);
  named(built.remove, `Delete ${name}`);
  for (const field of card.fields) {
    const input = built.inputs.get(field.name);
    input.setAttribute('aria-label', `${field.name} of layer ${at + 1}`);
    if (input.dataset.good !== undefined && input.dataset.good !== String(field.value ?? '')) {   // Undo, or a fix, gave it another value.
      delete input.dataset.typing;
      refuse(s, input.parentElement, input, '');
    }
    if (input.dataset.typing) continue;
    if (field.kind === 'flag') input.checked = !!field.value;
    else if (input.value !== String(field.value ?? '')) input.value = field.value ?? '';
  }
}

function aside(s, one, place) {
  const li = el('li', 'aside'), words = el('div', 'words', li);
  el('b', '', words, one.title);
  el('span', 'quiet', words, 'disabled: not in the network');
  icon(li, 'plus', `Enable ${one.title}`, () => operate(s, { op: 'enable', at: place }, `${one.title} enabled`));
  icon(li, 'remove', `Delete disabled ${one.title}`, () => operate(s, { op: 'delete disabled', at: place }, `${one.title} deleted`));
  return li;
}

/** Drag by pointer, finger or pen; arrow keys, Home and End move, Delete deletes, D duplicates. */
function drag(s, key, { li, grip }) {
  grip.addEventListener('keydown', e => {
    const at = place(s, key), to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: s.cards.length - 1 }[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (to !== undefined) { e.preventDefault(); move(s, key, to); grip.focus(); }
    else if (e.key === 'Delete' || e.key === 'Backspace') { e.preventDefault(); remove(s, key); }
    else if (e.key.toLowerCase() === 'd') { e.preventDefault(); double(s, key); }
  });
  grip.addEventListener('pointerdown', down => {
    if (down.button) return;
    down.preventDefault();
    grip.focus();
    const life = new AbortController(), on = { signal: life.signal };
    li.classList.add('ld-stack-drag');
    let to = place(s, key);
    // Listened to on the window: moving the card in the page would drop a pointer that it has captured.
    addEventListener('pointermove', e => {
      const others = [...s.list.querySelectorAll('.ld-stack-card')].filter(one => one !== li);
      const after = others.find(one => { const box = one.getBoundingClientRect(); return e.clientY < box.top + box.height / 2; }) ?? null;
      to = after ? others.indexOf(after) : others.length;
      if (after !== li.nextElementSibling || !after) { if (after) s.list.insertBefore(li, after); else s.list.append(li); }
    }, on);
    const end = dropped => {
      life.abort();
      li.classList.remove('ld-stack-drag');
      if (dropped && to !== place(s, key)) move(s, key, to);
      else render(s);
    };
    addEventListener('pointerup', () => end(true), on);
    addEventListener('pointercancel', () => end(false), on);
    addEventListener('keydown', e => { if (e.key === 'Escape') end(false); }, on);
  });
}

// ---------------------------------------------------------------- what can be added

function palette(s) {
  const home = el('div', 'add', s.root);
  s.add = el('button', 'add-button', home, 'Add a layer');
  s.add.type = 'button';
  s.add.setAttribute('aria-expanded', 'false');
  const panel = el('div', 'panel', home), search = el('input', 'search', panel), list = el('ul', 'found', panel);
  panel.hidden = true;
  search.type = 'search';
  search.placeholder = 'Search layers';
  search.setAttribute('aria-label', 'Search layers');
  list.setAttribute('aria-label', 'Layers that can be added');
  const open = wanted => { panel.hidden = !wanted; s.add.setAttribute('aria-expanded', String(wanted)); if (wanted) { search.value = ''; show(); search.focus(); } };
  const add = row => {
    open(false);
    const last = s.cards.at(-1), at = last?.layer === 'Dense' ? s.cards.length - 1 : s.cards.length;   // Before the output layer: behind it, it would only break the fit to the task.
    operate(s, { op: 'add', layer: row.name, at }, `${row.title} added`);
    s.add.focus();
  };
  const show = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = s.data.palette.filter(row => words.every(word => `${row.name} ${row.title} ${row.help} ${row.group}`.toLowerCase().includes(word)));
    let group = '';
    list.replaceChildren(...found.flatMap(row => {
      const li = el('li', ''), b = el('button', 'choice', li), head = row.group === group ? [] : [el('li', 'group', null, row.group)];
      group = row.group;
      b.type = 'button';
      el('b', '', b, row.title);
      el('span', 'quiet', b, row.help);
      b.addEventListener('click', () => add(row));
      return [...head, li];
    }));
    if (!found.length) el('li', 'quiet', list, 'No layer found.');
  };
  s.add.addEventListener('click', () => open(panel.hidden));
  search.addEventListener('input', show);
  panel.addEventListener('keydown', e => {
    const buttons = [...list.querySelectorAll('button')], at = buttons.indexOf(s.parent.getRootNode().activeElement);
    if (e.key === 'Escape') { open(false); s.add.focus(); e.stopPropagation(); }
    else if (e.key === 'ArrowDown') { e.preventDefault(); buttons[Math.min(at + 1, buttons.length - 1)]?.focus(); }
    else if (e.key === 'ArrowUp') { e.preventDefault(); (at > 0 ? buttons[at - 1] : search).focus(); }
    else if (e.key === 'Enter' && at < 0) { e.preventDefault(); buttons[0]?.click(); }
  });
  addEventListener('pointerdown', e => { if (!panel.hidden && !e.composedPath().includes(home)) open(false); }, { signal: s.life.signal });
}
