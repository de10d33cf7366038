import { explainError } from "../confirmation/error-reply.ts";
import type { Gate } from "../confirmation/gate.ts";
import { noticeElements } from "../confirmation/origin-notices.ts";
import { postJson } from "../confirmation/post.ts";
import { questionElement } from "../confirmation/question-view.ts";
import { guard, yesButton } from "../confirmation/yes-button.ts";
import { element } from "../page/dom.ts";
import { isFramed } from "../page/framed.ts";
import { homeLink } from "../page/links.ts";
import { showFramed, showNothing } from "../page/nothing-to-do.ts";
import { readServiceAddress } from "../page/service-address.ts";
import { isService, nameOfService } from "../page/services.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { loadLanguage, text } from "../page/text.ts";
import { show, showMessage, showStatus } from "../page/view.ts";

/**
 * "Try it": begins a login that no app gets anything from. The fragment names only the service, so anybody may link here.
 * The login ends in the same question as any other (`confirm.ts`), which also shows the result.
 */

let gate: Gate | undefined;

void start();

async function start(): Promise<void> {
  addEventListener("hashchange", () => location.reload());
  await loadLanguage("try");
  const service = location.hash.slice(1);
  if (isFramed()) return showFramed("try.nothing.title");
  if (!isService(service)) return showNothing("try.nothing.title", "try.nothing.text");
  showOffer(service);
  // After Back from the service, browsers may show the page as it was left.
  addEventListener("pageshow", ({ persisted }) => persisted && showOffer(service));
}

function showOffer(service: string, notice?: Sentence): void {
  gate?.close();
  const tryText = (key: TextKey) => text(key, { service: nameOfService(service) });
  const title = questionElement(service, tryText("try.title"));
  const cancel = homeLink(text("start.cancel"));
  const go = yesButton(tryText("start.go"));
  show({
    content: [
      ...noticeElements(notice === undefined ? [] : [notice]),
      title,
      element("p", {}, ...tryText("try.what")),
      element("p", {}, ...tryText("try.after")),
      element("p", { className: "note" }, ...tryText("try.owner"), " ", redirectUriElement(service)),
    ],
    actions: [cancel, go],
  });
  gate = guard(go, [title.querySelector("h1")!, cancel], () => void startTrial(service));
}

/** The service shows an error of its own, and never comes back, if its settings have another address. */
function redirectUriElement(service: string): HTMLElement {
  return element("code", { dir: "ltr" }, location.origin, element("wbr"), `/callback/${service}`);
}

async function startTrial(service: string): Promise<void> {
  showStatus(text("common.going", { service: nameOfService(service) }));
  const reply = await postJson(`/authorize/${service}`, { trial: true });
  if (reply === undefined) return showOffer(service, text("common.unreachable.line"));
  if (reply.status === 429) return showOffer(service, text("common.busy"));
  const destination = readServiceAddress(reply);
  if (destination === undefined)
    return showMessage(text("start.failed"), [await explainError(reply)], [homeLink(text("signOut.home"))], "failed");
  location.assign(destination);
}
