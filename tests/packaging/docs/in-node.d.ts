// What the examples in the documentation take for granted in Node.

/** Made by an example before. */
declare const origin: string;
declare const service: import('tidings/testing').PushService;
declare const desktop: import('tidings/testing').Desktop;
/** What the page of a test keeps. */
interface Window {
  heard: unknown[];
}

declare module 'vite-plugin-pwa';
declare module 'selenium-webdriver';
declare module 'selenium-webdriver/chrome.js';
