// While the curves are out of sight, as on a phone after Train: a button at the foot of the screen that says how far the run is and
// goes to them.

/** Makes the button; it stands outside the component, whose box would hold it. */
function floating(s) {
  s.pill = el('button', 'pill', s.parent);
  s.pill.type = 'button';
  s.pill.title = 'Show the curves';
  s.pill.hidden = true;
  s.root.style.scrollMarginTop = '4.5rem';   // The page's header.
  s.pill.addEventListener('click', () => {
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    s.root.scrollIntoView({ block: 'start', behavior: calm ? 'auto' : 'smooth' });
  });
  const sight = new IntersectionObserver(seen => {
    s.away = !seen.at(-1).isIntersecting;
    if (!s.away && ENDED.has(s.answer?.state)) s.news = false;   // Its end was seen.
    float(s);
  });
  sight.observe(s.root);
  s.life.signal.addEventListener('abort', () => { sight.disconnect(); s.pill.remove(); });
}

/** Shows or hides the button: of a run that went on when the page was drawn, until its end was in sight. */
function float(s) {
  s.pill.hidden = !(s.away && s.news);
  put(s.pill, [s.word.textContent, s.facts.textContent.split(' · ')[0]].filter(Boolean).join(' · '));
}
