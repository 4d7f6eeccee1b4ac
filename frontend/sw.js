// The service worker: opens a survey, or the directory, without a signal that was opened before with one. Nothing depends on it.
// Keeps empty forms, what everybody may read, and our own files only; what people type never passes through here.

const CACHE = "linsheng-1";
const MOST_PAGES = 20;
const PATIENCE = 8_000;
const KEPT = /^\/(s\/[^/]+|directory(\/[^/]+)?)$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(start()));

async function start() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(kept(request));
  else if (request.mode === "navigate" && KEPT.test(pathname)) event.respondWith(page(event));
});

/** Names of static files change with their content, so a kept one is right for ever. */
async function kept(request) {
  const cache = await caches.open(CACHE);
  const found = await cache.match(request);
  if (found) return found;
  const reply = await fetch(request);
  if (reply.ok) await cache.put(request, reply.clone());
  return reply;
}

async function page(event) {
  const cache = await caches.open(CACHE);
  try {
    const reply = await fetch(event.request, { signal: AbortSignal.timeout(PATIENCE) });
    if (reply.ok) event.waitUntil(keepPage(cache, event.request, reply.clone()));
    return reply;
  } catch (error) {
    // What keep.mjs asked for has other headers than a navigation, and on one phone the address says it all.
    const found = (await cache.match(event.request, { ignoreVary: true })) ?? (await cache.match(event.request, { ignoreVary: true, ignoreSearch: true }));
    if (!found) throw error;
    const text = await found.text();
    return new Response(text.replace('data-module="survey"', 'data-module="survey" data-cached="true"'), { headers: found.headers });
  }
}

async function keepPage(cache, request, reply) {
  await cache.put(request, reply);
  const kind = kindOf(request.url);
  const pages = (await cache.keys()).filter(({ url }) => kindOf(url) === kind); // surveys and the directory do not push each other out
  for (const old of pages.slice(0, -MOST_PAGES)) await cache.delete(old);
}

const kindOf = (url) => new URL(url).pathname.split("/")[1];
