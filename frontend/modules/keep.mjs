// Keeps the page for when there is no signal: the worker keeps it at later visits, this keeps it at the first.

const CACHE = "linsheng-1"; // as sw.js names it

if ("serviceWorker" in navigator && isSecureContext) {
  const styles = [...document.styleSheets].flatMap(({ href }) => href ?? []);
  navigator.serviceWorker.register("/sw.js")
    .then(() => caches.open(CACHE))
    .then((cache) => cache.addAll([location.href, ...styles]))
    .catch(() => {});
}
