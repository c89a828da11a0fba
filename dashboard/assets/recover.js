// An error that Streamlit's script does not catch leaves a white page. Everything is in the session's draft, whose
// address stays: so the page is loaded again, but not again and again.
addEventListener("error", () => setTimeout(() => {
  const root = document.getElementById("root"), key = "layerdeck.loaded-again";
  if (root?.firstElementChild !== null || Date.now() - Number(sessionStorage.getItem(key)) < 30000) return;
  sessionStorage.setItem(key, String(Date.now()));
  location.reload();
}));
