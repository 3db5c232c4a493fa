/** What sw.config.ts puts into the worker. */
declare const VERSION: string
/** The files without which the app does not start. */
declare const SHELL: string[]
/** What is fetched after the start: map, scanner, icons. */
declare const LATER: string[]
