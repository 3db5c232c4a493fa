import type { ComponentChildren } from 'preact'

/** What was done, read aloud. */
export function Done({ children }: { children: ComponentChildren }) {
  return (
    <p class="done" role="status">
      {children}
    </p>
  )
}
