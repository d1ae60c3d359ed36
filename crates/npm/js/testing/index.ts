// `tidings/testing`: tests of any app's web push, in real browsers, on one machine, with no internet. Nothing here needs
// the rest of Tidings in the app.

export { type BrowserName, type BrowserOptions, type PlainLaunch, type PuppeteerLaunch, type SeleniumLaunch } from './browsers';
export { Desktop, type Shown, startDesktop } from './desktop';
export { notifications, subscription } from './page';
export type { SendOptions, Subscription } from './send';
export { PushService, type ServiceOptions, startPushService } from './service';
export { type UntilOptions, until } from './until';
export { type VapidKeys, vapidKeys } from './vapid';
