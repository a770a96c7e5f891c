/** What can be chosen in a list: an element's own options, people, channels. */

import { words } from "./mrkdwn.js";
import { session } from "./session.js";
import { t } from "./texts.js";

const choice = (raw) => ({ key: raw.value, label: words(raw.text), detail: words(raw.description), raw });

/** The choices of a select, or of the answer to a suggestion request, in groups. */
export function optionChoices({ options, option_groups: groups }) {
  if (groups) return groups.map((group) => ({ label: words(group.label), options: (group.options ?? []).map(choice) }));
  return [{ options: (options ?? []).map(choice) }];
}

/** Everybody who can be chosen. */
export function peopleChoices() {
  const options = session.workspace.people.filter((person) => !person.deleted)
    .map((person) => ({ key: person.id, label: person.name, detail: about(person), raw: person.id }));
  return [{ options }];
}

function about(person) {
  if (person.guest) return t("guest");
  return person.title && person.title !== person.name ? person.title : "";
}

/** The channels of these kinds that the person sees. */
export function channelChoices(kinds) {
  const options = session.workspace.channels.filter((channel) => kinds.includes(channel.kind) && !channel.archived)
    .map((channel) => ({ key: channel.id, label: `#${channel.name}`, raw: channel.id }));
  return [{ options }];
}
