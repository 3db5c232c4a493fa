import type { ComponentChildren } from 'preact'
import { fill } from '../../parts/texts'
import { ago } from '../../parts/time'
import { addressOf } from '../address'
import { useApp } from '../app'
import { BackIcon } from '../icons'
import type { Reading } from '../reading'

/** The head of a screen: its heading, and the way back if it was opened from another one. */
export function Head({ title, back, children }: { title: string; back?: string; children?: ComponentChildren }) {
  const { texts } = useApp()
  return (
    <header class="head">
      {back && (
        <a class="head-back" href={addressOf(back)} aria-label={texts.back}>
          <BackIcon />
        </a>
      )}
      <h1>{title}</h1>
      {children}
    </header>
  )
}

/** A reading on a screen: its value, with its age if it is old, or the reason why there is none. */
export function Read<Value>(props: { of: Reading<Value>; children: (value: Value) => ComponentChildren }) {
  const { texts, language, online } = useApp()
  const { value, at, trouble, again } = props.of
  const told = online ? trouble : 'offline'
  if (value === null) {
    if (!told) return <Bones />
    return (
      <div class="empty">
        <h2>{texts.trouble.title}</h2>
        <p role="status">{texts.trouble.never[told]}</p>
        <button type="button" class="button button-quiet" onClick={again}>
          {texts.again}
        </button>
      </div>
    )
  }
  return (
    <>
      {told && at !== null && (
        <p class="line line-warn" role="status">
          {fill(texts.trouble[told], { ago: ago(at, Date.now(), language) })}
        </p>
      )}
      {props.children(value)}
    </>
  )
}

/** Grey shapes where content will be. */
export function Bones() {
  const { texts } = useApp()
  return (
    <div aria-busy="true">
      <p class="unseen" role="status">
        {texts.loading}
      </p>
      <div class="bone bone-tall" />
      <div class="bone" />
      <div class="bone" />
    </div>
  )
}

export function Empty({ title, text, children }: { title: string; text: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  )
}
