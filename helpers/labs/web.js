// Makes labs of a page's placeholders, without a kernel. A placeholder is an element that names its
// lab and its state in data attributes; the picture and the sentence in it give way to the lab.

// What anywidget's model is to a lab, for one reader and one page.
function page_model(state) {
  const listeners = new Set();
  return {
    get: (key) => state[key],
    set(key, value) {
      if (state[key] === value) return;
      state[key] = value;
      for (const listener of [...listeners]) listener();
    },
    save_changes() {},
    on: (_event, listener) => listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
  };
}

function make_labs(modules) {
  for (const place of document.querySelectorAll("[data-relu-lab]")) {
    const lab = modules[place.dataset.reluLab];
    if (!lab || place.model) continue;
    place.model = page_model(JSON.parse(place.dataset.state)); // for tests and the curious
    const fallback = [...place.childNodes];
    try {
      lab.render({ model: place.model, el: place });
      for (const node of fallback) node.remove();
    } catch (error) {
      console.error(error); // the picture stays
    }
  }
}
