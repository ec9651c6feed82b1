// Formulas, then sizes, then the show. Labs have been made by the script above.
(() => {
  "use strict";
  const reveal = document.querySelector(".reveal");
  const pages = [...document.querySelectorAll(".deck-page")];

  for (const page of pages) {
    renderMathInElement(page, {
      delimiters: [
        { left: "$$", right: "$$", display: true },
        { left: "$", right: "$", display: false },
      ],
      ignoredClasses: ["relu-lab"],
    });
  }

  const frames = async (count) => {
    for (let i = 0; i < count; i += 1) await new Promise(requestAnimationFrame);
  };

  // What leaves much of the stage empty is made larger, for the last row; what is too high or too
  // wide is made smaller. How much is told to the tests. Labs begin larger than in a notebook, and
  // draw themselves anew at each size.
  const STEP = 0.04;
  const LEAST = 0.6;
  const FROM = 1.2;
  const LABS_FROM = 1.4;
  const fits = (body) => // the foot of a formula may hang a little below its line
    body.scrollHeight <= body.clientHeight + 4 &&
    [body, ...body.querySelectorAll("pre")].every((x) => x.scrollWidth <= x.clientWidth + 1);
  async function shrink(page, property, from, pause) {
    const body = page.querySelector(".deck-body");
    let scale = from;
    for (; scale > LEAST; scale -= STEP) {
      page.style.setProperty(property, scale.toFixed(2));
      await frames(pause);
      if (fits(body)) break;
    }
    page.dataset.fit = scale.toFixed(2);
  }
  async function fit() {
    reveal.classList.add("deck-measuring");
    for (const formula of document.querySelectorAll(".block-formula")) {
      const ratio = formula.clientWidth / formula.scrollWidth;
      if (ratio < 1) formula.style.fontSize = `${Math.floor(34 * ratio)}px`;
    }
    for (const page of pages) {
      if (page.querySelector(".relu-lab")) await shrink(page, "--lab", LABS_FROM, 3);
      else if (!page.parentElement.classList.contains("deck-title")) {
        await shrink(page, "--fit", page.querySelector(".block-figure") ? 1 : FROM, 0);
      }
    }
    reveal.classList.remove("deck-measuring");
  }

  // A lab has the arrow keys while one is in it. Escape leaves it, and they move the slides again.
  addEventListener(
    "keydown",
    (event) => {
      const inside = document.activeElement;
      if (event.key !== "Escape" || !inside?.closest(".relu-lab")) return;
      inside.blur();
      event.stopPropagation();
      event.preventDefault();
    },
    true,
  );

  Promise.all([...document.fonts].map((font) => font.load())) // or they come after measuring
    .then(() => frames(2)) // labs draw themselves in the next frame
    .then(fit)
    .then(() =>
      Reveal.initialize({
        width: 1280,
        height: 720,
        margin: 0.01,
        center: false,
        controlsLayout: "edges",
        controlsTutorial: false,
        defaultTiming: 30, // without one the speaker is not told the pace
        hash: true,
        navigationMode: "linear",
        pdfSeparateFragments: false,
        pdfMaxPagesPerSlide: 1,
        progress: true,
        scrollActivationWidth: null,
        slideNumber: "c/t",
        transition: "none",
        viewDistance: 2,
        plugins: [RevealNotes],
      }),
    );
})();
