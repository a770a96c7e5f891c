/** Pressing buttons and choosing in lists: confirm, send what is shown, say what came of it. */

import { DoorClosed, door } from "./api.js";
import { ask } from "./dialogs.js";
import { announce, session } from "./session.js";
import { t } from "./texts.js";
import { busy, toast } from "./toasts.js";

/** Run a call to the door; a closed door becomes a sentence and `undefined`. */
export async function attempt(work) {
  const answer = await quietly(work);
  if (answer === undefined) toast(t("door_closed"), { error: true });
  return answer;
}

/** Run a call that nobody asked for; a closed door is `undefined`, and the banner says so already. */
export async function quietly(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DoorClosed)) throw error;
    return undefined;
  }
}

/** Perform an action on `origin` ({message: {channel, ts}} or {view_id}) with everything entered so far as `state`. */
export async function perform({ origin, state }, block, element, payload, node) {
  if (element.confirm && !(await ask(element.confirm))) return;
  const body = { person: session.person, ...origin, block_id: block.block_id, action_id: element.action_id, ...payload, state };
  const answer = await busy(node, () => attempt(() => press(body, element)));
  if (answer && !answer.ok) toast(sentence(answer), { error: true });
  announce("acted");
}

/** What the screen shows but the sandbox no longer has is pressed all the same: the app must answer to it. */
async function press(body, element) {
  const answer = await door.act(body);
  const gone = !answer.ok && !answer.code && body.message;
  return gone ? door.act({ ...body, state: {}, stale: true, element }) : answer;
}

/** What went wrong, in the person's language where the page knows it. */
export function sentence({ code, error }, command) {
  const known = code && t(`failed_${code}`, { command });
  return known && known !== `failed_${code}` ? known : error || t("app_silent");
}

/** Ask the app for suggestions; resolves to {options} or {option_groups}, rejects when there is no answer. */
export async function suggest(origin, block, element, query) {
  const answer = await door.suggest({ person: session.person, ...origin, block_id: block.block_id, action_id: element.action_id, value: query });
  if (answer.error) throw new DoorClosed(answer.error);
  return answer;
}
