import type { Returned } from "../netlify/oauth/question.ts";
import { sendTo } from "./channel.ts";
import { button, element } from "./dom.ts";
import { forgetFragment, takeFragment } from "./fragment.ts";
import { readReturned } from "./question.ts";
import { message, show } from "./view.ts";

/** The service's own window, back from there: it hands what it has brought to the holding window, and is done. */

const text = {
  framed: "This page is part of a login, so it does not work inside another page.",
  nothing: {
    title: "There is nothing to do here",
    text: "This page is part of a login. It has something to do only when you have just been at a service.",
    home: "What is this site?",
  },
  done: {
    title: "Go on in the other window",
    text: (service: string) => `You are back from ${service}. The window that has been waiting asks you now.`,
    close: "You can close this window.",
    button: "Close this window",
  },
  gone: {
    title: "The waiting window is gone",
    text: "The window in which this login began has been closed, or has moved on. Nothing was handed over.",
    advice: "Open the app again, and press its login button.",
    retry: "Look for it again",
  },
};

const path = "/returned";
/** Long enough to see what happened. */
const closeAfterMs = 800;

start();

function start(): void {
  const returned = readReturned(takeFragment(path).value);
  if (window.top !== window.self) return show(message(text.nothing.title, [text.framed]));
  if (returned === undefined) return showNothing();
  void handOver(returned);
}

async function handOver(returned: Returned): Promise<void> {
  const wasTaken = await sendTo(returned.holding, returned.question);
  if (!wasTaken) return showGone(returned);
  forgetFragment(path);
  const close = button(text.done.button, "no", () => window.close());
  show(message(text.done.title, [text.done.text(returned.service.name), text.done.close], [close]));
  // Browsers let a script close only what a script or a click has opened, and not always that.
  setTimeout(() => window.close(), closeAfterMs);
}

function showGone(returned: Returned): void {
  const retry = button(text.gone.retry, "no", () => {
    retry.disabled = true;
    void handOver(returned);
  });
  show(message(text.gone.title, [text.gone.text, text.gone.advice], [retry]));
}

function showNothing(): void {
  const home = element("a", { className: "button", href: "/", textContent: text.nothing.home });
  show(message(text.nothing.title, [text.nothing.text], [home]));
}
