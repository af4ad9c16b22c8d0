// Adds privileges to one security role of the environment that this page belongs to.
// __PROVENANCE__
//
// How to run it: sign in as a System Administrator, open https://<your org>.crm.dynamics.com (any page of it),
// press F12, paste the whole of this into the console and press Enter. Running it again changes nothing more.
//
// It only adds and deepens; it never removes and never lowers. Before it writes, it saves what the role holds as a file,
// and after it wrote, it reads back, compares, and prints what would undo it.
(async () => {
  "use strict";

  // true: say what would be done, and change nothing.
  const dryRun = false;

  const patch = __PATCH__;

  const depths = ["None", "Basic", "Local", "Deep", "Global"];
  // Role templates, which have the same ids everywhere while names are translated: System Administrator, Support User.
  const untouchable = ["627090ff-40a3-4053-8790-584edc5be201", "2d101bb3-5ced-4122-83f1-94d5efde4e3b"];
  const roleColumns = "roleid,name,ismanaged,iscustomizable,isinherited," +
    "_businessunitid_value,_parentroleid_value,_parentrootroleid_value,_roletemplateid_value";
  const advice = {
    "0x8004140b": "This environment does not allow that depth for that privilege. Nothing of this request was written.",
    "0x80040217": "The role or a privilege is gone, or the page belongs to another environment.",
    "0x80040220": "The signed-in user may not change roles (prvWriteRole). Sign in as a System Administrator.",
  };
  const adviceByStatus = {
    401: "The session has ended. Reload the page, sign in, and run this again.",
    403: "The signed-in user may not do this. Sign in as a System Administrator.",
    404: "Run this on a page of the environment itself, https://<your org>.crm.dynamics.com.",
    429: "The service asks to slow down. Wait five minutes and run this again: it goes on where it stopped.",
  };

  // In a model-driven app, Xrm knows the address even where it is not the page's origin (on-premises: /orgname).
  const home = globalThis.Xrm?.Utility?.getGlobalContext?.()?.getClientUrl?.() ?? location.origin;
  const root = new URL(home.replace(/\/+$/, "") + "/api/data/v9.2/");

  const say = (...words) => console.log("prvgap:", ...words);
  const warn = (...words) => console.warn("prvgap:", ...words);
  const fail = (text) => { throw new Error("prvgap: " + text); };

  // An OData string doubles its quotes; what stands around it is percent-encoded as a whole.
  const literal = (text) => "'" + text.replaceAll("'", "''") + "'";
  const query = (columns, filter) => "$select=" + columns + "&$filter=" + encodeURIComponent(filter);
  const chunks = (list, size) =>
    Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

  // The API names depths in some answers and numbers them from 0 in others. RecordFilter (4) has no place in the order.
  const depthOf = (value) => (typeof value === "number" ? depths[value + 1] : value) ?? "RecordFilter";
  const rank = (depth) => depths.indexOf(depth);

  function refusal(status, text) {
    let code = "", message = text.slice(0, 500);
    try {
      ({ code = "", message = "" } = JSON.parse(text).error);
    } catch {
      // A proxy or a sign-in page answers in HTML; its first words have to do.
    }
    const hint = advice[String(code).toLowerCase()] ?? adviceByStatus[status] ?? "";
    return new Error(`prvgap: HTTP ${status} ${code}: ${message} ${hint}`.trim());
  }

  async function call(path, body) {
    const url = new URL(path, root);
    if (url.origin !== root.origin) fail("the service points to another host: " + url.origin);
    const answer = await fetch(url, {
      method: body ? "POST" : "GET",
      credentials: "same-origin",
      headers: {
        "Accept": "application/json",
        "Content-Type": "application/json; charset=utf-8",
        "OData-Version": "4.0",
        "OData-MaxVersion": "4.0",
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw refusal(answer.status, text);
    if (text === "") return null;
    try {
      return JSON.parse(text);
    } catch {
      return fail("the answer is not JSON. " + adviceByStatus[404]);
    }
  }

  // rows reads a collection to its last page; only the service knows how long a page is.
  async function rows(path) {
    const all = [];
    for (let next = path; next; ) {
      const page = await call(next);
      all.push(...page.value);
      next = page["@odata.nextLink"];
    }
    return all;
  }

  // findRole gives the copy in the root business unit: the only one that can be written to, the others follow it.
  async function findRole() {
    const { id, name } = patch.role;
    if (id) {
      const byId = (roleid) => rows("roles?" + query(roleColumns, "roleid eq " + roleid));
      let [role] = await byId(id);
      if (role?._parentroleid_value) [role] = await byId(role._parentrootroleid_value);
      if (role && name && role.name !== name) warn(`the role with the id of ${name} is called ${role.name} here.`);
      if (role) return role;
      // An exported file may carry a template's id, or that of another environment: then the name decides.
    }
    const wanted = name || globalThis.prompt?.("prvgap: the base had no name. Which role is to be changed?");
    if (!wanted) fail(id ? "this environment has no role with the id " + id + "." : "no role was named.");
    const found = await rows("roles?" + query(roleColumns, `name eq ${literal(wanted)} and _parentroleid_value eq null`));
    if (found.length === 0) fail(`this environment has no role that is called ${wanted}.`);
    if (found.length > 1) fail(`${found.length} roles are called ${wanted}: ${found.map((r) => r.roleid).join(", ")}. Rename one.`);
    return found[0];
  }

  function checkRole(role) {
    if (untouchable.includes(role._roletemplateid_value) || role.name === "System Administrator") {
      fail(`the role ${role.name} is one that the platform lets nobody change.`);
    }
    if (role.iscustomizable?.Value === false) {
      fail(`the role ${role.name} is not customizable. Use the companion role instead: prvgap patch --form companion.`);
    }
    if (role.ismanaged) {
      warn(`the role ${role.name} is managed: the change is an unmanaged layer, which can hide later updates of its vendor.`);
    }
  }

  async function read(role) {
    const id = encodeURIComponent(role.roleid);
    const answer = await call(`RetrieveRolePrivilegesRole(RoleId=@id)?@id=${id}`);
    return answer.RolePrivileges;
  }

  const byId = (privileges) => new Map(privileges.map((p) => [p.PrivilegeId.toLowerCase(), p]));

  async function lookUp(names) {
    const known = new Map();
    const columns = "privilegeid,name,canbebasic,canbelocal,canbedeep,canbeglobal";
    // Twenty names keep the address short enough for any proxy.
    for (const some of chunks(names, 20)) {
      const filter = some.map((name) => "name eq " + literal(name)).join(" or ");
      for (const row of await rows("privileges?" + query(columns, filter))) known.set(row.name.toLowerCase(), row);
    }
    return known;
  }

  // legalDepth gives the wanted depth where it is legal, else the next higher one, else the deepest there is.
  function legalDepth(row, wanted) {
    const legal = depths.filter((depth) => row["canbe" + depth.toLowerCase()] === true);
    return legal.find((depth) => rank(depth) >= rank(wanted)) ?? legal.at(-1);
  }

  // plan decides on one wanted privilege: a change, nothing, or a reason why it cannot be done.
  function plan({ privilege, depth }, row, held) {
    if (!row) return { problem: `${privilege}: this environment has no such privilege.` };
    const to = legalDepth(row, depth);
    if (!to) return { problem: `${privilege}: no depth is legal for it here.` };
    const from = held ? depthOf(held.Depth) : "None";
    if (rank(from) < 0) return { problem: `${privilege}: held with depth ${from}, which is not replaced. Decide by hand.` };
    if (rank(from) >= Math.min(rank(depth), rank(to))) return { kept: `${row.name}: ${from} is held already.` };
    const widened = rank(to) > rank(depth), short = rank(to) < rank(depth);
    const note = widened ? ` (${depth} is not legal here: WIDER than asked for)`
      : short ? ` (${depth} is not legal here, and no depth above it: LESS than asked for)` : "";
    return { change: { id: row.privilegeid.toLowerCase(), name: row.name, from, to, note } };
  }

  function saveRollback(role, privileges) {
    const text = JSON.stringify({ role, RolePrivileges: privileges }, null, 1);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = `prvgap-rollback-${role.roleid}-${new Date().toISOString().replace(/[:.]/g, "")}.json`;
    link.click();
    say("rollback: what the role held before, also downloaded as " + link.download);
    console.log(text);
  }

  const grant = (change, depth, unit) =>
    ({ PrivilegeId: change.id, Depth: depth, BusinessUnitId: unit, PrivilegeName: change.name });

  // What Add does with a depth below the held one is not documented, so a raised one is removed and added anew.
  function printUndo(action, done, unit) {
    const steps = done.flatMap((c) => [
      ["RemovePrivilegeRole", { PrivilegeId: c.id }],
      ...(c.from === "None" ? [] : [["AddPrivilegesRole", { Privileges: [grant(c, c.from, unit)] }]]),
    ]);
    if (steps.length === 0) return;
    const lines = steps.map((s) => "  " + JSON.stringify(s)).join(",\n");
    say("undo: paste this into the same console.");
    console.log(`for (const [action, body] of [\n${lines},\n]) {\n` +
      `  const answer = await fetch(${JSON.stringify(action)} + action,\n` +
      `    { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });\n` +
      `  console.log(action, answer.status, await answer.text());\n}`);
  }

  // compare says what differs from what was planned, and whether anything else of the role changed meanwhile.
  function compare(before, after, changes) {
    const planned = new Map(changes.map((c) => [c.id, c]));
    const differs = [];
    for (const c of changes) {
      const now = after.has(c.id) ? depthOf(after.get(c.id).Depth) : "None";
      if (now !== c.to) differs.push(`${c.name}: ${c.to} was sent, ${now} is held.`);
    }
    for (const [id, p] of before) {
      const now = after.has(id) ? depthOf(after.get(id).Depth) : "None";
      if (!planned.has(id) && now !== depthOf(p.Depth)) {
        differs.push(`${p.PrivilegeName ?? id}: was ${depthOf(p.Depth)}, is ${now}, and this script did not ask for it.`);
      }
    }
    return differs;
  }

  async function write(role, changes, before) {
    const [unit] = await rows("businessunits?" + query("businessunitid", "_parentbusinessunitid_value eq null"));
    const action = new URL(`roles(${role.roleid})/Microsoft.Dynamics.CRM.`, root).href;
    saveRollback(role, before);
    const done = [];
    try {
      for (const some of chunks(changes, 50)) {
        await call(action + "AddPrivilegesRole", { Privileges: some.map((c) => grant(c, c.to, unit.businessunitid)) });
        done.push(...some);
      }
      return compare(byId(before), byId(await read(role)), changes);
    } finally {
      // Printed after a refusal too: the chunks before it are written.
      printUndo(action, done, unit.businessunitid);
    }
  }

  async function main() {
    const role = await findRole();
    checkRole(role);
    const before = await read(role);
    const held = byId(before);
    say(`role ${role.name} (${role.roleid}) holds ${before.length} privileges.`);
    const known = await lookUp(patch.wanted.map((w) => w.privilege));
    const plans = patch.wanted.map((w) => {
      const row = known.get(w.privilege.toLowerCase());
      return plan(w, row, row && held.get(row.privilegeid.toLowerCase()));
    });
    const changes = plans.flatMap((p) => p.change ?? []);
    const problems = plans.flatMap((p) => p.problem ?? []);
    plans.flatMap((p) => p.kept ?? []).forEach((line) => say(line));
    changes.forEach((c) => say(`${c.name}: ${c.from} -> ${c.to}${c.note}`));
    problems.forEach((line) => warn(line));
    if (changes.length > 0 && !dryRun) problems.push(...await write(role, changes, before));
    if (problems.length > 0) fail("not everything is as wanted:\n" + problems.join("\n"));
    const count = changes.length === 0 ? "nothing to change" : `${changes.length} privileges ${dryRun ? "would be written" : "written and read back"}`;
    say(`done: ${count}.`);
  }

  await main();
})();
