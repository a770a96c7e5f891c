/** Disturbances, for people who evaluate: what Slack can do to the app, people and channels. */

import { attempt } from "./acting.js";
import { door } from "./api.js";
import { fill, h, uid } from "./dom.js";
import { icon } from "./icons.js";
import { channelName, isDirect } from "./names.js";
import { openChannel, session } from "./session.js";
import { t } from "./texts.js";
import { busy, toast } from "./toasts.js";

const SHARES = [0, 0.1, 0.3, 0.6, 1];
const DELAYS_MS = [0, 500, 2000, 4000];
const LAGS_S = [0, 5, 20, 60];
const CALM = { drop_after_store: 0, error_5xx: 0, throttle: 0, slow_ms: 0, history_lag_s: 0, revoked: false };

/** The drawer. `changed()` is called after every change; `close()` puts it away. */
export class Drawer {
  constructor(node, { changed, close }) {
    Object.assign(this, { node, changed, close, chosen: null });
  }

  /** Show the switches as they stand. */
  draw() {
    const title = uid("title");
    this.node.setAttribute("aria-labelledby", title);
    fill(this.node,
      h("header", { class: "side-head" }, h("h2", { id: title, class: "side-title", tabindex: "-1" }, t("faults")), h("button", { type: "button", class: "icon-button", "aria-label": t("close"), on: { click: () => this.close() } }, icon("close"))),
      h("div", { class: "drawer-body" }, h("p", { class: "drawer-intro" }, t("faults_intro")), this.answers(), this.people(), this.channel()));
  }

  answers() {
    const faults = session.workspace.faults ?? {};
    const share = (value) => (value ? t("fault_percent", { n: Math.round(value * 100) }) : t("fault_never"));
    const slow = faults.slow_ms?.probability ? faults.slow_ms.ms : 0;
    return group(t("faults_answers"),
      this.level("drop_after_store", t("fault_drop"), SHARES, faults.drop_after_store?.probability, share),
      this.level("error_5xx", t("fault_5xx"), SHARES, faults.error_5xx?.probability, share),
      this.level("throttle", t("fault_throttle"), SHARES, faults.throttle?.probability, share),
      this.level("slow_ms", t("fault_slow"), DELAYS_MS, slow, (n) => (n ? t("milliseconds", { n }) : t("fault_never"))),
      this.level("history_lag_s", t("fault_lag"), LAGS_S, faults.history_lag_s, (n) => (n ? t("seconds", { n }) : t("fault_never"))),
      this.limits(faults.limits?.on !== false),
      h("div", { class: "drawer-buttons" },
        this.deed("sockets", t("fault_sockets"), () => door.faults({ socket_drop: true })),
        this.deed("revoke", t(faults.revoked ? "fault_restore" : "fault_revoke"), () => door.faults({ revoked: !faults.revoked })),
        this.deed("calm", t("fault_calm"), () => door.faults(CALM))));
  }

  limits(on) {
    const change = (event) => this.run(event.target, () => door.faults({ limits: event.target.checked }));
    return h("label", { class: "tick-label drawer-row" }, h("input", { type: "checkbox", checked: on, data: { key: "fault/limits" }, on: { change } }), h("span", null, t("fault_limits")));
  }

  level(name, label, values, current = 0, say) {
    const id = uid("fault");
    const known = values.includes(current) ? values : [...values, current].sort((a, b) => a - b);
    const change = (event) => this.run(event.target, () => door.faults({ [name]: Number(event.target.value) }));
    const options = known.map((value) => h("option", { value: String(value), selected: value === current }, say(value)));
    return h("div", { class: "drawer-row" }, h("label", { for: id }, label), h("div", { class: "select" }, h("select", { id, class: "control", data: { key: `fault/${name}` }, on: { change } }, options), icon("down", "icon combo-arrow")));
  }

  people() {
    const people = session.workspace.people;
    this.chosen = people.find((one) => one.id === this.chosen?.id) ?? people[0];
    const id = uid("fault");
    const pick = (event) => { this.chosen = people[event.target.value]; this.draw(); this.node.querySelector("[data-key='fault/person']").focus(); };
    const options = people.map((one, index) => h("option", { value: String(index), selected: one === this.chosen }, one.deleted ? `${one.name} (${t("deactivated")})` : one.name));
    const { deleted } = this.chosen ?? {};
    return group(t("fault_people"),
      h("div", { class: "drawer-row" }, h("label", { for: id }, t("fault_person")), h("div", { class: "select" }, h("select", { id, class: "control", data: { key: "fault/person" }, on: { change: pick } }, options), icon("down", "icon combo-arrow"))),
      h("div", { class: "drawer-buttons" }, this.deed("deactivate", t(deleted ? "fault_reactivate" : "fault_deactivate"), () => door.person(this.chosen.id, { deleted: !deleted }))));
  }

  channel() {
    const channel = openChannel();
    if (!channel || isDirect(channel)) return null;
    const bot = session.workspace.bot?.user;
    const change = (body) => () => door.channel(channel.id, body);
    return group(`${t("fault_channel")}: ${channelName(channel)}`, h("div", { class: "drawer-buttons" },
      this.deed("archive", t(channel.archived ? "fault_unarchive" : "fault_archive"), change({ archived: !channel.archived })),
      this.deed("read-only", t(channel.read_only ? "fault_writable" : "fault_readonly"), change({ read_only: !channel.read_only })),
      bot && this.deed("invite", t("fault_invite"), change({ invite: bot })),
      bot && this.deed("kick", t("fault_kick"), change({ kick: bot }))));
  }

  deed(name, label, work) {
    return h("button", { type: "button", class: "button", data: { key: `deed/${name}` }, on: { click: (event) => this.run(event.currentTarget, work) } }, label);
  }

  async run(control, work) {
    const key = control.dataset.key;
    const answer = await busy(control, () => attempt(work));
    if (!answer) return;
    toast(answer.ok === false ? answer.error : t("saved"), { error: answer.ok === false });
    await this.changed();
    this.draw();
    (this.node.querySelector(`[data-key="${CSS.escape(key)}"]`) ?? this.node.querySelector(".side-title")).focus();
  }
}

function group(title, ...children) {
  return h("section", { class: "drawer-group" }, h("h3", null, title), children);
}
