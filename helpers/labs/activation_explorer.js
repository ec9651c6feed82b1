// Lab 1: any activation and its derivative, with a slope and an input to drag.

const FORMULAS = {
  identity: "z",
  step: "1 if z > 0, else 0",
  sigmoid: "1 / (1 + e⁻ᶻ)",
  tanh: "tanh(z)",
  relu: "max(0, z)",
  leaky_relu: "z if z > 0, else slope · z",
  prelu: "z if z > 0, else slope · z; the slope is learned",
  rrelu: "z if z > 0, else slope · z; the slope is drawn while training",
  elu: "z if z > 0, else eᶻ − 1",
  celu: "z if z > 0, else eᶻ − 1",
  selu: "1.05 z if z > 0, else 1.76 (eᶻ − 1)",
  softplus: "ln(1 + eᶻ)",
  gelu: "z · P(a standard normal number < z)",
  gelu_tanh: "z / 2 · (1 + tanh(0.798 (z + 0.0447 z³)))",
  silu: "z / (1 + e⁻ᶻ)",
  mish: "z · tanh(ln(1 + eᶻ))",
  hardtanh: "z, cut off at −1 and 1",
  relu6: "max(0, z), cut off at 6",
};
const Z = [-4, 4];

function render({ model, el }) {
  const lab = make_lab({ model, el }, { title: "Activation explorer", draw });
  const about = { x: Z, x_label: "z", share: 0.5, ratio: 0.86 };
  const values = add_plot(lab, {
    ...about,
    label: "Values of the chosen activations",
    title: "value f(z)",
    y: [-2, 4],
  });
  const slopes = add_plot(lab, {
    ...about,
    label: "Derivatives of the chosen activations",
    title: "derivative f'(z)",
    y: [-0.4, 1.6],
  });
  const marks = [values, slopes].map((plot) => plot.line({ class: "lab-line lab-thin lab-grey" }));
  const tangent = values.line({ "stroke-width": 6, opacity: 0.35 });
  const curves = [values, slopes].map((plot) => plot.inside.appendChild(svg("g")));
  const dots = [values, slopes].map((plot) => plot.above.appendChild(svg("g")));
  const input = add_handle(lab, values, {
    label: "input z",
    step: [0.1, 0],
    move: (z) => lab.set({ z: Number(z.toFixed(2)) }),
  });
  // The slope is taken hold of at the left end of the leaky line, where z is -3.
  const leak = add_handle(lab, values, {
    label: "slope of leaky ReLU",
    ink: "vermilion",
    step: [0, 0.03],
    move: (_, a) => lab.set({ slope: clamp(Number((a / -3).toFixed(3)), 0, 1) }),
  });
  add_slider(lab, { key: "z", label: "input z", min: Z[0], max: Z[1], step: 0.05 });
  add_slider(lab, { key: "slope", label: "slope", min: 0, max: 1, step: 0.01 });
  const options = Object.keys(ACTIVATIONS).map((name) => [name, name]);
  add_checks(lab, { key: "activations", label: "Activations", options });
  const body = element("tbody");
  const heads = ["activation", "value", "derivative"].map((head) =>
    element("th", { scope: "col" }, head),
  );
  const head = element("thead", {}, element("tr", {}, ...heads));
  lab.controls.before(element("table", { class: "lab-table" }, head, body));

  const names = Object.keys(ACTIVATIONS);
  const chosen = () => names.filter((name) => lab.get("activations").includes(name));
  const made = (name) => activation(name, name === "leaky_relu" ? lab.get("slope") : undefined);

  // Points of a curve, with a gap behind each jump.
  function points(name, f) {
    const bends = ACTIVATIONS[name].bends;
    const jumps = bends.filter((z) => Math.abs(f(z + 1e-9) - f(z - 1e-9)) > 1e-6);
    const along = linspace(...Z, 161).map((z) => [z, f(z)]);
    const sides = jumps.flatMap((z) => [
      [z - 1e-9, f(z - 1e-9)],
      [z, NaN],
      [z + 1e-9, f(z + 1e-9)],
    ]);
    const inner = along.filter(([z]) => !jumps.includes(z));
    return [...inner, ...sides].sort((one, other) => one[0] - other[0]);
  }

  function draw() {
    const z = lab.get("z");
    const functions = chosen().map(made);
    [values, slopes].forEach((plot, k) => {
      const which = k ? "derivative" : "value";
      marks[k].setAttribute("d", plot.path([[z, plot.y[0]], [z, plot.y[1]]]));
      curves[k].replaceChildren(
        ...functions.map((f) =>
          svg("path", { ...line_style(f.name), d: plot.path(points(f.name, f[which])) }),
        ),
      );
      dots[k].replaceChildren(
        ...functions.map((f) => {
          const class_ = `lab-dot lab-${STYLES[f.name][0]}`;
          return svg("circle", { class: class_, cx: plot.px(z), cy: plot.py(f[which](z)), r: 5 });
        }),
      );
    });

    const first = functions[0];
    const at = first ? first.value(z) : 0;
    const steep = first ? first.derivative(z) : 0;
    const way = 0.9 / Math.hypot(1, steep);
    const ends = [-way, way].map((step) => [z + step, at + step * steep]);
    set_attributes(tangent, {
      d: first ? values.path(ends) : "M0,0",
      class: `lab-line ${first ? line_style(first.name).class : ""}`,
    });
    input.place(z, clamp(0, ...values.y), `z ${fixed(z)}`);
    const slope = lab.get("slope");
    const leaky_shown = chosen().includes("leaky_relu");
    leak.group.style.display = leaky_shown ? "" : "none";
    leak.place(-3, clamp(-3 * slope, ...values.y), `slope ${fixed(slope)}`);

    body.replaceChildren(
      ...functions.map((f) => {
        const { class: ink, "stroke-dasharray": dashes } = line_style(f.name);
        const line = svg("path", { class: ink, "stroke-dasharray": dashes, d: "M1,5L25,5" });
        const swatch = svg("svg", { class: "lab-swatch", "aria-hidden": "true" }, line);
        const formula = element("span", { class: "lab-formula" }, FORMULAS[f.name]);
        return element(
          "tr",
          {},
          element("th", { scope: "row" }, swatch, `${f.name} `, formula),
          element("td", {}, fixed(f.value(z), 3)),
          element("td", {}, fixed(f.derivative(z), 3)),
        );
      }),
    );
    const read = functions.map(
      (f) => `${f.name} gives ${fixed(f.value(z))} with derivative ${fixed(f.derivative(z))}`,
    );
    lab.say(`At z = ${fixed(z)}: ${read.join("; ") || "no activation is chosen"}.`);
  }

  return lab.dispose;
}

export default { render };
