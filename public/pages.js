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
