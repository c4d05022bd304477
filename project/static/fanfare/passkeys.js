// Passkeys are offered by browsers that know them; what goes wrong with one is said on the page.
(() => {
  const known = Boolean(window.PublicKeyCredential);
  for (const part of document.querySelectorAll("[data-passkeys]")) {
    part.hidden = (part.dataset.passkeys === "known") !== known;
  }
  for (const form of document.querySelectorAll("[data-passkey-form]")) {
    const { credential, passwordless } = form.elements;
    const button = form.querySelector("button").id;
    window.allauth.webauthn.forms[form.dataset.passkeyForm]({
      ids: {
        login: button, add: button, authenticate: button, data: "js_data",
        credential: credential.id, passwordless: passwordless?.id,
      },
    });
  }
  const trouble = document.querySelector("[data-passkey-trouble]");
  document.addEventListener("allauth.error", (event) => {
    event.preventDefault(); // it would stand in the console only
    trouble.hidden = false;
  });
  document.addEventListener("click", () => {
    trouble.hidden = true;
  });
})();
