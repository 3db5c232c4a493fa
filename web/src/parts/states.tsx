/** What every page shows when it has nothing to show yet, or nothing new. */

import type { ComponentChildren } from 'preact'
import './states.css'

/** Grey shapes where content will be; read aloud as `label`. */
export function Loading({ label }: { label: string }) {
  return (
    <main class="loading" aria-busy="true">
      <p class="unseen" role="status">
        {label}
      </p>
      <div class="bone bone-short" />
      <div class="bone bone-title" />
      <div class="bone bone-tall" />
      <div class="bone" />
    </main>
  )
}

/** A page that can show nothing, with the reason and what to do. */
export function Failed(props: { title: string; text: string; again?: { label: string; go: () => void } }) {
  return (
    <main class="failed">
      <span class="failed-mark" aria-hidden="true" />
      <h1>{props.title}</h1>
      <p role="status">{props.text}</p>
      {props.again && (
        <button type="button" class="button" onClick={props.again.go}>
          {props.again.label}
        </button>
      )}
    </main>
  )
}

/** A line above content that is older than it should be. */
export function Notice({ children }: { children: ComponentChildren }) {
  return (
    <p class="notice" role="status">
      {children}
    </p>
  )
}
