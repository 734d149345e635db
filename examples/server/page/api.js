// The server's answers. One question of a kind is under way at a time: asking again drops the one before, which the server
// notices and stops working on.

const underWay = new Map();

/** What the server refused, with its diagnostics. */
export class Refused extends Error {
  constructor(status, diagnostics) {
    super(diagnostics.map((one) => one.message).join("; "));
    this.status = status;
    this.diagnostics = diagnostics;
  }
}

/** GET, or POST where there is a body. Answers null when a newer question of that kind has been asked meanwhile. */
export async function ask(kind, path, body) {
  underWay.get(kind)?.abort();
  const question = new AbortController();
  underWay.set(kind, question);
  try {
    for (;;) {
      const response = await fetch(path, {
        method: body === undefined ? "GET" : "POST",
        headers: headers(body),
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: question.signal,
      });
      if (response.ok) return await response.json();
      if (response.status === 401) {
        await signIn();
        continue;
      }
      const told = await response.json().catch(() => ({}));
      const words = [{ message: `the server answered ${response.status}`, start: null, end: null, help: null, fixes: [] }];
      throw new Refused(response.status, told.diagnostics ?? words);
    }
  } catch (error) {
    if (error.name === "AbortError") return null;
    throw error;
  } finally {
    if (underWay.get(kind) === question) underWay.delete(kind);
  }
}

function headers(body) {
  const token = sessionStorage.getItem("token");
  return {
    ...(token ? { Authorization: `Bearer ${token}` } : {}),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
}

let signingIn = null;

/** Asks once for a token, however many questions wait for it. */
function signIn() {
  signingIn ??= new Promise((resolve) => {
    const dialog = document.getElementById("sign-in");
    dialog.addEventListener("close", () => {
      sessionStorage.setItem("token", document.getElementById("token").value);
      signingIn = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return signingIn;
}

const encoder = new TextEncoder();

/** Where a place of a text is in bytes of UTF-8, as the server counts. */
export function toBytes(text, at) {
  return encoder.encode(text.slice(0, at)).length;
}

/** Where a byte of UTF-8 is in the text. */
export function fromBytes(text, byte) {
  let seen = 0;
  let at = 0;
  for (const char of text) {
    if (seen >= byte) break;
    seen += encoder.encode(char).length;
    at += char.length;
  }
  return at;
}
