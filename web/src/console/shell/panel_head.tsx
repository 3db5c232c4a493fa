import type { RefObject } from 'preact'
import { useDesk } from './desk'

interface HeadProps {
  title: string
  kind: string
  heading: RefObject<HTMLHeadingElement | null>
  close: () => void
}

/** The head of a panel. Its heading takes the focus when the panel opens. */
export function PanelHead({ title, kind, heading, close }: HeadProps) {
  const { texts } = useDesk()
  return (
    <header class="panel-head">
      <div>
        <p class="soft">{kind}</p>
        <h2 id="panel-heading" ref={heading} tabIndex={-1}>
          {title}
        </h2>
      </div>
      <button type="button" class="act" onClick={close}>
        {texts.close}
      </button>
    </header>
  )
}
