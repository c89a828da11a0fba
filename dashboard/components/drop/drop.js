// The whole page as a place to drop a file. The file is given to the page's own uploader, as if it had been chosen there: what that one
// refuses is refused, and its sentence is shown where it always is.
//
//   data:   {uploader: key of the uploader, says: text}
//   tests:  .ld-drop[data-held]

export default lasting(begin, (d, data) => { d.data = data; }, d => { d.life.abort(); d.veil.remove(); });

function begin(parent) {
  const veil = document.createElement('div'), life = new AbortController();
  const d = { veil, life, data: {} };
  let inside = 0;  // Elements that the held file has entered and not left.
  veil.className = 'ld-drop';
  veil.setAttribute('aria-hidden', 'true');
  parent.append(veil);
  const held = on => {
    veil.dataset.held = on ? '1' : '';
    veil.textContent = on ? d.data.says : '';
  };
  const ofFiles = event => [...event.dataTransfer?.types ?? []].includes('Files');
  const on = (name, act) => document.addEventListener(name, event => { if (ofFiles(event)) act(event); }, { signal: life.signal });
  on('dragenter', () => { inside += 1; held(true); });
  on('dragleave', () => { inside = Math.max(0, inside - 1); if (!inside) held(false); });
  on('dragover', event => event.preventDefault());  // Else the browser would open the file in place of the page.
  on('drop', event => {
    inside = 0;
    held(false);
    const own = event.target.closest?.('[data-testid="stFileUploader"]');
    if (own) return;  // An uploader takes what is dropped on it by itself.
    event.preventDefault();
    give(document.querySelector(`.st-key-${d.data.uploader} input[type=file]`), event.dataTransfer.files);
  });
  held(false);
  return d;
}

/** Gives the first of some files to an uploader's input; without one, or without a file, nothing happens. */
function give(input, files) {
  if (!input || !files.length) return;
  const one = new DataTransfer();
  one.items.add(files[0]);
  input.files = one.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}
