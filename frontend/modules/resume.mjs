// A camera that read a draft's picture code opens the page with the code behind `#`; it goes into the field and out of the address.

const field = document.getElementById("code");
if (field instanceof HTMLInputElement && location.hash.length > 1) {
  field.value = decodeURIComponent(location.hash.slice(1)).slice(0, 80);
  history.replaceState(history.state, "", location.pathname + location.search);
}
