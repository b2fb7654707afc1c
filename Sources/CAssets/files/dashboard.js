// Keeps the live parts of a page fresh, and makes commands easy to copy. Every page works without it.
"use strict";
(() => {
  const note = document.getElementById("live");

  // A part that somebody works in (focus, selection) is left alone until they have gone on.
  const isBusy = (part) => {
    const selection = document.getSelection();
    const selected = selection && !selection.isCollapsed && part.contains(selection.anchorNode);
    return selected || (part.contains(document.activeElement) && document.activeElement !== document.body);
  };

  // Opened details stay open: the new part takes over their state by place.
  const keepOpen = (from, to) => {
    const before = from.querySelectorAll("details");
    const after = to.querySelectorAll("details");
    if (before.length !== after.length) return;
    before.forEach((item, index) => { after[index].open = item.open; });
  };

  const replace = (fresh) => {
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (!next || isBusy(part)) continue;
      keepOpen(part, next);
      if (part.outerHTML !== next.outerHTML) part.replaceWith(document.adoptNode(next));
    }
    // A part that has come or gone (a rollout begins, say) changes the page's outline: then load it anew.
    const ids = (root) => [...root.querySelectorAll("[data-live]")].map((part) => part.id).join(" ");
    if (ids(document) !== ids(fresh) && !document.querySelector("main :focus")) location.reload();
    addCopyButtons();
  };

  const startRefreshing = () => {
    const seconds = Math.max(2, Number(note.dataset.refreshSeconds) || 10);
    const state = note.querySelector(".live-state");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    note.append(button);
    let isPaused = false;
    let failures = 0;
    const show = (text) => {
      state.textContent = text;
      note.classList.toggle("stale", failures > 0);
      note.classList.toggle("paused", isPaused);
      button.textContent = isPaused ? "Resume" : "Pause updates";
    };
    const clock = () => new Date().toLocaleTimeString();

    const refresh = async () => {
      if (isPaused || document.hidden) return;
      try {
        const answer = await fetch(location.href, { credentials: "same-origin", headers: { accept: "text/html" } });
        if (answer.redirected && new URL(answer.url).pathname === "/sign-in") { location.reload(); return; }
        if (!answer.ok) throw new Error(String(answer.status));
        replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
        failures = 0;
        show("Live, updated " + clock());
      } catch {
        failures += 1;
        show("No answer from the server since " + failures + (failures === 1 ? " try." : " tries."));
      }
    };
    // The next refresh waits for the one before, and longer while the server does not answer.
    const loop = async () => {
      await refresh();
      setTimeout(loop, seconds * 1000 * Math.min(6, 1 + failures));
    };
    button.addEventListener("click", () => {
      isPaused = !isPaused;
      show(isPaused ? "Updates are paused." : "Live");
      refresh();
    });
    document.addEventListener("visibilitychange", refresh);
    show("Live, updated " + clock());
    setTimeout(loop, seconds * 1000);
  };

  const addCopyButtons = () => {
    if (!navigator.clipboard) return;
    for (const block of document.querySelectorAll("pre.command:not(.has-copy)")) {
      block.classList.add("has-copy");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy quiet";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(block.querySelector("code").textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      block.after(button);
    }
  };

  addCopyButtons();
  if (note && window.fetch) startRefreshing();
})();
