// A screen that nobody looks at (Xvfb), and the hands of a person on it (xdotool): for what no driver of a browser presses, its
// own windows. Input goes through the X server, so that the browser cannot tell it from a keyboard and a mouse.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { line, start } from './processes.mjs';

const run = promisify(execFile);

/** The buttons and windows of browsers are where they are on a screen of this size. */
const SIZE = '1280x1024x24';

/** Starts a screen on a display that is free; stop it at the end, after the browsers on it. */
export async function startScreen() {
  const process_ = start('Xvfb', ['-displayfd', '1', '-screen', '0', SIZE, '-nolisten', 'tcp']);
  try {
    const [, number] = await line(process_, /^(\d+)$/, { name: 'Xvfb' });
    return new Screen(`:${number}`, process_);
  } catch (error) {
    await process_.stop();
    throw error;
  }
}

export class Screen {
  /**
   * @param {string} display for LaunchOptions
   * @param {import('./processes.mjs').Running} process
   */
  constructor(display, process) {
    this.display = display;
    this.process = process;
  }

  /**
   * Presses and releases keys, one after the other, in the window that has the focus.
   *
   * @param {string[]} keys as X names them: `Escape`, `Tab`, `shift+Tab`, `Return`
   */
  async press(...keys) {
    await this.#input('key', '--delay', '40', ...keys);
  }

  /**
   * Clicks in the middle.
   *
   * @param {{ x: number, y: number, width?: number, height?: number }} box on the screen
   */
  async click({ x, y, width = 0, height = 0 }) {
    await this.#input('mousemove', String(Math.round(x + width / 2)), String(Math.round(y + height / 2)), 'click', '1');
  }

  /**
   * Clicks an element of a page.
   *
   * @param {import('./browsers.mjs').TestPage} page in front
   * @param {string} selector also in shadow trees, as puppeteer has it
   */
  async clickIn(page, selector) {
    const element = await page.puppeteer.waitForSelector(selector, { visible: true, timeout: 10_000 });
    const box = await element?.evaluate((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      // Firefox says where the page begins; in Chromium there is nothing below it and beside it.
      const { mozInnerScreenX = screenX, mozInnerScreenY = screenY + outerHeight - innerHeight } = /** @type {any} */ (window);
      return { x: x + mozInnerScreenX, y: y + mozInnerScreenY, width, height };
    });
    if (!box) throw new Error(`there is no ${selector} to click`);
    await this.click(box);
  }

  async stop() {
    await this.process.stop();
  }

  /** @param {string[]} args */
  async #input(...args) {
    await run('xdotool', args, { env: { ...process.env, DISPLAY: this.display }, timeout: 10_000 });
  }
}
