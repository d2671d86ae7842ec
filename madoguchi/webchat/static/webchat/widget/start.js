// One element for one script tag. `window.madoguchiChat` lets the page open it, and say who is signed in without a reload.
function subjectOf({ userToken, userMail, userHash }) {
  if (userMail && userHash) return userMail.trim().toLowerCase();
  try {
    const claims = JSON.parse(atob(userToken.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
    return String(claims.mail || claims.email || claims.sub || "");
  } catch { return ""; }
}

const proofOf = (data) => Object.fromEntries([["user_token", data.userToken], ["user_mail", data.userMail], ["user_hash", data.userHash]].filter(([, value]) => value));

function begin(data) {
  document.querySelector("madoguchi-chat")?.remove();
  const options = {
    brand: data.brand || "", language: data.lang || document.documentElement.lang || navigator.language || "en", theme: data.theme || "",
    open: data.open === "true", subject: subjectOf(data), proof: proofOf(data),
  };
  const element = document.createElement("madoguchi-chat");
  current?.close();
  current = new Talk(options);
  document.body.append(element);
  element.start(current, options);
  window.madoguchiChat = {
    open: () => element.show(), close: () => element.hide(),
    identify: ({ token, mail, hash }) => begin({ ...data, userToken: token, userMail: mail, userHash: hash }),
  };
}

let current = null;
if (!customElements.get("madoguchi-chat")) {
  customElements.define("madoguchi-chat", Chat);
  const data = { ...TAG.dataset };
  if (document.body) begin(data); else document.addEventListener("DOMContentLoaded", () => begin(data));
}
