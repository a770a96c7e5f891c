/** The page's own words, Swedish first, in the language of the person one plays. */

const SV = {
  skip: "Hoppa till meddelandena",
  workspace: "Arbetsyta",
  sandbox: "Sandlåda",
  you_are: "Du är",
  guest: "gäst",
  deactivated: "avaktiverad",
  go_to: "Gå till …",
  go_to_hint: "Kanal eller person",
  channels: "Kanaler",
  other_channels: "Kanaler du inte är med i",
  direct: "Direktmeddelanden",
  apps: "Appar",
  app_tag: "APP",
  home_tab: "Hem",
  messages_tab: "Meddelanden",
  home_empty: "Appens hem är tomt än så länge.",
  faults: "Störningar",
  outside: "Utanför Slack",
  menu: "Visa kanaler",
  close: "Stäng",
  back: "Tillbaka",
  cancel: "Avbryt",
  dismiss: "Ta bort",
  unread: "{n} olästa",
  archived: "Kanalen är arkiverad. Här går det inte att skriva.",
  read_only: "Här kan bara vissa skriva. Appens knappar fungerar ändå.",
  not_member: "Du är inte med i den här kanalen, så du kan bara läsa.",
  join: "Gå med",
  private: "privat",
  empty_channel: "Inget har hänt här än. Skriv / för att se vad appen kan.",
  older: "Visa äldre meddelanden",
  edited: "(ändrat)",
  deleted: "Meddelandet är borttaget.",
  only_you: "Bara du ser det här",
  reply_in_thread: "Svara i tråd",
  more_actions: "Fler val",
  copy_link: "Kopiera länk",
  copied: "Länken är kopierad.",
  replies: { one: "{n} svar", other: "{n} svar" },
  thread: "Tråd",
  thread_in: "i {channel}",
  new_message: "Nytt meddelande från {name}: {text}",
  new_below: "Nya meddelanden",
  write_in: "Skriv till {channel}",
  write_reply: "Svara i tråden",
  send: "Skicka",
  shortcuts: "Genvägar",
  no_shortcuts: "Appen har inga genvägar än.",
  commands: "Kommandon",
  commands_in_thread: "Kommandon fungerar inte i trådar. Skriv kommandot i kanalen.",
  running: "Väntar på svar från appen …",
  choose: "Välj …",
  search_more: { one: "Skriv minst {n} tecken", other: "Skriv minst {n} tecken" },
  searching: "Söker …",
  no_hits: "Inget stämmer in på det du skrev",
  suggest_failed: "Appen svarade inte. Försök igen.",
  clear: "Rensa valet",
  remove: "Ta bort {name}",
  optional: "frivilligt",
  characters: "{n} av {max} tecken",
  required: "Fyll i det här.",
  required_choice: "Välj något här.",
  too_short: "Skriv minst {n} tecken.",
  too_long: "Skriv högst {n} tecken.",
  bad_email: "Skriv en e-postadress, till exempel namn@kommun.se.",
  bad_url: "Skriv en hel webbadress, till exempel https://kommun.se.",
  bad_number: "Skriv en siffra.",
  bad_integer: "Skriv ett heltal.",
  too_low: "Skriv minst {n}.",
  too_high: "Skriv högst {n}.",
  errors_left: { one: "{n} fält behöver ändras.", other: "{n} fält behöver ändras." },
  are_you_sure: "Är du säker?",
  yes: "Ja",
  door_closed: "Sandlådan svarar inte. Det du skrev finns kvar. Försök igen om en stund.",
  app_silent: "Appen svarade inte i tid. Försök igen.",
  failed_operation_timeout: "Appen svarade inte inom tre sekunder. Försök igen.",
  failed_dispatch_failed: "Appen gick inte att nå. Försök igen om en stund.",
  failed_unknown_command: "{command} är inget kommando här. Skriv / för att se vilka som finns.",
  failed_home_team_only: "Det här kan bara de som hör till arbetsytan använda.",
  you_left: "{name} är avaktiverad och kan inte göra mer. Du är någon annan nu.",
  line_lost: "Sidan har tappat kontakten med sandlådan och försöker igen.",
  bot_away: "Appen är inte ansluten. Kommandon och knappar får inget svar just nu.",
  cannot_show: "Det här blocket kan inte visas här ({type}).",
  picture: "Bild: {alt}",
  table: "Tabell",
  today: "Idag",
  yesterday: "Igår",
  at: "{day} kl. {time}",
  faults_intro: "För dig som utvärderar: se hur appen klarar att Slack krånglar. Allt gäller bara den här sandlådan.",
  faults_answers: "Slacks svar till appen",
  fault_drop: "Svaret försvinner efter att meddelandet sparats",
  fault_5xx: "Serverfel (5xx)",
  fault_throttle: "För många anrop (429)",
  fault_slow: "Fördröjning före svar",
  fault_lag: "Historiken släpar efter",
  fault_never: "aldrig",
  fault_percent: "{n} % av anropen",
  seconds: "{n} s",
  milliseconds: "{n} ms",
  fault_limits: "Slacks gränser för antal anrop",
  fault_sockets: "Bryt appens anslutning nu",
  fault_revoke: "Dra in appens nyckel",
  fault_restore: "Ge tillbaka nyckeln",
  fault_calm: "Ta bort alla störningar",
  faults_active: "Störningar är på",
  show: "Visa",
  fault_people: "Personer",
  fault_person: "Person",
  fault_deactivate: "Avaktivera",
  fault_reactivate: "Aktivera igen",
  fault_channel: "Den här kanalen",
  fault_archive: "Arkivera",
  fault_unarchive: "Ta tillbaka ur arkivet",
  fault_readonly: "Gör skrivskyddad",
  fault_writable: "Ta bort skrivskyddet",
  fault_kick: "Ta bort appen ur kanalen",
  fault_invite: "Lägg till appen i kanalen",
  saved: "Ändrat.",
};

const EN = {
  skip: "Skip to the messages",
  workspace: "Workspace",
  sandbox: "Sandbox",
  you_are: "You are",
  guest: "guest",
  deactivated: "deactivated",
  go_to: "Go to …",
  go_to_hint: "Channel or person",
  channels: "Channels",
  other_channels: "Channels you are not in",
  direct: "Direct messages",
  apps: "Apps",
  app_tag: "APP",
  home_tab: "Home",
  messages_tab: "Messages",
  home_empty: "The app’s home is empty so far.",
  faults: "Disturbances",
  outside: "Outside Slack",
  menu: "Show channels",
  close: "Close",
  back: "Back",
  cancel: "Cancel",
  dismiss: "Dismiss",
  unread: "{n} unread",
  archived: "This channel is archived. Nobody can write here.",
  read_only: "Only some people can write here. The app’s buttons still work.",
  not_member: "You are not in this channel, so you can only read.",
  join: "Join",
  private: "private",
  empty_channel: "Nothing has happened here yet. Type / to see what the app can do.",
  older: "Show older messages",
  edited: "(edited)",
  deleted: "This message was deleted.",
  only_you: "Only visible to you",
  reply_in_thread: "Reply in thread",
  more_actions: "More actions",
  copy_link: "Copy link",
  copied: "The link is copied.",
  replies: { one: "{n} reply", other: "{n} replies" },
  thread: "Thread",
  thread_in: "in {channel}",
  new_message: "New message from {name}: {text}",
  new_below: "New messages",
  write_in: "Message {channel}",
  write_reply: "Reply in the thread",
  send: "Send",
  shortcuts: "Shortcuts",
  no_shortcuts: "The app has no shortcuts yet.",
  commands: "Commands",
  commands_in_thread: "Commands do not work in threads. Type the command in the channel.",
  running: "Waiting for the app …",
  choose: "Choose …",
  search_more: { one: "Type at least {n} character", other: "Type at least {n} characters" },
  searching: "Searching …",
  no_hits: "Nothing matches what you typed",
  suggest_failed: "The app did not answer. Try again.",
  clear: "Clear the choice",
  remove: "Remove {name}",
  optional: "optional",
  characters: "{n} of {max} characters",
  required: "Fill this in.",
  required_choice: "Choose something here.",
  too_short: "Write at least {n} characters.",
  too_long: "Write at most {n} characters.",
  bad_email: "Write an e-mail address, for example name@council.se.",
  bad_url: "Write a full web address, for example https://council.se.",
  bad_number: "Write a number.",
  bad_integer: "Write a whole number.",
  too_low: "Write at least {n}.",
  too_high: "Write at most {n}.",
  errors_left: { one: "{n} field needs a change.", other: "{n} fields need a change." },
  are_you_sure: "Are you sure?",
  yes: "Yes",
  door_closed: "The sandbox does not answer. What you typed is kept. Try again in a moment.",
  app_silent: "The app did not answer in time. Try again.",
  failed_operation_timeout: "The app did not answer within three seconds. Try again.",
  failed_dispatch_failed: "The app could not be reached. Try again in a moment.",
  failed_unknown_command: "{command} is not a command here. Type / to see which there are.",
  failed_home_team_only: "Only people of this workspace can use this.",
  you_left: "{name} is deactivated and can do no more. You are somebody else now.",
  line_lost: "The page has lost the sandbox and is trying again.",
  bot_away: "The app is not connected. Commands and buttons get no answer right now.",
  cannot_show: "This block cannot be shown here ({type}).",
  picture: "Picture: {alt}",
  table: "Table",
  today: "Today",
  yesterday: "Yesterday",
  at: "{day} at {time}",
  faults_intro: "For those who evaluate: see how the app copes when Slack misbehaves. All this is for this sandbox only.",
  faults_answers: "Slack’s answers to the app",
  fault_drop: "The answer is lost after the message was stored",
  fault_5xx: "Server errors (5xx)",
  fault_throttle: "Too many calls (429)",
  fault_slow: "Delay before the answer",
  fault_lag: "History lags behind",
  fault_never: "never",
  fault_percent: "{n} % of calls",
  seconds: "{n} s",
  milliseconds: "{n} ms",
  fault_limits: "Slack’s limits on the number of calls",
  fault_sockets: "Cut the app’s connection now",
  fault_revoke: "Revoke the app’s token",
  fault_restore: "Give the token back",
  fault_calm: "Remove all disturbances",
  faults_active: "Disturbances are on",
  show: "Show",
  fault_people: "People",
  fault_person: "Person",
  fault_deactivate: "Deactivate",
  fault_reactivate: "Activate again",
  fault_channel: "This channel",
  fault_archive: "Archive",
  fault_unarchive: "Unarchive",
  fault_readonly: "Make read-only",
  fault_writable: "Make writable",
  fault_kick: "Remove the app from the channel",
  fault_invite: "Add the app to the channel",
  saved: "Changed.",
};

const CATALOGUES = { sv: SV, en: EN };
let language = "sv";

/** Speak the language of this Slack locale ("sv-SE", "en-GB"); anything but English means Swedish. */
export function speak(locale) {
  language = String(locale ?? "sv").toLowerCase().startsWith("en") ? "en" : "sv";
  document.documentElement.lang = language;
}

/** The text with this key; `n` chooses between singular and plural. */
export function t(key, values = {}) {
  const entry = CATALOGUES[language][key] ?? SV[key] ?? key;
  const text = typeof entry === "string" ? entry : entry[values.n === 1 ? "one" : "other"];
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const ZONE = "Europe/Stockholm";
const tag = () => (language === "en" ? "en-GB" : "sv-SE");
const format = (date, options) => new Intl.DateTimeFormat(tag(), { timeZone: ZONE, ...options }).format(date);

/** A message's time stamp ("1763716800.000100", Unix seconds) as a Date. */
export function moment(ts) {
  return new Date(Number(ts) * 1000);
}

/** The wall clock in Stockholm, "16.50" in Swedish. */
export function clock(date) {
  const text = format(date, { hour: "2-digit", minute: "2-digit" });
  return language === "sv" ? text.replace(":", ".") : text;
}

/** The local day as a key, "2026-11-21". */
export function dayKey(date) {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short" }).format(date);
}

/** The day in words: today, yesterday, or weekday with date. */
export function dayName(date, now = new Date()) {
  const key = dayKey(date);
  if (key === dayKey(now)) return t("today");
  if (key === dayKey(new Date(now - 86_400_000))) return t("yesterday");
  return capital(format(date, { weekday: "long", day: "numeric", month: "long", ...otherYear(date, now) }));
}

function otherYear(date, now) {
  return dayKey(date).slice(0, 4) === dayKey(now).slice(0, 4) ? {} : { year: "numeric" };
}

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const DATE_TOKENS = {
  date_num: (date) => dayKey(date),
  date: (date) => format(date, { day: "numeric", month: "long", year: "numeric" }),
  date_short: (date) => format(date, { day: "numeric", month: "short", year: "numeric" }),
  date_long: (date) => format(date, { weekday: "long", day: "numeric", month: "long", year: "numeric" }),
  date_pretty: (date) => near(date) ?? DATE_TOKENS.date(date),
  date_short_pretty: (date) => near(date) ?? DATE_TOKENS.date_short(date),
  date_long_pretty: (date) => near(date) ?? DATE_TOKENS.date_long(date),
  day_divider_pretty: (date) => dayName(date),
  time: (date) => clock(date),
  time_secs: (date) => format(date, { timeStyle: "medium" }),
  ago: (date) => ago(date),
};

function near(date) {
  const name = dayName(date);
  return [t("today"), t("yesterday")].includes(name) ? name.toLowerCase() : null;
}

function ago(date) {
  const minutes = Math.round((date - Date.now()) / 60_000);
  const relative = new Intl.RelativeTimeFormat(tag(), { numeric: "auto" });
  if (Math.abs(minutes) < 60) return relative.format(minutes, "minute");
  if (Math.abs(minutes) < 1440) return relative.format(Math.round(minutes / 60), "hour");
  return relative.format(Math.round(minutes / 1440), "day");
}

/** Slack's date tokens ("{date_long} {time}") filled in for this moment. */
export function dateTokens(pattern, date) {
  return pattern.replaceAll(/\{(\w+)\}/g, (whole, name) => DATE_TOKENS[name]?.(date) ?? whole);
}
