/** The version of the build. sw.config.ts puts all of these into the worker. */
declare const VERSION: string
/** The files without which the app does not start. */
declare const SHELL: string[]
/** The files that are fetched after the start: map, scanner, icons. */
declare const LATER: string[]
