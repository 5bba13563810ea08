/**
 * Who may import whom: apps → domains → contract and platform → kernel. Each rule's comment is the sentence that a
 * failure prints; test/architecture plants a fault for each of them.
 */
const OURS = '^(apps|libs|scripts|test)/';
const SPEC = '\\.(spec|fixture)\\.m?[jt]s$';
/** What tests are made of, and no program is. */
const TESTING = '^libs/platform/(testing|conformance)/';

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  {
    name: 'no-cycle',
    comment: 'Two files that need each other are one file, or miss a third that both need: break the circle.',
    severity: 'error',
    from: {},
    to: { circular: true },
  },
  {
    name: 'nobody-knows-a-process',
    comment: 'An app is a process with a list of modules and no logic: move what is needed into libs.',
    severity: 'error',
    from: { path: '^(libs|schemas)/', pathNot: SPEC },
    to: { path: '^apps/' },
  },
  {
    name: 'no-domain-knows-another',
    comment: "A domain learns about another from its events only: import the event's type from libs/contract.",
    severity: 'error',
    from: { path: '^libs/domains/([^/]+)/' },
    to: { path: '^libs/domains/', pathNot: '^libs/domains/$1/' },
  },
  {
    name: 'platform-knows-no-domain',
    comment: 'The platform carries any domain: hand the domain in from outside instead of importing it.',
    severity: 'error',
    from: { path: '^libs/(platform|contract)/' },
    to: { path: '^libs/domains/' },
  },
  {
    name: 'contract-knows-only-the-kernel',
    comment: 'The contract is what everybody reads, so it depends on nothing of ours but the kernel.',
    severity: 'error',
    from: { path: '^libs/contract/', pathNot: SPEC },
    to: { path: OURS, pathNot: '^libs/(contract|platform/kernel)/' },
  },
  {
    name: 'kernel-knows-nothing',
    comment: 'The kernel is under everything: it imports nothing of ours.',
    severity: 'error',
    from: { path: '^libs/platform/kernel/', pathNot: SPEC },
    to: { path: OURS, pathNot: '^libs/platform/kernel/' },
  },
  {
    name: 'decider-is-pure',
    comment:
      "A decider imports the kernel and its own domain's commands, events, states and other deciders, and nothing that could read a clock, make an id or do I/O: pass those in as data.",
    severity: 'error',
    from: { path: '^libs/domains/([^/]+)/.*\\.decider\\.ts$' },
    to: {
      pathNot: [
        '^libs/platform/kernel/',
        '^libs/contract/',
        '^libs/domains/$1/.+\\.(commands|events|state|decider)\\.ts$',
      ],
    },
  },
  {
    name: 'decider-takes-types-of-the-contract',
    comment: "Of the contract a decider needs the events' types only: write `import type`.",
    severity: 'error',
    from: { path: '^libs/domains/.+\\.decider\\.ts$' },
    to: { path: '^libs/contract/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'controller-knows-no-log',
    comment: 'A controller makes a command or a query of a request: what reads and writes the log stands behind those.',
    severity: 'error',
    from: { path: '^libs/domains/.+\\.controller\\.ts$' },
    to: {
      path: '^libs/platform/(event-log|event-store|event-codec)/',
      pathNot: '^libs/platform/event-store/cursor\\.ts$',
    },
  },
  {
    name: 'projection-knows-no-command',
    comment: 'A read model follows from events alone: nothing that decides may be seen from it.',
    severity: 'error',
    from: { path: ['\\.(projection|fold)\\.ts$', '^libs/(domains/[^/]+|platform)/projections/'], pathNot: SPEC },
    to: { path: ['\\.(commands|decider)\\.ts$', '^libs/platform/commands/'] },
  },
  {
    name: 'judge-knows-nothing-of-the-accused',
    comment: 'What judges or measures the product from outside may not share its code, or it shares its bugs.',
    severity: 'error',
    from: { path: '^test/(resilience|bench)/' },
    to: { path: '^(apps|libs|scripts)/' },
  },
  {
    name: 'product-knows-no-test',
    comment: 'What runs in production imports no spec, no fixture and no test set-up.',
    severity: 'error',
    from: { path: '^(apps|libs)/', pathNot: [SPEC, TESTING] },
    to: { path: [SPEC, TESTING, '^test/'] },
  },
  {
    name: 'product-needs-no-development-package',
    comment: 'A package that production code imports stands in "dependencies" of package.json.',
    severity: 'error',
    from: { path: '^(apps|libs)/', pathNot: [SPEC, TESTING] },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'import-leads-somewhere',
    comment: 'The imported file or package is not there.',
    severity: 'error',
    from: { path: OURS },
    to: { couldNotResolve: true },
  },
];

export default {
  forbidden,
  options: {
    // TypeScript 7 has no JavaScript API; swc reads the same syntax, and type-only imports are told apart.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules'] },
    exclude: { path: ['^dist/', '^\\.node/', '^\\.heddle/'] },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
