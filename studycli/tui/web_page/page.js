// The page connects to the server that it came from, by the name that it came by.
const terminal = document.getElementById("terminal");
const again = document.getElementById("again");
terminal.dataset.sessionWebsocketUrl = `${location.origin.replace(/^http/, "ws")}/ws`;
terminal.dataset.fontSize = parseInt(new URLSearchParams(location.search).get("fontsize")) || 16;
again.addEventListener("click", () => location.reload());

// Keys work without a click: once there is a connection they go to the terminal, and when it has ended to the button.
let was = "";
new MutationObserver(() => {
  const is = ["-closed", "-loaded"].find((name) => document.body.classList.contains(name)) || "";
  if (is === was) return;
  was = is;
  (is === "-closed" ? again : document.querySelector(".xterm-helper-textarea")).focus();
}).observe(document.body, { attributeFilter: ["class"] });
