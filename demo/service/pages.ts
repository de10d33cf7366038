import { Html, html } from "./html.ts";
import type { Interaction } from "./oidc-provider.ts";
import { findPerson, PEOPLE, type Person } from "./people.ts";
import { SCOPE_DESCRIPTIONS } from "./scopes.ts";

export function loginPage({ uid, params }: Interaction): Html {
  const buttons = PEOPLE.map(
    (person) => html`
      <button name="person" value="${person.id}">${picture(person, 32)} Log in as ${firstName(person)}</button>`,
  );
  return page(
    "Log in",
    html`
      <p>to continue to <strong>${new URL(params.redirect_uri).origin}</strong></p>
      <form method="post" action="/interaction/${uid}">
        ${buttons}
        <button class="quiet" name="decision" value="deny">Cancel</button>
      </form>`,
  );
}

export function consentPage({ uid, params, session }: Interaction, scopes: string[]): Html {
  const person = findPerson(session?.accountId);
  const items = scopes.map((scope) => html`<li>${SCOPE_DESCRIPTIONS[scope] ?? scope} <code>${scope}</code></li>`);
  return page(
    "Allow access?",
    html`
      <p><strong>${new URL(params.redirect_uri).origin}</strong> wants access
        to ${person ? `${person.name}’s account` : "your account"}. It will be able to:</p>
      <ul>${items}</ul>
      <form method="post" action="/interaction/${uid}">
        <button name="decision" value="allow">Allow</button>
        <button class="quiet" name="decision" value="deny">Deny</button>
      </form>`,
  );
}

export function accountPage(person: Person | undefined): Html {
  if (!person) return page("You are not logged in", html`<p>You can log in here when an app asks you to.</p>`);

  return page(
    `Logged in as ${person.name}`,
    html`
      <p>This service remembers you and what you have allowed, so it will not ask you at the next login.</p>
      <form method="post" action="/forget">
        <button>Log out and revoke all access</button>
      </form>`,
  );
}

export function errorPage(message: string): Html {
  return page("Something went wrong", html`<p>${message}</p>`);
}

export function picture({ name, color }: Person, size: number): Html {
  const side = String(size);
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" width="${side}" height="${side}"
    aria-hidden="true"><circle cx="20" cy="20" r="20" fill="${color}"/><text x="20" y="27" fill="#fff" font-size="20"
    font-family="sans-serif" text-anchor="middle">${name.charAt(0)}</text></svg>`;
}

function firstName({ name }: Person): string {
  return name.split(" ")[0] ?? name;
}

function page(title: string, content: Html): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} – Demo service</title>
    <link rel="icon" href="data:,">
    <style>${STYLE}</style>
  </head>
  <body>
    <header>Demo service, running on this computer</header>
    <main>
      <h1>${title}</h1>
      ${content}
    </main>
  </body>
</html>`;
}

const STYLE = new Html(`
  :root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; --accent: #5b4a00; --band: #ffd84d; }
  body { margin: 0; background: light-dark(#faf8f2, #1d1b16); color: light-dark(#22201a, #f1ede2); }
  header { padding: .6rem 1rem; background: var(--band); color: #22201a; text-align: center; font-weight: 600; }
  main { max-width: 24rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
  h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; }
  ul { padding-inline-start: 1.25rem; }
  code { color: light-dark(#6a6455, #b3ac9b); font-size: .85em; }
  form { display: grid; gap: .75rem; margin-top: 1.5rem; }
  button { display: flex; gap: .75rem; align-items: center; justify-content: center; min-height: 3rem;
    padding: .4rem 1rem; border: 2px solid var(--accent); border-radius: .6rem; background: var(--accent);
    color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
  button.quiet { border-color: light-dark(#8a8373, #8f8877); background: none; color: inherit; }
  button:focus-visible { outline: 3px solid #1a73e8; outline-offset: 2px; }
`);
