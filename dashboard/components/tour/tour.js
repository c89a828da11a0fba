// A short tour of the page at the first visit: a card that points at one thing after another. It can be left at any time and is never
// shown again in this browser.
//
//   data:   {steps: [{at: selector, title, says}]}
//   tests:  .ld-tour[data-step]

const KEPT = 'layerdeck.tour', GAP = 12, CORNER = 20, HEADER = 60, NARROW = 640;   // Pixels.
export default lasting(parent => ({ parent }), (t, data) => { t.shown ??= over() ? { close: () => {} } : tour(data.steps, t.parent); }, t => t.shown.close(false));

function over() { try { return !!localStorage.getItem(KEPT); } catch { return true; } }

/** Where a card stands beside a thing, [left, top]: below it, right, left or above, where there is room; else null, for its corner.
    On a phone in its corner, but above what is there. */
function beside(at, { width, height }, [wide, tall]) {
  if (wide < NARROW) {
    const top = at.top - GAP - height;
    return at.bottom > tall - CORNER - height && top >= HEADER ? [wide - CORNER - width, top].map(Math.round) : null;
  }
  const within = (place, most) => Math.round(Math.max(GAP, Math.min(place, most - GAP))), left = within(at.left, wide - width), top = within(at.top, tall - height);
  const places = [[left, at.bottom + GAP], [at.right + GAP, top], [at.left - GAP - width, top], [left, at.top - GAP - height]];
  return places.find(([x, y]) => x >= GAP && y >= GAP && x + width <= wide - GAP && y + height <= tall - GAP)?.map(Math.round) ?? null;
}

function tour(steps, parent) {
  const life = new AbortController(), box = document.createElement('section'), ring = document.createElement('div');
  let step = 0;
  box.className = 'ld-tour';
  ring.className = 'ld-tour-ring';
  ring.setAttribute('aria-hidden', 'true');
  box.setAttribute('role', 'dialog');
  box.setAttribute('aria-label', 'A short tour');
  parent.append(ring, box);
  const close = forGood => {
    life.abort();
    clearInterval(timer);
    ring.remove();
    box.remove();
    if (forGood) try { localStorage.setItem(KEPT, '1'); } catch { /* Then it comes again. */ }
  };
  const button = (text, name, click) => {
    const b = document.createElement('button');
    b.type = 'button';
    b.textContent = text;
    b.className = name;
    b.addEventListener('click', click);
    return b;
  };
  const show = () => {
    const { title, says } = steps[step], last = step === steps.length - 1;
    const head = document.createElement('b'), words = document.createElement('p'), row = document.createElement('div'), count = document.createElement('span');
    head.textContent = title;
    words.textContent = says;
    count.textContent = `${step + 1} of ${steps.length}`;
    row.append(count, button('Skip the tour', 'ld-tour-quiet', () => close(true)));
    if (step) row.append(button('Back', 'ld-tour-quiet', () => { step -= 1; show(); }));
    const next = button(last ? 'Done' : 'Next', 'ld-tour-next', () => { if (last) close(true); else { step += 1; show(); } });
    row.append(next);
    box.replaceChildren(head, words, row);
    box.dataset.step = step + 1;
    box.style.cssText = '';   // In its corner, until it is known what is there.
    const at = meant();
    at?.scrollIntoView({ block: 'nearest' });
    if (at && hidden(at)) {   // On a phone the card would lie over what it tells of.
      at.style.scrollMarginTop = '4.5rem';   // The page's header.
      at.scrollIntoView({ block: 'start' });
    }
    place();
    if (step) next.focus({ preventScroll: true });
  };
  /** The first that can be seen of what a step tells of: on a phone the links stand in a menu that is shut, beside its button. */
  const meant = () => [...document.querySelectorAll(steps[step].at)].find(one => {
    const { left, right, width } = one.getBoundingClientRect();
    return width && right > 0 && left < innerWidth;
  });
  const hidden = at => { const a = at.getBoundingClientRect(), card = box.getBoundingClientRect(); return a.bottom > card.top && a.right > card.left; };
  /** The ring stands around what is meant, wherever the page puts it, and the card beside it; on a phone in its corner. */
  const place = () => {
    const at = meant()?.getBoundingClientRect(), found = at && beside(at, box.getBoundingClientRect(), [innerWidth, innerHeight]);
    box.style.cssText = found ? `left:${found[0]}px;top:${found[1]}px;right:auto;bottom:auto` : '';
    ring.hidden = !at || !at.width;
    if (at) ring.style.cssText = `left:${at.left - 4}px;top:${at.top - 4}px;width:${at.width + 8}px;height:${at.height + 8}px`;
  };
  const timer = setInterval(place, 250);
  addEventListener('keydown', e => { if (e.key === 'Escape') close(true); }, { signal: life.signal });
  addEventListener('scroll', place, { signal: life.signal, capture: true, passive: true });
  show();
  return { close };
}
