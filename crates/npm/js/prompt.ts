// `tidings/prompt`: the app's own question before the browser's, which can be asked once only. A custom element in plain
// TypeScript, and a file of its own: apps that bring their own question do not load it.

import type { Push } from './page/types.js';

/** The words of the question. */
export interface Words {
  /** Default: `Stay up to date?` */
  title?: string;
  /** Default: `We can notify you of what is new. You can turn this off at any time.` */
  text?: string;
  /** Default: `Notify me` */
  accept?: string;
  /** Default: `Not now` */
  dismiss?: string;
}

/** What came of it. `not-now`: it was not shown, since it was dismissed lately, or there is nothing left to ask. */
export type Outcome = { result: 'subscribed'; subscription: PushSubscription } | { result: 'dismissed' | 'not-now' };

const STYLE = `
  dialog {
    box-sizing: border-box; width: min(26rem, calc(100vw - 2rem)); margin: auto auto 1rem; padding: 1.25rem;
    font: inherit; color: var(--tidings-text, CanvasText); background: var(--tidings-background, Canvas);
    border: 1px solid var(--tidings-line, color-mix(in srgb, currentColor 20%, transparent));
    border-radius: var(--tidings-radius, 14px); box-shadow: 0 10px 40px rgb(0 0 0 / 25%);
  }
  dialog::backdrop { background: rgb(0 0 0 / 30%); }
  h2 { margin: 0; font-size: 1.15em; }
  p { margin: 0.5em 0 1.25em; }
  div { display: flex; gap: 0.75rem; justify-content: flex-end; flex-wrap: wrap; }
  button {
    min-height: 2.75rem; padding: 0 1.1rem; font: inherit; cursor: pointer; color: inherit; background: none;
    border: 1px solid var(--tidings-line, color-mix(in srgb, currentColor 30%, transparent)); border-radius: calc(var(--tidings-radius, 14px) - 4px);
  }
  button[part~='accept'] { color: var(--tidings-on-accent, #fff); background: var(--tidings-accent, #3d5afe); border-color: transparent; font-weight: 600; }
  button:focus-visible { outline: 3px solid var(--tidings-accent, #3d5afe); outline-offset: 2px; }
`;

/** Makes the element's class when it is first needed: a server has no `HTMLElement`. */
function define(): void {
  if (customElements.get('tidings-prompt')) return;
  customElements.define(
    'tidings-prompt',
    class extends HTMLElement {
      connectedCallback() {
        const shadow = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
        // Not a <style>: a strict Content-Security-Policy would refuse it.
        const sheet = new CSSStyleSheet();
        sheet.replaceSync(STYLE);
        shadow.adoptedStyleSheets = [sheet];
        const element = <Name extends keyof HTMLElementTagNameMap>(name: Name, part: string, ...content: (Node | string)[]) => {
          const made = document.createElement(name);
          made.setAttribute('part', part);
          made.append(...content);
          return made;
        };
        const word = (name: string) => this.getAttribute(name) ?? '';
        const button = (name: 'accept' | 'dismiss') => {
          const made = element('button', `button ${name}`, word(name));
          made.type = 'button';
          made.onclick = () => this.dispatchEvent(new Event(name));
          return made;
        };
        const title = element('h2', 'title', word('heading'));
        const text = element('p', 'text', word('text'));
        title.id = 'title';
        text.id = 'text';
        const dialog = element('dialog', 'dialog', title, text, element('div', 'buttons', button('dismiss'), button('accept')));
        dialog.setAttribute('aria-labelledby', 'title');
        dialog.setAttribute('aria-describedby', 'text');
        // The Escape key.
        dialog.oncancel = () => this.dispatchEvent(new Event('dismiss'));
        shadow.replaceChildren(dialog);
        dialog.showModal();
      }
    },
  );
}

/**
 * Asks in two steps: first this question, which may be dismissed without harm, and after a yes the browser's.
 *
 * After it was dismissed, or the browser's question after it, it is not shown for three days, then for seven, then for thirty.
 * Style it by `tidings-prompt::part()` (`dialog`, `title`, `text`, `buttons`, `button`, `accept`, `dismiss`) or by the custom
 * properties `--tidings-accent`, `--tidings-on-accent`, `--tidings-text`, `--tidings-background`, `--tidings-line` and
 * `--tidings-radius`.
 *
 * @example
 * import { ask } from 'tidings/prompt';
 * await ask(push, { title: 'Tell you when it ships?', accept: 'Yes, please' });
 * @throws {PushError} what `push.subscribe()` throws
 */
export async function ask(push: Pick<Push, 'priming' | 'subscribe' | 'refresh'>, words: Words = {}): Promise<Outcome> {
  const { permission, subscription } = await push.refresh();
  const settled = permission === 'denied' || subscription === 'saved' || subscription === 'unsaved';
  if (settled || (await push.priming()) > Date.now() || document.querySelector('tidings-prompt')) return { result: 'not-now' };
  define();
  const prompt = document.createElement('tidings-prompt');
  const { title = 'Stay up to date?', accept = 'Notify me', dismiss = 'Not now' } = words;
  const { text = 'We can notify you of what is new. You can turn this off at any time.' } = words;
  for (const [name, word] of Object.entries({ heading: title, text, accept, dismiss })) prompt.setAttribute(name, word);
  return new Promise((resolve, reject) => {
    prompt.addEventListener('accept', () => {
      prompt.remove();
      // In the click itself: browsers ask only then.
      push.subscribe().then(
        (subscription) => resolve({ result: 'subscribed', subscription }),
        async (error) => {
          // Whoever says yes here and dismisses the browser's question has dismissed both; so has a browser that shows none.
          if (/-(dismissed|quiet)$/.test(error.code)) await push.priming(true).catch(() => {});
          reject(error);
        },
      );
    });
    prompt.addEventListener('dismiss', () => {
      prompt.remove();
      push.priming(true).then(() => resolve({ result: 'dismissed' }), reject);
    });
    document.body.append(prompt);
  });
}
