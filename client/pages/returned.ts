import type { Returned } from "../../shared/page-messages.ts";
import { sendTo } from "../confirmation/channel.ts";
import { readReturned } from "../confirmation/question.ts";
import { button, buttonOnce } from "../page/dom.ts";
import { forgetFragment, takeFragment } from "../page/fragment.ts";
import { isFramed } from "../page/framed.ts";
import { closeButton } from "../page/links.ts";
import { showFramed, showNothing } from "../page/nothing-to-do.ts";
import { nameOfService } from "../page/services.ts";
import { loadLanguage, text } from "../page/text.ts";
import { showMessage } from "../page/view.ts";

/** The second window of a login, back from the service: hands its result to the waiting window (`waiting.ts`) and closes. */

const path = "/returned";
/** Long enough to read where to go on. */
const readingMs = 5_000;
const lookMs = 500;

void start();

async function start(): Promise<void> {
  const { value } = takeFragment(path);
  const loading = loadLanguage("returned");
  const returned = readReturned(value);
  if (!isFramed() && returned !== undefined) return await handOver(returned, loading);
  await loading;
  if (isFramed()) return showFramed("returned.nothing.title");
  showNothing("returned.nothing.title", "returned.nothing.text");
}

async function handOver(returned: Returned, loading?: Promise<void>): Promise<void> {
  const [wasTaken] = await Promise.all([sendTo(returned.waitingWindow, returned.question), loading]);
  if (!wasTaken) return showWindowGone(returned);
  forgetFragment(path);
  const close = button(text("common.closeWindow"), "no", () => window.close());
  const done = text("returned.done.text", { service: nameOfService(returned.service) });
  showMessage(text("returned.done.title"), [done], [close], "done");
  closeWhenRead();
}

/**
 * Counts only the time in which a person can be reading: some browsers put this window, or the other one, behind the app's.
 * Browsers do not always let a script close a window, so the button stays.
 */
function closeWhenRead(): void {
  let readMs = 0;
  const looking = setInterval(() => {
    if (document.visibilityState !== "visible" || !document.hasFocus()) return;
    readMs += lookMs;
    if (readMs < readingMs) return;
    clearInterval(looking);
    window.close();
  }, lookMs);
}

function showWindowGone(returned: Returned): void {
  const retry = buttonOnce(text("returned.gone.retry"), "yes", () => void handOver(returned));
  showMessage(
    text("returned.gone.title"),
    [text("returned.gone.text"), text("common.reopen")],
    [closeButton(), retry],
    "failed",
  );
}
