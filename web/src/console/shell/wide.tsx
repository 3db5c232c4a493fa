/** A part that scrolls sideways by itself, also by the keyboard, so that the page never does. */
export function Wide({ label, children }: { label: string; children: preact.ComponentChildren }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div class="wide" tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  )
}
