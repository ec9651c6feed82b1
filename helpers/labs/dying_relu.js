// Lab 3: a network that is trained while one watches, and whose units die and come back.

const POINTS = 100;
const DEEPEST = 6;
const LONGEST = 5000;
const TOO_LARGE = 1e12; // a loss above it does not come back
// Training takes no more of a frame than this, so that the page stays quick.
const BUDGET = 8; // milliseconds
const BEHIND = 24; // milliseconds, as long as there is nothing to be seen yet
const MAP_SHARE = 4; // regions take no more than one part in so many of the time
const FINE = 32; // places along a side of the map of regions
const COARSE = 20; // and where computing them takes long
const SELDOM = 500; // milliseconds between two drawings for those who want little motion
const RECORDS = 400;

const START = ["task", "depth", "width", "initializer", "bias", "seed"];
const LIVE = ["optimizer", "learning_rate", "activations", "slope"];
const CHOICES = [
  ["relu", "ReLU"],
  ["leaky_relu", "leaky ReLU"],
  ["elu", "ELU"],
  ["selu", "SELU"],
  ["softplus", "softplus"],
  ["gelu", "GELU"],
  ["silu", "SiLU"],
  ["tanh", "tanh"],
  ["sigmoid", "sigmoid"],
  ["identity", "none"],
];
// The part of the plane, or of the curve, that is drawn.
const WINDOWS = {
  circles: { x: [-1.5, 1.5], y: [-1.5, 1.5], shown: "circles (2-D)" },
  moons: { x: [-1.5, 2.5], y: [-1.2, 1.7], shown: "moons (2-D)" },
  spirals: { x: [-1.2, 1.2], y: [-1.2, 1.2], shown: "spirals (2-D)" },
  absolute: { x: [-1.8, 1.8], y: [-0.5, 2], shown: "|x| (1-D)" },
  sine: { x: [-3.3, 3.3], y: [-1.6, 1.6], shown: "sine (1-D)" },
};

// --- a run: a network, its optimiser, and what happened to its units ------------------------------

const by_layer = (live, depth) =>
  Array.from({ length: depth }, (_, k) => live.activations[k] ?? live.activations.at(-1));
const functions_of = (live, depth) =>
  by_layer(live, depth).map((name) =>
    activation(name, name === "leaky_relu" ? live.slope : undefined),
  );
const same_functions = (one, other) =>
  one.every((f, k) => f.name === other[k].name && f.parameter === other[k].parameter);
const some = (layers) => layers.some((units) => units.includes(true));
const count = (units) => units.reduce((sum, is) => sum + is, 0);
const sizes_of = (start, data) => [
  data.inputs,
  ...new Array(start.depth).fill(start.width),
  data.classes || 1,
];

// `plan` is a list of [until, settings]: the past, and at its end the present.
function start_run(start, plan) {
  const data = DATASETS[start.task](POINTS, 0);
  const live = plan[0][1];
  const network = make_network(sizes_of(start, data), functions_of(live, start.depth), {
    seed: start.seed,
    bias: start.bias,
    draws: new Array(start.depth + 1).fill(INITIALIZERS[start.initializer]),
  });
  const run = { start, data, network, live, plan: plan.slice(), step: 0, stride: 1, records: [] };
  run.hidden = network.slice(0, -1);
  run.none = run.hidden.map((layer) => new Array(layer.fan_out).fill(false));
  run.before = { step: -1 };
  measure(run);
  run.born = judged(run).map(({ dead }) => dead);
  run.swap = { step: null, lost: run.none };
  record(run);
  follow(run);
  return run;
}

const judged = (run) => run.hidden.map((layer) => judge_units(layer, POINTS));

function measure(run) {
  const { data, network } = run;
  const output = forward(network, data.x, POINTS);
  const compare = data.classes ? softmax_cross_entropy : mean_squared_error;
  Object.assign(run, compare(output, data.y));
}

function latest(run) {
  const all = judged(run);
  const units = run.start.depth * run.start.width;
  const share = (which) => all.reduce((sum, found) => sum + count(found[which]), 0) / units;
  return { step: run.step, loss: run.loss, dead: share("dead"), off: share("always_off") };
}

function record(run) {
  run.records.push(latest(run));
  if (run.records.length <= RECORDS) return;
  run.stride *= 2;
  run.records = run.records.filter(({ step }) => step % run.stride === 0);
}

// Other settings from here on. Until the next step is made they may change again: what counts is
// how they were at the last step, and how they are at the next one.
function change(run, live) {
  if (run.before.step !== run.step) {
    const dead = judged(run).map((found) => found.dead);
    run.before = { step: run.step, live: run.live, swap: run.swap, dead };
  }
  run.live = live;
  const functions = functions_of(live, run.start.depth);
  run.hidden.forEach((layer, k) => (layer.activation = functions[k]));
  measure(run);
  if (run.step === 0) {
    run.born = judged(run).map(({ dead }) => dead);
    run.records = [];
    record(run);
    return;
  }
  const { before, step } = run;
  const same = same_functions(functions, functions_of(before.live, run.start.depth));
  run.swap = !same && some(before.dead) ? { step, lost: before.dead } : before.swap;
  record(run);
}

function follow(run) {
  while (run.plan.length > 1 && run.plan[0][0] <= run.step) {
    run.plan.shift();
    change(run, run.plan[0][1]);
  }
}

const ran_away = (run) => !(run.loss <= TOO_LARGE); // nan too
const ended = (run) => ran_away(run) || run.step >= LONGEST;

function make_step(run) {
  const { optimizer, learning_rate } = run.live;
  if (run.optimizer_name !== optimizer) {
    run.optimizer = (optimizer === "adam" ? adam : sgd)(learning_rate);
    run.optimizer_name = optimizer;
  }
  run.optimizer.learning_rate = learning_rate;
  backward(run.network, run.gradient, POINTS);
  run.optimizer.step(run.network);
  run.step += 1;
  measure(run);
  if (run.step % run.stride === 0 || ended(run)) record(run);
  follow(run);
}

// For each layer: how often each unit fires, and which are dead, off, lost before the swap, back.
function survey(run) {
  return run.hidden.map((layer, k) => {
    const { always_off: off, dead } = judge_units(layer, POINTS);
    const fires = new Array(layer.fan_out).fill(0);
    layer.z.forEach((z, i) => (fires[i % layer.fan_out] += z > 0));
    const lost = run.swap.lost[k];
    const back = lost.map((was, j) => was && !off[j]);
    const died = dead.map((is, j) => (is || lost[j]) && !run.born[k][j]);
    return { fires, off, dead, lost, back, died };
  });
}

// What the best network reaches that gives the same answer everywhere.
function flat_loss(data) {
  if (data.classes) return Math.log(data.classes);
  const mean = data.y.reduce((sum, y) => sum + y, 0) / POINTS;
  return data.y.reduce((sum, y) => sum + (y - mean) ** 2, 0) / POINTS;
}

// --- words and the program: what DyingRelu.sentence() and code() write ----------------------------

function told(run, layers) {
  if (ran_away(run)) {
    return (
      `The loss ran away: after step ${run.step} it is above 10¹². ` +
      "Lower the learning rate, then reset."
    );
  }
  const { depth, width } = run.start;
  const dead = layers.map((layer) => count(layer.dead));
  const sum = (which) => layers.reduce((all, layer) => all + count(layer[which]), 0);
  let text = `Step ${run.step}: loss ${fixed(run.loss, 3)}. `;
  if (sum("dead")) {
    const where = dead.map((n, k) => (n ? `${n} in layer ${k + 1}` : "")).filter(Boolean);
    text += `Dead: ${sum("dead")} of ${depth * width} units (${where.join(", ")}).`;
  } else {
    text += `None of ${depth * width} units is dead.`;
  }
  const whole = dead.map((n, k) => (n === width ? k + 1 : 0)).filter(Boolean);
  if (whole.length) {
    text += ` All of layer ${whole.join(" and ")}: no gradient gets below. `;
    text += "Would a leak bring them back?";
  }
  if (run.swap.step !== null) {
    text += ` Of ${sum("lost")} dead at the swap (step ${run.swap.step}), `;
    text += `${sum("back")} fire again.`;
  }
  return text;
}

// As Python writes a float.
function python(number) {
  if (Number.isInteger(number)) return `${number}.0`;
  if (Math.abs(number) >= 1e-4) return String(number);
  return number.toExponential().replace(/e-(\d)$/, "e-0$1");
}

function python_functions(live, depth) {
  const each = functions_of(live, depth).map(({ name }) => {
    const given = name === "leaky_relu" ? `slope=${python(live.slope)}` : "";
    return `activations.${name}` + (ACTIVATIONS[name].parameter ? `(${given})` : "");
  });
  if (new Set(each).size === 1) return `hidden = [${each[0]}] * ${depth}`;
  return ["hidden = [", ...each.map((one) => `    ${one},`), "]"].join("\n");
}

function program(start, phases) {
  const CLASSES = { sgd: "SGD", adam: "Adam" };
  const made = (live) => `${CLASSES[live.optimizer]}(${python(live.learning_rate)})`;
  const curve = start.task === "absolute" || start.task === "sine";
  const loss = curve ? "mean_squared_error" : "softmax_cross_entropy";
  const sizes = sizes_of(start, { inputs: curve ? 1 : 2, classes: curve ? 0 : 2 });
  const depth = start.depth;
  const kept = phases.filter(
    ([until], k) => k === phases.length - 1 || until > (phases[k - 1]?.[0] ?? 0),
  );
  const first = kept[0][1];
  const used = kept.map(([, live]) => live.optimizer);
  const kinds = Object.keys(CLASSES).filter((name) => used.includes(name));
  const lines = [
    "from helpers import activations, datasets, initializers, units",
    "from helpers.network import Network",
    `from helpers.training import ${[...kinds.map((name) => CLASSES[name]), loss].join(", ")}`,
    "",
    `x, y = datasets.${start.task}(${POINTS}, seed=0)`,
    python_functions(first, depth),
    "network = Network(",
    `    [${sizes.join(", ")}],`,
    "    hidden,",
    `    initializer=initializers.${start.initializer},`,
    `    bias=${python(start.bias)},`,
    `    seed=${start.seed},`,
    ")",
    `optimizer = ${made(first)}`,
    "",
    "",
    "def train(steps):",
    "    for _ in range(steps):",
    `        _, gradient = ${loss}(network.forward(x), y)`,
    "        network.backward(gradient)",
    "        optimizer.step(network.parameters, network.gradients)",
    "",
    "",
  ];
  let done = 0;
  let before = first;
  for (const [until, live] of kept) {
    if (python_functions(live, depth) !== python_functions(before, depth)) {
      lines.push(
        `# The swap, at step ${done}.`,
        python_functions(live, depth),
        "for layer, activation in zip(network.layers, hidden):",
        "    layer.activation = activation",
      );
    }
    if (live.optimizer !== before.optimizer) {
      lines.push(`optimizer = ${made(live)}`);
    } else if (live.learning_rate !== before.learning_rate) {
      lines.push(`optimizer.learning_rate = ${python(live.learning_rate)}`);
    }
    if (until > done) lines.push(`train(${until - done})`);
    done = until;
    before = live;
  }
  return [
    ...lines,
    "",
    `loss, _ = ${loss}(network.forward(x), y)`,
    'print(f"loss {loss:.6f}")',
    "for number, layer in enumerate(network.layers[:-1], start=1):",
    "    dead = units.dead(layer.z, layer.activation.derivative(layer.z))",
    '    print(f"layer {number}: {dead.sum()} of {dead.size} units dead")',
    "",
  ].join("\n");
}

// --- the lab -------------------------------------------------------------------------------------

function render({ model, el }) {
  const lab = make_lab({ model, el }, { title: "Dying-ReLU lab", draw });
  const pick = (keys) => Object.fromEntries(keys.map((key) => [key, lab.get(key)]));
  let run = null;
  let key_of_start = "";
  let told_to_model = {}; // step and past, as this lab last set them
  let running = false;
  let wanted = 0; // the step to be reached before anything is drawn
  let loop = 0;
  let last_frame = 0;
  let owed = 0;
  let last_drawing = 0;

  // --- from the state to the run ---

  // The kernel, or a control of the start, asks for another run; else a setting may have changed.
  function reconcile() {
    const start = pick(START);
    const live = pick(LIVE);
    const past = lab.get("past");
    const step = lab.get("step");
    const key = JSON.stringify(start);
    const past_key = JSON.stringify(past);
    const mine = key === key_of_start && past_key === told_to_model.past;
    if (mine && step === told_to_model.step) {
      const other = JSON.stringify(live) !== JSON.stringify(run.live);
      if (other && run.step >= wanted) change_live(live);
      return;
    }
    const further = mine && step > run.step && JSON.stringify(live) === JSON.stringify(run.live);
    if (!further) {
      const plan = [...past.filter(([until]) => until <= step), [step, live]];
      run = start_run(start, plan);
      key_of_start = key;
      running = false;
    }
    told_to_model = { step, past: past_key };
    wanted = step;
  }

  function change_live(live) {
    const past = lab.get("past");
    if (run.step > 0 && (past.length === 0 || past.at(-1)[0] < run.step)) {
      const longer = [...past, [run.step, run.live]];
      told_to_model.past = JSON.stringify(longer);
      lab.set({ past: longer });
    }
    run.plan = [[run.step, live]];
    change(run, live);
    tell();
  }

  // What the reader sees goes into the state.
  function tell(layers = survey(run)) {
    const each = (which) => layers.map((layer) => count(layer[which]));
    const seen = {
      step: run.step,
      loss: ran_away(run) ? null : run.loss,
      dead: each("dead"),
      died: each("died"),
      came_back: each("back"),
      settings: { ...run.start, ...run.live },
    };
    const changes = {};
    if (lab.get("step") !== run.step) changes.step = run.step;
    if (JSON.stringify(lab.get("seen")) !== JSON.stringify(seen)) changes.seen = seen;
    told_to_model.step = run.step;
    if (Object.keys(changes).length) lab.set(changes);
  }

  // --- time ---

  function keep_going() {
    if (!loop) loop = requestAnimationFrame(frame);
  }

  function frame(now) {
    loop = 0;
    if (!run || !lab.root.isConnected) return;
    reconcile(); // what was changed since the last frame counts from this step on
    const catching_up = run.step < wanted;
    const until = performance.now() + (catching_up ? BEHIND : BUDGET);
    if (running && !catching_up) {
      owed = Math.min(owed + ((now - last_frame) / 1000) * lab.get("speed"), 100);
    }
    last_frame = now;
    const first = run.step;
    while ((catching_up ? run.step < wanted : running && owed >= 1) && !ended(run)) {
      make_step(run);
      if (!catching_up) owed -= 1;
      if (performance.now() > until) break;
    }
    if (ended(run)) {
      running = false;
      wanted = run.step;
    }
    if (running || run.step < wanted) keep_going();
    if (catching_up) {
      // If the state has moved on meanwhile, another view of this lab is at work: follow it.
      if (run.step >= wanted && lab.get("step") === told_to_model.step) tell();
    } else if (!running || (run.step > first && (!still() || now - last_drawing >= SELDOM))) {
      last_drawing = now;
      tell();
    }
    if (!running) lab.request();
  }

  function start_or_pause() {
    reconcile();
    running = !running && !ended(run);
    owed = 1;
    last_frame = performance.now();
    wanted = run.step;
    if (running) keep_going();
    else tell();
    lab.request();
  }

  function one_step() {
    reconcile();
    running = false;
    if (!ended(run)) make_step(run);
    wanted = run.step;
    tell();
    lab.request();
  }

  const leaky = () => by_layer(run.live, run.start.depth).every((name) => name === "leaky_relu");
  const swap = () => lab.set({ activations: [leaky() ? "relu" : "leaky_relu"] });

  // --- what stands above the plots ---

  const above = element("div", { class: "lab-above" });
  const [play, once, swapping] = add_buttons({ ...lab, controls: above }, [
    { label: "Start", press: start_or_pause },
    { label: "One step", press: one_step },
    { label: "Swap to leaky ReLU", press: swap, title: "All hidden layers, at once" },
    {
      label: "Reset",
      press: () => lab.set({ step: 0, past: [] }),
      title: "The same network before its first step, with the settings as they are now",
    },
  ]);
  const words = lab.root.querySelector(".lab-words");
  lab.root.insertBefore(above, lab.stage);
  lab.root.insertBefore(words, lab.stage);

  const grid = svg("svg", { class: "lab-plot lab-units", role: "img" });
  const key = element("p", { class: "lab-key", "aria-hidden": "true" });
  for (const [kind, text] of [
    ["often", "fires; fuller: for more points"],
    ["dead", "dead"],
    ["off", "never fires, but learns"],
    ["back", "fires again"],
  ]) {
    const unit = make_unit(9);
    show_unit(unit, kind, 0.6);
    unit.group.setAttribute("transform", "translate(11,11)");
    const swatch = svg("svg", { width: 22, height: 22 }, unit.group);
    key.append(element("span", { class: "lab-key-item" }, swatch, text));
  }
  lab.stage.append(grid, key);

  const map = element("canvas", { class: "lab-map", width: FINE, height: FINE, "aria-hidden": "true" });
  const left = element("div", { class: "lab-layers" }, map);
  const right = element("div", { class: "lab-column" });
  lab.stage.append(left, right);
  const fit = add_plot(
    { ...lab, stage: left },
    {
      label: "What the network has learned",
      title: "what it has learned",
      x: [-1, 1],
      y: [-1, 1],
      x_label: "",
      share: 0.5,
      ratio: 0.94,
      narrow_ratio: 0.8,
    },
  );
  const about = { x: [0, 50], x_label: "steps", share: 0.5, ratio: 0.47, narrow_ratio: 0.5 };
  const losses = add_plot(
    { ...lab, stage: right },
    { ...about, x: [0, 50], label: "Loss over steps", title: "loss", y: [0, 1] },
  );
  const shares = add_plot(
    { ...lab, stage: right },
    {
      ...about,
      x: [0, 50],
      label: "Share of units that are dead, and that never fire, over steps",
      title: "share of units, %",
      y: [0, 100],
    },
  );
  const dots = fit.inside.appendChild(svg("g"));
  const curve = fit.line({ class: "lab-line lab-blue" });
  const flat = losses.line({ class: "lab-line lab-thin lab-grey", "stroke-dasharray": "6 4" });
  const loss_line = losses.line({ class: "lab-line lab-blue" });
  const off_line = shares.line({ class: "lab-line lab-grey", "stroke-dasharray": "6 4" });
  const dead_line = shares.line({ class: "lab-line" });
  const swap_lines = [losses, shares].map((plot) =>
    plot.line({ class: "lab-line lab-thin lab-green" }),
  );
  const labels = [losses, shares].map((plot) => plot.above.appendChild(svg("g")));

  const body = element("tbody");
  const heads = ["layer", "dead now", "died", "came back", "never fire"].map((head) =>
    element("th", { scope: "col" }, head),
  );
  const table = element(
    "table",
    { class: "lab-table lab-fates", "aria-label": "What happened to the units of each layer" },
    element("thead", {}, element("tr", {}, ...heads)),
    body,
  );
  lab.stage.after(table);

  // --- controls ---

  function group(title) {
    const controls = element("div", { class: "lab-controls" });
    const name = element("p", { class: "lab-group" }, title);
    lab.controls.before(element("div", { role: "group", "aria-label": title }, name, controls));
    return { ...lab, controls };
  }
  const plain = (value) => String(Number(value.toPrecision(3)));
  const now = group("Change at any time, even while it runs");
  add_slider(now, {
    key: "learning_rate",
    label: "learning rate",
    min: 0.0001,
    max: 10,
    step: 0.01,
    log: true,
    say: plain,
  });
  const optimizers = [["adam", "Adam"], ["sgd", "SGD"]];
  add_choice(now, { key: "optimizer", label: "optimiser", options: optimizers });
  const for_all = add_choice(
    { ...now, set: ({ activations }) => lab.set({ activations: [activations] }) },
    { key: "activations", label: "activation", options: [...CHOICES, [null, "mixed"]] },
  );
  add_slider(now, { key: "slope", label: "leaky slope", min: 0, max: 1, step: 0.01 });
  add_slider(now, {
    key: "speed",
    label: "steps a second",
    min: 1,
    max: 1000,
    step: 0.02,
    log: true,
    say: (value) => String(Math.round(value)),
  });
  const one_by_one = element("div", { class: "lab-controls" });
  now.controls.append(
    element(
      "details",
      { class: "lab-checks" },
      element("summary", {}, "An activation for each layer"),
      one_by_one,
    ),
  );
  for (let k = 0; k < DEEPEST; k++) {
    const select = add_choice(
      {
        ...lab,
        controls: one_by_one,
        get: () => by_layer(pick(LIVE), DEEPEST)[k],
        set: ({ name }) => {
          const all = by_layer(pick(LIVE), lab.get("depth"));
          all[k] = name;
          lab.set({ activations: all.every((one) => one === all[0]) ? [all[0]] : all });
        },
      },
      { key: "name", label: `layer ${k + 1}`, options: CHOICES },
    );
    lab.syncs.push(() => {
      select.parentElement.style.display = k < lab.get("depth") ? "" : "none";
    });
  }
  lab.syncs.push(() => {
    const used = new Set(by_layer(pick(LIVE), lab.get("depth")));
    const mixed = for_all.options[CHOICES.length];
    mixed.hidden = mixed.disabled = used.size === 1;
    for_all.selectedIndex =
      used.size === 1 ? CHOICES.findIndex(([name]) => used.has(name)) : CHOICES.length;
  });

  const before = group("Begins again from step 0");
  before.set = (changes) => lab.set({ ...changes, step: 0, past: [] });
  const tasks = Object.entries(WINDOWS).map(([task, { shown }]) => [task, shown]);
  add_choice(before, { key: "task", label: "task", options: tasks });
  add_choice(before, {
    key: "initializer",
    label: "initialisation",
    options: [["he", "He"], ["glorot", "Glorot"], ["torch_default", "PyTorch's default"]],
  });
  const whole = { step: 1, digits: 0 };
  add_slider(before, { ...whole, key: "depth", label: "hidden layers", min: 1, max: DEEPEST });
  add_slider(before, { ...whole, key: "width", label: "units in each", min: 1, max: 24 });
  const tenths = { step: 0.1, digits: 1 };
  add_slider(before, { ...tenths, key: "bias", label: "bias at start", min: -3, max: 3 });
  add_slider(before, { ...whole, key: "seed", label: "seed of weights", min: 0, max: 99 });

  const source = element("pre", { class: "lab-code", tabindex: 0, "aria-label": "Program" });
  const copied = element("span", { role: "status" });
  const copy = element("button", { type: "button" }, "Copy");
  const fold = element(
    "details",
    { class: "lab-checks" },
    element("summary", {}, "This run as a Python program"),
    element("div", { class: "lab-buttons" }, copy, copied),
    source,
  );
  fold.addEventListener("toggle", lab.request);
  copy.addEventListener("click", async () => {
    // Where a page may not write to the clipboard, the program is marked, to be copied by hand.
    getSelection().selectAllChildren(source);
    try {
      await navigator.clipboard.writeText(source.textContent);
      copied.textContent = "copied";
    } catch {
      copied.textContent = document.execCommand("copy") ? "copied" : "marked: copy it by hand";
    }
    setTimeout(() => (copied.textContent = ""), 3000);
  });
  lab.controls.before(fold);
  lab.controls.remove();

  // --- drawing ---

  const drawn = {};
  const map_drawn = { at: 0, took: 0 };
  let units = [];

  function draw(width) {
    reconcile();
    if (run.step < wanted) return keep_going();
    const layers = survey(run);
    tell(layers);
    draw_units(width, layers);
    draw_fit();
    draw_curves();
    draw_table(layers);
    const is_leaky = leaky();
    rename(play, running ? "Pause" : "Start");
    rename(swapping, is_leaky ? "Swap to ReLU" : "Swap to leaky ReLU");
    play.disabled = once.disabled = ended(run);
    if (fold.open) {
      const phases = [...lab.get("past"), [run.step, run.live]];
      const text = program(run.start, phases);
      if (source.textContent !== text) source.textContent = text;
    }
    const end = run.step >= LONGEST ? " This lab goes no further." : "";
    lab.say(told(run, layers) + end);
    lab.root.dataset.step = run.step;
  }

  function rename(button, text) {
    if (button.textContent !== text) button.textContent = text;
  }

  // A row for each layer. Its name stands beside it, or above it where there is little room.
  function draw_units(width, layers) {
    const { depth, width: across } = run.start;
    const narrow = width < NARROW;
    const names = by_layer(run.live, depth);
    const key = [width, depth, across, ...names].join();
    if (drawn.grid !== key) {
      drawn.grid = key;
      const edge = narrow ? 0 : 150;
      const way = Math.min((width - edge - 4) / across, narrow ? 30 : 34);
      const radius = way / 2 - (way < 20 ? 1 : 3);
      const row = Math.max(2 * radius + 7, 26) + (narrow ? 20 : 0);
      set_attributes(grid, { width, height: depth * row, viewBox: `0 0 ${width} ${depth * row}` });
      units = [];
      const marks = names.flatMap((name, k) => {
        const middle = k * row + (narrow ? row / 2 + 10 : row / 2);
        const at = narrow ? { x: 2, y: k * row + 15 } : { x: 2, y: middle + 5 };
        const text = `layer ${k + 1}: ${CHOICES.find(([one]) => one === name)[1]}`;
        const made = Array.from({ length: across }, (_, j) => {
          const unit = make_unit(radius);
          const x = edge + (j + 0.5) * way;
          unit.group.setAttribute("transform", `translate(${x.toFixed(1)},${middle.toFixed(1)})`);
          return unit;
        });
        units.push(made);
        return [svg("text", { class: "lab-unit-name", ...at }, text), ...made.map((u) => u.group)];
      });
      grid.replaceChildren(...marks);
    }
    layers.forEach(({ fires, off, dead, back }, k) => {
      for (let j = 0; j < across; j++) {
        const kind = dead[j] ? "dead" : off[j] ? "off" : back[j] ? "back" : "often";
        show_unit(units[k][j], kind, fires[j] / POINTS);
      }
    });
    const text = layers.map((layer, k) => `layer ${k + 1}: ${count(layer.dead)} of ${across} dead`);
    grid.setAttribute("aria-label", `Units as a grid; ${text.join(", ")}`);
  }

  function draw_fit() {
    const { data, start, network } = run;
    const { x, y } = WINDOWS[start.task];
    fit.rescale(x, y);
    const key = [start.task, fit.width].join();
    if (drawn.points !== key) {
      drawn.points = key;
      dots.replaceChildren(...Array.from({ length: POINTS }, (_, n) => point(data, n)));
    }
    // With z of its own, so that those of the training points stay.
    const twin = network.map((layer) => ({ ...layer, x: null, z: null }));
    map.style.display = data.classes ? "" : "none";
    fit.picture.classList.toggle("lab-see-through", data.classes > 0);
    if (data.classes) {
      curve.setAttribute("d", "M0,0");
      const now = performance.now();
      const { theme } = lab.root.dataset;
      const key = [run.step, theme, fit.width, start.task, JSON.stringify(run.live)].join();
      const same = drawn.regions === key && drawn.run === run;
      if (same || (running && now - map_drawn.at < MAP_SHARE * map_drawn.took)) return;
      Object.assign(drawn, { regions: key, run });
      if (map_drawn.took > 6) map.width = map.height = COARSE;
      else if (map_drawn.took < 1) map.width = map.height = FINE;
      draw_map(twin, x, y);
      Object.assign(map_drawn, { at: now, took: performance.now() - now });
      return;
    }
    const along = Float64Array.from(linspace(...x, 121));
    const out = forward(twin, along, along.length);
    curve.setAttribute("d", fit.path(Array.from(along, (at, n) => [at, clamp(out[n], -50, 50)])));
  }

  function point(data, n) {
    if (!data.classes) {
      const [x, y] = [data.x[n], data.y[n]];
      const at = { cx: fit.px(x).toFixed(1), cy: fit.py(y).toFixed(1) };
      return svg("circle", { class: "lab-dot lab-grey", ...at, r: 3 });
    }
    const [x, y] = [fit.px(data.x[2 * n]), fit.py(data.x[2 * n + 1])];
    return data.y[n]
      ? svg("rect", { class: "lab-mark lab-blue", x: x - 4, y: y - 4, width: 8, height: 8 })
      : svg("circle", { class: "lab-mark lab-vermilion", cx: x, cy: y, r: 4.5 });
  }

  // The share of class 1 by colour, on a coarse canvas that lies below the plot.
  function draw_map(twin, x, y) {
    const side = map.width;
    const inputs = new Float64Array(2 * side * side);
    for (let row = 0, i = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        inputs[i++] = x[0] + ((column + 0.5) / side) * (x[1] - x[0]);
        inputs[i++] = y[1] - ((row + 0.5) / side) * (y[1] - y[0]);
      }
    }
    const out = forward(twin, inputs, side * side);
    const look = getComputedStyle(lab.root);
    const [one, other] = ["--lab-pale-vermilion", "--lab-pale-blue"].map((name) =>
      [1, 3, 5].map((i) => parseInt(look.getPropertyValue(name).trim().slice(i, i + 2), 16)),
    );
    const brush = map.getContext("2d");
    const image = brush.createImageData(side, side);
    for (let n = 0; n < side * side; n++) {
      const share = sigmoid(out[2 * n + 1] - out[2 * n]) || 0;
      for (let c = 0; c < 3; c++) image.data[4 * n + c] = one[c] + share * (other[c] - one[c]);
      image.data[4 * n + 3] = 255;
    }
    brush.putImageData(image, 0, 0);
    const [from, top, to, bottom] = [fit.px(x[0]), fit.py(y[1]), fit.px(x[1]), fit.py(y[0])];
    const key = [from, top, to, bottom].join();
    if (drawn.map === key) return;
    drawn.map = key;
    const place = { left: from, top, width: to - from, height: bottom - top };
    for (const [name, value] of Object.entries(place)) map.style[name] = `${value}px`;
  }

  function draw_curves() {
    const level = flat_loss(run.data);
    const all = run.records.at(-1)?.step === run.step ? run.records : [...run.records, latest(run)];
    const end = [50, 100, 200, 500, 1000, 2000, 5000].find((steps) => steps >= run.step);
    losses.rescale([0, end], [0, 2 * level]);
    shares.rescale([0, end], [-3, 103]);
    flat.setAttribute("d", losses.path([[0, level], [end, level]]));
    const points = all.map(({ step, loss }) => [step, Math.min(loss, 99 * level)]);
    loss_line.setAttribute("d", losses.path(points));
    off_line.setAttribute("d", shares.path(all.map(({ step, off }) => [step, 100 * off])));
    dead_line.setAttribute("d", shares.path(all.map(({ step, dead }) => [step, 100 * dead])));
    const at = run.swap.step;
    [losses, shares].forEach((plot, k) => {
      const d = at === null ? "M0,0" : plot.path([[at, plot.y[0]], [at, plot.y[1]]]);
      swap_lines[k].setAttribute("d", d);
    });
    // Words stand behind the end of their line, or above it where there is no room behind.
    const beside = (plot, value, text, ink) => {
      const room = plot.px(end) - plot.px(run.step) > 100;
      const x = room ? plot.px(run.step) + 6 : plot.px(end) - 6;
      const y = plot.py(clamp(value, ...plot.y)) + (room ? 5 : -6);
      return { x, y, text, ink, anchor: room ? "start" : "end" };
    };
    const swap_label = (plot) => {
      const place = { x: plot.px(at) + 4, y: plot.py(plot.y[1]) + 14 };
      return svg("text", { class: "lab-label lab-green", ...place }, "swap");
    };
    const { dead, off } = all.at(-1);
    const level_at = { x: losses.px(end) - 6, y: losses.py(level) - 7 };
    place_labels(losses, labels[0], [{ ...level_at, text: "one answer for all", ink: "grey" }]);
    place_labels(shares, labels[1], [
      beside(shares, 100 * off, "never fire", "grey"),
      beside(shares, 100 * dead - 1e-6, "dead", "ink"),
    ]);
    if (at !== null) [losses, shares].forEach((plot, k) => labels[k].append(swap_label(plot)));
  }

  function draw_table(layers) {
    const swapped = run.swap.step !== null;
    const rows = layers.map((layer, k) => [
      String(k + 1),
      `${count(layer.dead)} of ${run.start.width}`,
      String(count(layer.died)),
      swapped ? `${count(layer.back)} of ${count(layer.lost)}` : "–",
      String(count(layer.off)),
    ]);
    const key = rows.join("|");
    if (drawn.table === key) return;
    drawn.table = key;
    body.replaceChildren(
      ...rows.map(([first, ...rest]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, first),
          ...rest.map((text) => element("td", {}, text)),
        ),
      ),
    );
  }

  return () => {
    cancelAnimationFrame(loop);
    lab.dispose();
  };
}

// A unit: a glass that is the fuller the more points it fires for, with a cross once it is dead,
// and an arrow up once it is back.
function make_unit(radius) {
  const arm = radius * 0.55;
  const ring = svg("circle", { class: "lab-rim", r: radius });
  const level = svg("path", { class: "lab-level" });
  const cross = svg("path", {
    class: "lab-cross",
    d: `M${-arm},${-arm}L${arm},${arm}M${-arm},${arm}L${arm},${-arm}`,
  });
  const dash = svg("path", { class: "lab-minus", d: `M${-arm},0L${arm},0` });
  const [out, up] = [0.7 * arm, -0.2 * arm];
  const tip = `M0,${arm}L0,${-arm}M${-out},${up}L0,${-arm}L${out},${up}`;
  const edge = svg("path", { class: "lab-arrow lab-arrow-edge", d: tip });
  const arrow = svg("path", { class: "lab-arrow", d: tip });
  const group = svg("g", { class: "lab-unit" }, ring, level, cross, dash, edge, arrow);
  return { group, ring, level, radius, kind: "", share: -1 };
}

function show_unit(unit, kind, share) {
  if (unit.kind !== kind) {
    unit.kind = kind;
    unit.group.dataset.kind = kind;
  }
  // What fires at all is seen to.
  const filled = kind === "often" || kind === "back" ? 0.12 + 0.88 * share : 0;
  if (unit.share === filled) return;
  unit.share = filled;
  const r = unit.radius;
  const y = r * (1 - 2 * Math.min(filled, 0.999));
  const x = Math.sqrt(r * r - y * y);
  const large = filled > 0.5 ? 1 : 0;
  const arc = `M${-x},${y}A${r},${r} 0 ${large} 0 ${x},${y}Z`;
  unit.level.setAttribute("d", filled > 0 ? arc : "M0,0");
}

export default { render };
