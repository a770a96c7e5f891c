/** Slash commands: what could come next for what has been typed. */

import { fold } from "./dom.js";

/** Suggestions for `text`: {insert, title, hint, detail}; `exact` says that Enter should rather send than insert. */
export function suggestions(text, commands) {
  const first = /^\/(\S*)$/.exec(text);
  if (first) return firstWord(first[1], commands);
  const second = /^(\/\S+)\s+(\S*)$/.exec(text);
  return second ? nextWord(second[1], second[2], commands) : [];
}

function firstWord(typed, commands) {
  return commands.filter((one) => fold(one.command).startsWith(fold(`/${typed}`)))
    .map((one) => ({ insert: `${one.command} `, title: one.command, hint: one.usage_hint, detail: one.description }));
}

function nextWord(command, typed, commands) {
  const known = commands.find((one) => fold(one.command) === fold(command));
  const words = (known?.words ?? []).map((word) => (typeof word === "string" ? { word } : word));
  return words.filter(({ word }) => fold(word).startsWith(fold(typed)))
    .map(({ word, hint, description }) => ({ insert: `${known.command} ${word} `, title: `${known.command} ${word}`, hint, detail: description }));
}

/** Whether taking this suggestion would add nothing to what is typed. */
export function isTyped(suggestion, text) {
  return fold(suggestion.insert.trim()) === fold(text.trim());
}
