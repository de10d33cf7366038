import { type Git, isAncestor, readFileAt } from "../git/git.ts";
import { type OwnHistory, readTemplateCommit, readTrailer } from "../git/past-updates.ts";
import type { ScratchRepository, TemplateAddress } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets } from "../terminal/text.ts";
import type { Options } from "./command-line.ts";
import type { Copy } from "./find-update.ts";
import { checkSignature, SIGNERS_FILE, signersIn } from "./signature.ts";

/** Chooses what to merge: the newest release, or the newest commit of the branch. */

/** Names the release that an update brought. */
const RELEASE_TRAILER = "Template-Release";
const SIGNER_TRAILER = "Template-Signed-By";
/** Says what was wrong with a release that the owner took all the same. */
const UNVERIFIED_TRAILER = "Template-Unverified";

export interface Target {
  commit: string;
  /** What the message of the merge notes. */
  trailers: string[];
  /** What it is, and what was verified. */
  description: string;
}

interface Release {
  /** `v1.2.3` */
  name: string;
  commit: string;
}

type Choice = Pick<Options, "edge" | "unverified">;

/** @throws {CommandError} if the newest release is not what a copy should take */
export async function chooseTarget(
  { git, tip }: ScratchRepository,
  { owner, own }: Copy,
  { branch }: TemplateAddress,
  { edge, unverified }: Choice,
): Promise<Target> {
  const newestCommit = `the newest commit of the template's branch ${branch}`;
  const signers = (await readFileAt(git, owner, SIGNERS_FILE)) ?? "";
  const demandsSignature = signersIn(signers).length > 0;
  if (edge) return takeCommit(tip, newestCommit, demandsSignature ? "--edge" : undefined);

  const releases = await listReleases(git, tip);
  const [newest] = releases;
  if (newest === undefined) {
    const past = findPastRelease(own);
    if (!demandsSignature && past === undefined)
      return takeCommit(tip, `${newestCommit}, because it has no releases yet`);
    const reason = demandsSignature ? `your ${SIGNERS_FILE} demands a signed one` : `your copy has ${past?.name}`;
    throw new CommandError(
      `The template has no release, but ${reason}.`,
      `To take ${newestCommit}, without a signature: npm run update-repo -- --edge`,
    );
  }

  const problems = await comparePast(git, own, tip, releases);
  if (problems.length === 0 && (await isAncestor(git, newest.commit, owner)))
    return { commit: newest.commit, trailers: [], description: "" };
  const verdict = demandsSignature ? await checkSignature(git, `refs/tags/${newest.name}`, signers) : undefined;
  if (verdict?.problem !== undefined) problems.push(`${newest.name}: ${verdict.problem}.`);
  if (problems.length > 0 && !unverified) throw refuse(newest, problems);
  return takeRelease(newest, problems, verdict?.signer);
}

function refuse({ name }: Release, problems: string[]): CommandError {
  return new CommandError(
    `The template's newest release, ${name}, cannot be trusted:\n\n${bullets(problems)}\n`,
    "Ask the template's maintainers. If you know that it is all right: npm run update-repo -- --unverified",
  );
}

function takeCommit(commit: string, what: string, flag?: string): Target {
  const trailers = flag === undefined ? [] : [`${UNVERIFIED_TRAILER}: ${flag}`];
  return { commit, trailers, description: `This takes ${what}. No signature was checked.` };
}

function takeRelease({ name, commit }: Release, problems: string[], signer: string | undefined): Target {
  const trailers = [`${RELEASE_TRAILER}: ${name}`];
  if (problems.length > 0) {
    return {
      commit,
      trailers: [...trailers, ...problems.map((problem) => `${UNVERIFIED_TRAILER}: ${problem}`)],
      description: `Release ${name}, which you take although:\n\n${bullets(problems)}`,
    };
  }
  if (signer === undefined) {
    const description = `Release ${name}. Its signature was not checked, because your ${SIGNERS_FILE} names nobody.`;
    return { commit, trailers, description };
  }
  return {
    commit,
    trailers: [...trailers, `${SIGNER_TRAILER}: ${signer}`],
    description: `Release ${name}. Verified: it is signed by ${signer}, whom your ${SIGNERS_FILE} allows.`,
  };
}

/**
 * The tags `v1.2.3` of the branch, the highest version first. A pre-release, such as `v1.2.3-rc.1`, is none for owners. Nor is
 * a tag that a rewritten history has left behind.
 */
async function listReleases(git: Git, tip: string): Promise<Release[]> {
  // For a signed tag, the commit is what the tag names; for a plain one, it is the tag itself.
  const object = "%(if)%(*objectname)%(then)%(*objecttype) %(*objectname)%(else)%(objecttype) %(objectname)%(end)";
  const format = `--format=%(refname:strip=2) ${object}`;
  const lines = (await git.run("for-each-ref", format, `--merged=${tip}`, "refs/tags")).split("\n");
  const releases = lines.flatMap((line) => {
    const [, name, commit] = /^(v\d+\.\d+\.\d+) commit ([0-9a-f]+)$/.exec(line) ?? [];
    return name === undefined || commit === undefined ? [] : [{ name, commit }];
  });
  return releases.sort((one, other) => compareVersions(other.name, one.name));
}

/** @returns a positive number if the first version is higher */
function compareVersions(one: string, other: string): number {
  const [ours, theirs] = [one, other].map((name) => name.slice(1).split(".").map(Number));
  const differences = (ours ?? []).map((number, index) => number - (theirs?.[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** What speaks against the releases, from what the last update has noted. */
async function comparePast(git: Git, own: OwnHistory, tip: string, releases: Release[]): Promise<string[]> {
  const past = findPastRelease(own);
  if (past === undefined) return [];

  const [newest] = releases;
  const same = releases.find(({ name }) => name === past.name);
  const problems: string[] = [];
  if (newest !== undefined && compareVersions(newest.name, past.name) < 0)
    problems.push(`${newest.name} is older than ${past.name}, which your copy has.`);
  // After a rewritten history, all releases have other commits, and the owner is asked for that reason.
  const isMoved = same !== undefined && same.commit !== past.commit && (await isAncestor(git, past.commit, tip));
  if (isMoved) {
    const [from, to] = [past.commit, same.commit].map((commit) => commit.slice(0, 7));
    problems.push(`${past.name} was moved, from ${from}, which your copy has, to ${to}. A release never changes.`);
  }
  return problems;
}

function findPastRelease({ commits }: OwnHistory): Release | undefined {
  for (const { message } of commits) {
    const [name, commit] = [readTrailer(message, RELEASE_TRAILER), readTemplateCommit(message)];
    if (name !== undefined && commit !== undefined && /^v\d+\.\d+\.\d+$/.test(name)) return { name, commit };
  }
  return undefined;
}
