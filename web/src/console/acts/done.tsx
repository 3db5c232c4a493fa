import type { ComponentChildren } from 'preact'

/** A message that something was done; screen readers read it aloud. */
export function Done({ children }: { children: ComponentChildren }) {
  return (
    <p class="done" role="status">
      {children}
    </p>
  )
}
