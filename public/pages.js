// What the server's pages cannot do in HTML alone. Without it they work; the buttons below stay hidden.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const told = document.getElementById("told");
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      told.textContent = "Copied.";
    } catch {
      // No permission, or a page without HTTPS: it can still be selected and copied by hand.
      button.closest(".row")?.querySelector("details")?.setAttribute("open", "");
      told.textContent = "Copying is not allowed here. The text is shown, to be copied by hand.";
    }
    setTimeout(() => {
      button.textContent = label;
      told.textContent = "";
    }, 3000);
  });
}

// Programs in several languages below each other become tabs (WAI-ARIA Authoring Practices, "Tabs").
for (const box of document.querySelectorAll("[data-tabs]")) {
  const panels = [...box.querySelectorAll("[data-tab]")];
  const list = document.createElement("div");
  list.className = "tab-list";
  list.setAttribute("role", "tablist");
  list.setAttribute("aria-label", box.dataset.tabs);
  const show = (chosen, focus) => {
    panels.forEach((panel, index) => {
      panel.hidden = index !== chosen;
      tabs[index].setAttribute("aria-selected", String(index === chosen));
      tabs[index].tabIndex = index === chosen ? 0 : -1;
    });
    if (focus) tabs[chosen].focus();
  };
  const tabs = panels.map((panel, index) => {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.className = "tab";
    tab.textContent = panel.dataset.tab;
    tab.id = `tab-${panel.dataset.tab.toLowerCase()}`;
    tab.setAttribute("role", "tab");
    panel.id ||= `panel-${panel.dataset.tab.toLowerCase()}`;
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    panel.querySelector("h3")?.remove();
    tab.addEventListener("click", () => show(index, false));
    list.append(tab);
    return tab;
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const at = tabs.indexOf(document.activeElement);
    const along = getComputedStyle(list).direction === "rtl" ? -step : step;
    show((at + along + tabs.length) % tabs.length, true);
  });
  box.prepend(list);
  show(0, false);
}
