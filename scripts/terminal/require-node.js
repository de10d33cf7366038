/**
 * Loaded before a command (`node --import`), in JavaScript, because an old Node cannot read TypeScript. npm installs a Node for
 * the project, but not if its setting `ignore-scripts` is on.
 */
if (!process.features.typescript) {
  console.error(`
This command needs Node 22.18 or newer, and this is Node ${process.version}. The project brings its own Node, but it is not
installed completely. This happens if npm's setting ignore-scripts is on.

To install it: npm rebuild node --ignore-scripts=false`);
  process.exit(1);
}
