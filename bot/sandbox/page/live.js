/** What happens meanwhile, as the sandbox tells it: one stream of events, taken up again when it breaks. */

const AWAY_MS = 30_000;
const AGAIN_MS = 2_000;

/** Follow the events of one person. `hear(event)` gets each; `line(stands, missed)` hears whether the
 * stream stands, and whether something may have been missed. */
export class Live {
  constructor({ hear, line }) {
    Object.assign(this, { hear, line, person: null, source: null });
    document.addEventListener("visibilitychange", () => this.onVisible());
  }

  /** Follow this person from now on. */
  follow(person) {
    this.person = person;
    this.connect();
  }

  connect() {
    this.source?.close();
    clearTimeout(this.again);
    const source = new EventSource(`door/events?person=${encodeURIComponent(this.person)}`);
    this.source = source;
    source.onopen = () => { this.line(true, this.missed); this.missed = false; };
    source.onmessage = (event) => this.hear(JSON.parse(event.data));
    source.onerror = () => this.lost(source);
  }

  lost(source) {
    if (source !== this.source) return;
    this.missed = true;
    this.line(false);
    if (source.readyState === EventSource.CLOSED) this.again = setTimeout(() => this.connect(), AGAIN_MS);
  }

  /** A page in the background lets go of its stream: browsers allow only six to one place. */
  onVisible() {
    clearTimeout(this.leave);
    if (document.hidden) this.leave = setTimeout(() => this.rest(), AWAY_MS);
    else if (this.person && !this.source) this.connect();
  }

  rest() {
    this.source?.close();
    this.source = null;
    this.missed = true;
  }
}
