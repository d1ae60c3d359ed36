// One notification for each push, whoever shows it: the Rust side, the app's hook, or another listener of this worker.

declare const self: ServiceWorkerGlobalScope;

/** How long a push is remembered, in milliseconds: other listeners of the worker may be slower than we are. */
const MEMORY = 10_000;

/** What is known of one push. */
export class Job {
  /** Set once the app's hook has been called: from then on it may show a notification itself. */
  hooked = false;
  #title?: string;
  #options?: () => NotificationOptions;
  #showing?: Promise<void>;

  constructor() {
    jobs.add(this);
    setTimeout(() => jobs.delete(this), MEMORY);
  }

  /** Says what will be shown, so that the same shown by another listener is known to be the same. */
  declare(title: string, options: () => NotificationOptions): void {
    this.#title = title;
    this.#options = options;
  }

  /** Whether a notification is shown, or on its way. */
  get shown(): boolean {
    return Boolean(this.#showing);
  }

  /** Shows the notification of this push, or waits for the one that is on its way: a hook need not wait for its own. */
  show(title: string, options?: NotificationOptions): Promise<void> {
    return (this.#showing ??= show.call(self.registration, title, options).catch((error) => {
      this.#showing = undefined;
      throw error;
    }));
  }

  /** The job that a foreign call of `showNotification` belongs to, and how to answer it. */
  static foreign(title: string, options?: NotificationOptions): Promise<void> {
    const all = [...jobs];
    const same = all.find((job) => job.#title === title);
    const hooked = all.find((job) => job.hooked && !job.shown);
    // A hook shows what it likes; the click still needs to know where to go.
    if (hooked && (!same || same === hooked)) return hooked.show(title, { ...options, data: options?.data ?? hooked.#options?.().data });
    if (same) return same.show(title, same.#options?.());
    const twice = all.find((job) => job.hooked);
    return twice ? twice.show(title, options) : show.call(self.registration, title, options);
  }
}

const jobs = new Set<Job>();
let show: ServiceWorkerRegistration['showNotification'];

/** Watches `registration.showNotification` from now on. Called once, before anything can be shown. */
export function watch(): void {
  show = self.registration.showNotification;
  self.registration.showNotification = Job.foreign;
}
