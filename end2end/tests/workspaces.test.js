// Teams and workspaces: what each person sees of them, and what nobody else does.

import assert from "node:assert/strict";

import { scene } from "../support/browser.js";
import { expectStatus } from "../support/complaints.js";
import { ADAM, ARIA, MIA, NICO, OLIVIA, signIn } from "../support/people.js";
import { TEAM, goTo, goToTeam, goToWorkspace, northwind, pathOf } from "../support/ways.js";

const NOTHING_HERE = /^Nothing here\n+There is nothing here that you can see\.\n+Back to the console\n+Request req_[0-9a-z]{26}$/;

const STUDIO = "Kestrel Studio";

// What each is to Northwind and to its workspaces, in how many of which they are; and to the other team.
const PLACES = [
  [OLIVIA, "owner", "owner", ["production", "staging", "warehouse"], []],
  [ADAM, "member", "admin", ["production", "staging", "warehouse"], [[STUDIO, "Team", "member", "1"]]],
  [MIA, "member", "member", ["production", "staging"], [[STUDIO, "Team", "owner", "2"]]],
  [ARIA, "member", "readonly", ["production", "staging", "warehouse"], [[STUDIO, "Team", "billing", "1"]]],
];

// The table's rows as texts, cell by cell.
async function cells(page, caption) {
  const rows = await page.getByRole("table", { name: caption }).getByRole("row").all();
  const texts = await Promise.all(rows.map((row) => row.getByRole("cell").or(row.getByRole("rowheader")).allInnerTexts()));
  return texts.filter((row) => row.length > 0).map((row) => row.map((text) => text.trim()));
}

for (const [person, teamRole, role, words, others] of PLACES) {
  scene(`${person} finds the team as its ${teamRole} and its workspaces as ${role}`, async (open) => {
    const page = await open();
    await signIn(page, person);
    await goTo(page, "Teams");
    const teams = await cells(page, "Your teams");
    assert.deepEqual(teams.map((row) => row.slice(0, 4)).toSorted(), [
      [TEAM, "Team", teamRole, String(words.length)],
      [person, "Personal", "owner", "1"],
      ...others,
    ].toSorted());

    await goToTeam(page);
    const workspaces = await cells(page, "Your workspaces");
    assert.deepEqual(workspaces.map(([, itsRole]) => itsRole), words.map(() => role));
    assert.deepEqual(workspaces.map(([, , , slug]) => slug.replace(/-[a-z0-9]+$/, "")).toSorted(), words);

    await goToWorkspace(page, "staging");
    assert.match(await page.getByRole("banner").innerText(), new RegExp(`${TEAM}\\s+.+\\s+${role}`));
  });
}

scene("The newcomer finds their own team and workspace and nobody else's", async (open) => {
  const page = await open();
  await signIn(page, NICO);
  await goTo(page, "Teams");
  assert.deepEqual((await cells(page, "Your teams")).map((row) => row.slice(0, 4)), [[NICO, "Personal", "owner", "1"]]);
  await goTo(page, "Workspaces");
  const workspaces = await cells(page, "Your workspaces");
  assert.deepEqual(workspaces.map((row) => row.slice(0, 2)), [["My workspace", "owner"]]);
});

for (const [person, , role] of PLACES.slice(2)) {
  scene(`Nothing on any page lets ${person}, ${role}, change the workspace`, async (open) => {
    const page = await open();
    await signIn(page, person);
    await goToWorkspace(page, "production");
    for (const entry of ["Overview", "Settings"]) {
      await goTo(page, entry);
      await page.getByRole("heading", { level: 1 }).waitFor();
      const main = page.getByRole("main");
      assert.equal(await main.locator("form, input, select, textarea").count(), 0, `${entry} has no form`);
      const names = await main.getByRole("button").evaluateAll((all) => all.map((button) => button.ariaLabel));
      assert.ok(names.every((name) => name?.startsWith("Copy ")), `${entry} has only buttons that copy: ${names}`);
      // The search's form only leads somewhere.
      const actions = await page.locator("form:not(#palette form)").evaluateAll((forms) => forms.map((form) => new URL(form.action).pathname));
      assert.deepEqual(actions.toSorted(), ["/sign-out", "/theme"], `the only forms of ${entry}`);
      const links = await main.getByRole("link").allInnerTexts();
      assert.ok(!links.some((text) => /name|rename/i.test(text)), `${entry} leads to no renaming: ${links}`);
    }
    assert.match(await page.getByRole("main").innerText(), /Name\s+Northwind Production/);
  });

  scene(`A form that ${person}, ${role}, made by hand is refused, and names the permission`, async (open) => {
    const { production } = await northwind(open);
    const page = await open();
    await signIn(page, person);
    await goToWorkspace(page, "production");
    const name = await page.getByRole("heading", { level: 1 }).innerText();
    const key = await page.locator("input[name=form]").first().inputValue();
    const form = { form: key, place: production.replace("/w/", ""), version: "1", name: "Mine now" };
    const answer = await page.request.post(`${production}/settings/name`, { form, maxRedirects: 0 });
    assert.equal(answer.status(), 403);
    assert.match(await answer.text(), /RenameWorkspace/);
    await page.reload();
    assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), name);
  });
}

scene("What belongs to others looks exactly like what does not exist", async (open) => {
  const { production, team } = await northwind(open);
  const page = await open();
  await signIn(page, NICO);
  expectStatus(page, 404);
  const texts = [];
  const answers = [];
  for (const [place, word] of [[production, "w"], [team, "t"]]) {
    const unknown = `/${word}/${place.slice(3).replace(/.$/, (last) => (last === "x" ? "y" : "x"))}`;
    const pages = word === "w" ? ["", "/settings"] : ["/teams", "/workspaces"];
    for (const address of pages.flatMap((tail) => [place + tail, unknown + tail])) {
      const answer = await page.goto(address);
      answers.push(JSON.stringify([answer.status(), Object.keys(answer.headers()).toSorted(), await page.title(), (await answer.body()).length]));
      texts.push(await page.getByRole("main").innerText());
      assert.equal(pathOf(page), address);
    }
  }
  for (const text of texts) assert.match(text, NOTHING_HERE);
  assert.equal(new Set(answers).size, 1, `not even by status, headers, title or length: ${answers.join("\n")}`);
  assert.equal(JSON.parse(answers[0])[0], 404);
});
