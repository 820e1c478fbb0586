// Lets the page load without a network. The models are kept by the page itself (Cache Storage "ocr-chat-models");
// the API is never cached. The build writes the list of files and its hash into the two constants.
const VERSION = "dev";
const SHELL = [];

const CACHE = `ocr-chat-shell-${VERSION}`;
// A file whose name carries the hash of its content never changes.
const HASHED = /-[0-9a-f]{12,64}[._]/;

const SERVER_PAGES =
  /^(\/(th|ar))?\/(docs|privacy|terms|status|sign-in|sign-up|verify|forgot-password|reset-password|account|admin|prices|tools|results|api-reference)(\/|$)/;

// The app's page is one in each language of the interface.
const pageOf = (url) => new URL(url).pathname.match(/^\/(th|ar)(?=\/|$)/)?.[0] ?? "/";

self.addEventListener("install", (event) => {
  // `reload`: an old copy in the browser's HTTP cache must not become the new version's.
  const requests = SHELL.map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("ocr-chat-shell-") && name !== CACHE;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && url.origin === self.location.origin && url.pathname === "/share") {
    event.respondWith(takeShared(request));
    return;
  }
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (/^\/(api|models|health)(\/|$)/.test(url.pathname)) return;
  // Pages that the server writes belong to whoever is signed in; the page that is kept is the app.
  if (SERVER_PAGES.test(url.pathname)) return;
  event.respondWith(HASHED.test(url.pathname) ? cacheFirst(request) : networkFirst(request));
});

async function cacheFirst(request) {
  return (await caches.match(request)) ?? keep(request, await fetch(request));
}

// Everything without a hash in its name: the newest where there is a network, the kept copy where there is none.
async function networkFirst(request) {
  try {
    return await keep(request, await fetch(request));
  } catch (error) {
    const kept = await (request.mode === "navigate"
      ? caches.match(pageOf(request.url)).then((page) => page ?? caches.match("/"))
      : caches.match(request));
    if (kept) return kept;
    throw error;
  }
}

async function keep(request, response) {
  if (response.ok && response.type === "basic") {
    const isPage = request.mode === "navigate" && response.headers.get("content-type")?.startsWith("text/html");
    const copy = response.clone();
    const cache = await caches.open(CACHE);
    // A full disk must not keep the page from loading.
    await cache.put(isPage ? pageOf(request.url) : request, copy).catch(() => {});
  }
  return response;
}

// Files that another app shares with this one (share_target of the manifest). They never leave the device: they wait in a cache until the page
// takes them.
async function takeShared(request) {
  const form = await request.formData();
  const cache = await caches.open("ocr-chat-shared");
  const files = form.getAll("files").filter((part) => part instanceof File);
  await Promise.all(
    files.map((file, at) => {
      const headers = { "x-name": encodeURIComponent(file.name), "content-type": file.type };
      return cache.put(`/share/${at}`, new Response(file, { headers }));
    }),
  );
  return Response.redirect("/", 303);
}
