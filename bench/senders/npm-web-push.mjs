// The same messages by npm's `web-push`, with what help it can have: an agent that keeps its connections, 128 requests under way,
// and with "reuse" one signature for all instead of one for each message.
//
// node npm-web-push.mjs <subscriptions> <file with the push service's description> <message> [reuse]

import { createECDH } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import webPush from 'web-push';

const CONCURRENCY = 128;
const [count, file, message, reuse] = process.argv.slice(2);
const { https: origin, certificatePem } = JSON.parse(readFileSync(file, 'utf8'));

const keys = Array.from({ length: 100 }, () => createECDH('prime256v1').generateKeys('base64url'));
const auth = Buffer.alloc(16, 7).toString('base64url');
const subscriptions = Array.from({ length: Number(count) }, (_, n) => ({ endpoint: `${origin}/load/${n}`, keys: { p256dh: keys[n % keys.length], auth } }));

const agent = new https.Agent({ keepAlive: true, maxSockets: CONCURRENCY, ca: certificatePem });
const { publicKey, privateKey } = webPush.generateVAPIDKeys();
const subject = 'mailto:bench@example.com';

const [start, before] = [performance.now(), process.cpuUsage()];
const options = reuse
  ? { headers: webPush.getVapidHeaders(origin, subject, publicKey, privateKey, 'aes128gcm') }
  : { vapidDetails: { subject, publicKey, privateKey } };
let next = 0;
let sent = 0;
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    while (next < subscriptions.length) {
      await webPush.sendNotification(subscriptions[next++], message, { TTL: 3600, contentEncoding: 'aes128gcm', agent, ...options });
      sent++;
    }
  }),
);
const { user, system } = process.cpuUsage(before);
const figures = { messages: sent, seconds: (performance.now() - start) / 1000, cpu: (user + system) / 1e6, peak: process.resourceUsage().maxRSS };
console.log(JSON.stringify(figures));
agent.destroy();
