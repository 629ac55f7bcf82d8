// Files dropped or chosen go to the server one after another; then the page asks to index them.
const inputs = [...element.querySelectorAll('.dl-files')];
const zone = element.querySelector('.dl-drop');
const list = element.querySelector('.dl-sending');

const row = (name) => {
  const item = document.createElement('li');
  const label = document.createElement('bdi');
  label.textContent = name;
  const bar = document.createElement('progress');
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute('aria-label', name);
  const said = document.createElement('span');
  item.append(label, bar, said);
  list.append(item);
  return { bar, say: (text) => { bar.remove(); said.textContent = text; } };
};

// A file of a folder is known by its path there: two of one name are told apart.
const paths = new WeakMap();
const named = (file) => paths.get(file) || file.webkitRelativePath || file.name;

const put = (batch, file, shown) => new Promise((done) => {
  const request = new XMLHttpRequest();
  request.open('PUT', `./api/uploads/${batch}?name=${encodeURIComponent(named(file))}`);
  request.upload.onprogress = (event) => { shown.bar.value = event.loaded / (event.total || 1); };
  request.onerror = () => { shown.say('could not be sent'); done(); };
  request.onload = () => {
    let why = 'sent';
    if (request.status >= 300) {
      try { why = JSON.parse(request.responseText).detail; } catch { why = 'refused'; }
    }
    shown.say(String(why));
    done();
  };
  request.send(file);
});

// What is dropped while other files are on their way goes after them.
let line = Promise.resolve();
const send = (files) => { line = line.then(() => sent(files)); };
const sent = async (files) => {
  if (!files.length) return;
  list.replaceChildren();
  // Who may add to several collections chooses one before anything is sent.
  const into = element.closest('#dl-hand, #dl-adding')?.querySelector('select[data-into]');
  if (into?.required && !into.value) {
    row('Choose the collection first').say('then add the files again');
    into.focus();
    return;
  }
  try {
    const begun = await (await fetch('./api/uploads', { method: 'POST' })).json();
    const shown = files.slice(0, 200).map((file) => row(named(file)));
    const silent = { bar: {}, say: () => {} };
    for (const [place, file] of files.entries()) await put(begun.batch, file, shown[place] || silent);
    trigger('upload', { batch: begun.batch });
    list.replaceChildren();
  } catch {
    row('Dateline').say('is not running');
  }
};

// A dropped folder is read to its last file; a browser lists a hundred entries at a time.
const inside = async (entry) => {
  if (entry.isFile) {
    const file = await new Promise((good, bad) => entry.file(good, bad));
    paths.set(file, entry.fullPath.replace(/^\//, ''));
    return [file];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((good, bad) => reader.readEntries(good, bad));
    if (!some.length) return found;
    for (const one of some) if (!one.name.startsWith('.')) found.push(...await inside(one));
  }
};

const hidden = (file) => named(file).split('/').some((part) => part.startsWith('.'));
for (const input of inputs) {
  input.addEventListener('change', () => {
    send([...input.files].filter((file) => !hidden(file)));
    input.value = ''; // so that the same file can be chosen again
  });
}
const over = (on) => (event) => { event.preventDefault(); zone.classList.toggle('dl-over', on); };
zone.addEventListener('dragover', over(true));
zone.addEventListener('dragleave', over(false));
zone.addEventListener('drop', async (event) => {
  over(false)(event);
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const files = entries.length
    ? (await Promise.all(entries.map(inside))).flat() : [...event.dataTransfer.files];
  send(files);
});
// A file that misses the place must not replace the page.
for (const kind of ['dragover', 'drop']) {
  window.addEventListener(kind, (event) => {
    if (event.dataTransfer && [...event.dataTransfer.types].includes('Files')) event.preventDefault();
  });
}
