// What the page needs beyond Gradio: remember the language, leave when the session has ended,
// and begin with a closed sidebar on a phone.
(() => {
  const remember = (language) => {
    document.cookie = `sextant_language=${language};path=/;max-age=31536000;samesite=strict`;
    name(language);
  };
  const name = (language) => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  };
  document.addEventListener("change", (event) => {
    if (event.target.closest?.("#lang")) remember(event.target.value);
  });

  // Gradio gives a message its markup as label, and its send button none: a screen reader needs the
  // message's text and the button's purpose.
  new MutationObserver(() => {
    const send = document.querySelector("#box button:not([aria-label])");
    const question = document.querySelector("#box label span");
    if (send && question) send.setAttribute("aria-label", question.textContent);
    const chosen = document.querySelector("#lang input:checked");
    if (chosen) name(chosen.value);
    for (const message of document.querySelectorAll("#chat .selectable[aria-label]"))
      message.removeAttribute("aria-label");
  }).observe(document.documentElement, { childList: true, subtree: true });

  const plainFetch = window.fetch;
  window.fetch = async (...request) => {
    const response = await plainFetch(...request);
    if (response.status === 401) window.location.assign("/login");
    return response;
  };

  const isPhone = () => window.innerWidth < 860;
  const closeSidebar = () => {
    const toggle = document.querySelector(".sidebar.open .toggle-button");
    toggle?.click();
    return Boolean(toggle);
  };
  document.addEventListener("click", (event) => {
    if (isPhone() && event.target.closest?.("#threads label, #newchat")) closeSidebar();
  });
  const onReady = new MutationObserver(() => {
    if (!document.querySelector("#recent p")) return;
    onReady.disconnect();
    if (isPhone()) closeSidebar();
  });
  onReady.observe(document.documentElement, { childList: true, subtree: true });
})();
