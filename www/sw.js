// The demo's worker: Tidings' own, which also notes when a click was made, for the timeline. `/worker.js` alone would do.

const clicks = new Map();
const channel = new BroadcastChannel('demo-clicks');

// A page that the click has only just opened asks.
channel.onmessage = ({ data }) => {
  if (clicks.has(data.asks)) channel.postMessage({ push: data.asks, at: clicks.get(data.asks) });
};

self.TIDINGS = {
  accepts: 'all',
  onClick({ data }) {
    if (!data?.push) return;
    clicks.set(data.push, Date.now());
    channel.postMessage({ push: data.push, at: clicks.get(data.push) });
  },
};

importScripts('/worker.js');
