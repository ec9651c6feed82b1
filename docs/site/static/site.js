"use strict";

// What scrolls must be in reach of the Tab key, and only that: a stop at every box would be a burden.
const SCROLLS = "pre, .table-wrapper, .cell_output, .text_html, div.math, mjx-container";

function mark_scrolling() {
  for (const box of document.querySelectorAll(SCROLLS)) {
    if (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }
}

addEventListener("load", mark_scrolling);
addEventListener("resize", mark_scrolling);
window.MathJax?.startup?.promise?.then(mark_scrolling);

// The theme's side bars open by labels of hidden check boxes: for the mouse alone.
for (const label of document.querySelectorAll("label.nav-overlay-icon, label.toc-overlay-icon")) {
  const box = document.getElementById(label.htmlFor);
  const button = label.querySelector(".icon");
  button.role = "button";
  button.tabIndex = 0;
  button.ariaLabel = box.id === "__toc" ? "On this page" : "All pages";
  const tell = () => (button.ariaExpanded = String(box.checked));
  box.addEventListener("change", tell);
  tell();
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    label.click();
  });
}

// A page opened as a file may not read other files: the search then shows no excerpts.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
