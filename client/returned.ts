import type { Returned } from "../netlify/oauth/question.ts";
import { sendTo } from "./channel.ts";
import { button, buttonOnce } from "./dom.ts";
import { forgetFragment, takeFragment } from "./fragment.ts";
import { isFramed } from "./framed.ts";
import { homeLink } from "./links.ts";
import { readReturned } from "./question.ts";
import { nameOfService } from "./services.ts";
import { loadLanguage, text } from "./text.ts";
import { showMessage } from "./view.ts";

/** The service's own window, back from there: it hands what it has brought to the holding window, and is done. */

const path = "/returned";
/** Long enough to see what happened. */
const closeAfterMs = 800;

void start();

async function start(): Promise<void> {
  const { value } = takeFragment(path);
  const loading = loadLanguage("returned");
  const returned = readReturned(value);
  if (!isFramed() && returned !== undefined) return await handOver(returned, loading);
  await loading;
  const sentence = text(isFramed() ? "common.framed" : "returned.nothing.text");
  showMessage(text("returned.nothing.title"), [sentence], [homeLink(text("common.what"))]);
}

async function handOver(returned: Returned, loading?: Promise<void>): Promise<void> {
  const [wasTaken] = await Promise.all([sendTo(returned.holding, returned.question), loading]);
  if (!wasTaken) return showGone(returned);
  forgetFragment(path);
  const close = button(text("returned.done.close"), "no", () => window.close());
  const done = text("returned.done.text", { service: nameOfService(returned.service) });
  showMessage(text("returned.done.title"), [done, text("common.close")], [close]);
  // Browsers let a script close only what a script or a click has opened, and not always that.
  setTimeout(() => window.close(), closeAfterMs);
}

function showGone(returned: Returned): void {
  const retry = buttonOnce(text("returned.gone.retry"), "no", () => void handOver(returned));
  showMessage(text("returned.gone.title"), [text("returned.gone.text"), text("common.reopen")], [retry]);
}
