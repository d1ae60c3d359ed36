/** The tag of `sync` and `periodicsync`, and the name of the channel. The page registers it, too, for its uploads. */
export const TAG = 'tidings-outbox';
